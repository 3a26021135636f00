/*
 * MODULES *name
 *
 * Names the modules of the sender, when the link is up and again when its
 * configuration changes (link-protocol.md, 4.12). Each side compares them with
 * its own and tells its operator which only one of the two has. Nothing is
 * refused: servers of one network may have different modules, and a server
 * keeps and forwards facts of modules that it has not.
 */
#include "core/module.h"
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/words.h"

/* A server compares each of its modules with each of the peer's. */
#define NAMES_MAX 256

static struct span
own(const struct settings *set, size_t i)
{
	return span_of(set->module[i]->name);
}

static bool
has_own(const struct settings *set, struct span name)
{
	for (size_t i = 0; i < set->nmodule; i++)
		if (span_eq(own(set, i), name))
			return true;
	return false;
}

static bool
has_word(struct span words, struct span name)
{
	struct span word;

	while ((word = span_word(&words)).n > 0)
		if (span_eq(word, name))
			return true;
	return false;
}

void
modules_send(const struct link_step *st, struct link *l)
{
	const struct settings *set = st->net->set;
	struct link_line line;

	if (l->state != LINK_UP)
		return;
	line = link_line(st, VERB_MODULES);
	for (size_t i = 0; i < set->nmodule && i < NAMES_MAX; i++) {
		writer_char(&line.w, ' ');
		writer_span(&line.w, own(set, i));
	}
	link_send(st, l, &line);
}

static void
add(struct writer *w, struct span name)
{
	if (w->n > 0)
		writer_char(w, ' ');
	writer_span(w, name);
}

/* Tell our operator of the modules that the peer has and we have not, or the
 * other way round. */
static void
compare(const struct link_step *st, struct link *l)
{
	const struct settings *set = st->net->set;
	struct span rest, word;
	struct writer ours, theirs;

	if (l->modules == NULL)
		return;
	writer_init_arena(&ours, st->fx->arena, LINK_LINE_MAX);
	writer_init_arena(&theirs, st->fx->arena, LINK_LINE_MAX);
	for (size_t i = 0; i < set->nmodule; i++)
		if (!has_word(rcbuf_span(l->modules), own(set, i)))
			add(&ours, own(set, i));
	rest = rcbuf_span(l->modules);
	while ((word = span_word(&rest)).n > 0)
		if (!has_own(set, word))
			add(&theirs, word);
	if (differ_note(&l->modules_differ, writer_done(&ours),
		writer_done(&theirs), st->ev->now))
		effects_logf(st->fx, LOG_MODULES_DIFFER,
		    { "server", link_name(l) }, { "sid", sid_span(&l->o.sid) },
		    { "ours", writer_done(&ours) },
		    { "theirs", writer_done(&theirs) });
}

void
modules_changed(const struct link_step *st, const struct settings *before)
{
	struct link_net *net = st->net;
	bool same = before->nmodule == net->set->nmodule;

	for (size_t i = 0; same && i < before->nmodule; i++)
		same = has_own(net->set, own(before, i));
	for (size_t i = 0; i < net->nlink && !same; i++) {
		modules_send(st, net->link[i]);
		compare(st, net->link[i]);
	}
}

const char *
modules_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct span all = rest, name;
	size_t n = 0;

	while (word_next(&rest, &name))
		if (!module_name_valid(name) || ++n > NAMES_MAX)
			return "expected names of modules";
	if (!word_none(rest))
		return "expected names of modules";
	if (l->modules != NULL && span_eq(rcbuf_span(l->modules), all))
		return NULL;
	rcbuf_unref(l->modules);
	l->modules = rcbuf_new(all);
	compare(st, l);
	return NULL;
}
