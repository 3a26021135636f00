/*
 * The lie cannot be undone here: only the server in whose name both entries are
 * knows which one is true, and the facts of one of them are merged already. So
 * the operator is told, and can compare the servers by `banyanctl facts`.
 */
#include "link/fork.h"

#include <string.h>

#include "link/link.h"
#include "link/state.h"

void
fork_begin(const struct link_step *st, struct fork_check *f,
    const struct entry *head)
{
	fork_fini(f);
	f->same = log_find(&st->net->log, head->o, head->n);
	if (f->same != NULL)
		entry_ref(f->same);
}

static void
compare(struct fork_check *f, struct span s)
{
	struct span text = span_tail(rcbuf_span(f->same->text), f->at);

	if (f->differs || text.n < s.n ||
	    (s.n > 0 && memcmp(text.p, s.p, s.n) != 0))
		f->differs = true;
	else
		f->at += s.n;
}

void
fork_line(struct fork_check *f, struct span begin, struct span end)
{
	if (f->same == NULL)
		return;
	compare(f, begin);
	compare(f, end);
	compare(f, SPAN("\r\n"));
}

static void
tell(const struct link_step *st, struct link *l, const struct entry *e)
{
	struct writer w;

	writer_init_arena(&w, st->fx->arena, 64);
	write_origin(&w, e->o);
	effects_logf(st->fx, LOG_WARNING,
	    { "what",
		SPAN("two servers have different entries of one number: a "
		     "linked server has forged one of them, and facts may "
		     "differ") },
	    { "server", link_name(l) }, { "origin", writer_done(&w) },
	    { "n", num_text(st, e->n) });
}

void
fork_end(const struct link_step *st, struct link *l)
{
	struct fork_check *f = &l->entry.fork;

	if (f->same == NULL || mutated(st->net, MUT_FORK_UNSEEN))
		return;
	if (f->differs || f->at != rcbuf_span(f->same->text).n) {
		if (!l->told_fork)
			tell(st, l, f->same);
		l->told_fork = true;
	}
	fork_fini(f);
}

void
fork_fini(struct fork_check *f)
{
	entry_unref(f->same);
	*f = (struct fork_check){ 0 };
}
