/*
 * Rejected: to look at the modes of each receiver when a message is sent. A
 * channel of thousands would pay for it with each line, and most of its members
 * read as all do.
 */
#include "core/sessions/reading.h"

#include "core/sessions/audience.h"
#include "core/types/cost.h"

static uint64_t
bits_of(const struct tables *t, uint64_t modes)
{
	uint64_t set = 0;

	for (unsigned i = 0; i < t->nrendered; i++)
		if ((t->rendered_mode[i] & modes) != 0)
			set |= UINT64_C(1) << (CAP_NONE + i);
	return set;
}

static void
note(struct session *s, uint64_t bits)
{
	s->caps = (s->caps & ~CAPS_READING) | bits;
}

void
reading_user(struct step *st, const struct user *u)
{
	struct session *s;

	LIST_FOREACH(s, &u->sessions, user_link)
		note(s, bits_of(st->tables, u->modes));
	audience_changed(st->core);
}

void
reading_renew(struct step *st)
{
	struct conn *x;

	for (uint32_t i = 0; (x = core_next_conn(st->core, &i)) != NULL;) {
		step_spend(st, COST_MEMBERSHIP);
		if (x->session->user != NULL)
			note(x->session,
			    bits_of(st->tables, x->session->user->modes));
	}
	audience_changed(st->core);
}

struct span
reading_body(const struct step *st, struct span body, size_t text,
    unsigned rows)
{
	struct span to, read = span_tail(body, text);
	struct writer w;

	for (unsigned i = 0; i < st->tables->nrendered; i++)
		if (rows >> i & 1)
			read =
			    st->tables->rendered[i]->rendered(st->arena, read);
	to = span_head(body, text);
	writer_init_arena(&w, st->arena, to.n + read.n);
	writer_span(&w, to);
	writer_span(&w, read);
	return writer_done(&w);
}
