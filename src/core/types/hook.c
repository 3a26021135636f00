#include "core/types/hook.h"

#include "core/types/tables.h"

/* Return true if a row that needs one of these modes is asked. */
static bool
is_asked(uint64_t need, uint64_t modes)
{
	return need == 0 || (need & modes) != 0;
}

const char *
speak_ask(const struct tables *t, struct speech *x, uint64_t modes)
{
	const char *why = NULL;

	for (unsigned i = 0; why == NULL && i < t->nspeak; i++) {
		if (!is_asked(t->hook_modes.speak[i], modes))
			continue;
		why = t->speak[i]->speak(x);
		if (!t->speak[i]->silences)
			continue;
		if (x->silenced == NULL)
			x->silenced = why;
		why = NULL;
	}
	return why;
}

void
speak_end(const struct tables *t, const struct speech *x, uint64_t modes,
    bool said)
{
	for (unsigned i = 0; i < t->nspeak; i++)
		if (t->speak[i]->ended != NULL &&
		    is_asked(t->hook_modes.speak[i], modes))
			t->speak[i]->ended(x, said);
}

enum status
divert_ask(const struct tables *t, const struct speech *x, uint64_t modes)
{
	enum status min = ST_NONE;

	for (unsigned i = 0; min == ST_NONE && i < t->ndivert; i++)
		if (is_asked(t->hook_modes.divert[i], modes))
			min = t->divert[i]->divert(x);
	return min;
}

const struct numeric_row *
join_ask(const struct tables *t, const struct joining *x, uint64_t modes)
{
	const struct numeric_row *why = NULL;

	for (unsigned i = 0; why == NULL && i < t->njoin; i++)
		if (is_asked(t->hook_modes.join[i], modes))
			why = t->join[i]->join(x);
	return why;
}

struct span
forward_ask(const struct tables *t, const struct joining *x,
    const struct forward_row **row, uint64_t modes)
{
	struct span name = SPAN_NONE;

	for (unsigned i = 0; name.n == 0 && i < t->nforward; i++) {
		if (!is_asked(t->hook_modes.forward[i], modes))
			continue;
		*row = t->forward[i];
		name = (*row)->forward(x);
	}
	return name;
}

const struct numeric_row *
nick_ask(const struct tables *t, const struct renaming *x, uint64_t modes)
{
	const struct numeric_row *why = NULL;

	for (unsigned i = 0; why == NULL && i < t->nnick; i++)
		if (is_asked(t->hook_modes.nick[i], modes))
			why = t->nick[i]->nick(x);
	return why;
}

const struct numeric_row *
claim_ask(const struct tables *t, const struct claiming *x)
{
	const struct numeric_row *why = NULL;

	for (unsigned i = 0; why == NULL && i < t->nclaim; i++)
		why = t->claim[i]->claim(x);
	return why;
}

const struct numeric_row *
send_ask(const struct tables *t, const struct messaging *x, uint64_t modes)
{
	const struct numeric_row *why = NULL;

	for (unsigned i = 0; why == NULL && i < t->nmessage; i++)
		if (t->message[i]->send != NULL &&
		    is_asked(t->hook_modes.message[i], modes))
			why = t->message[i]->send(x);
	return why;
}

bool
receive_ask(const struct tables *t, struct messaging *x, uint64_t modes)
{
	bool may = true;

	for (unsigned i = 0; may && i < t->nmessage; i++)
		if (t->message[i]->receive != NULL &&
		    is_asked(t->hook_modes.message[i], modes))
			may = t->message[i]->receive(x);
	return may;
}

const struct host_row *
host_ask(const struct tables *t, struct writer *w, const struct hosting *x)
{
	size_t n = w->n;

	for (unsigned i = 0; i < t->nhost; i++) {
		t->host[i]->host(w, x);
		if (w->n > n)
			return t->host[i];
	}
	return NULL;
}

void
registered_ask(const struct tables *t, struct writer *w,
    const struct newcomer *x)
{
	for (unsigned i = 0; i < t->nregistered; i++)
		t->registered[i]->registered(w, x);
}

void
joined_tell(const struct tables *t, struct step *st, const struct member *m,
    uint64_t modes)
{
	for (unsigned i = 0; i < t->njoined; i++)
		if (is_asked(t->hook_modes.joined[i], modes))
			t->joined[i]->joined(st, m);
}

void
changed_tell(const struct tables *t, struct step *st, const struct change *ch,
    unsigned kind)
{
	for (unsigned i = 0; i < t->nchanged; i++)
		if (t->changed[i]->kinds >> kind & 1)
			t->changed[i]->changed(st, ch);
}
