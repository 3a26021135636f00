/*
 * The facts know the walks that a step left unfinished, and each member that
 * goes pushes on those that would come to it next. There are few of them: of
 * long answers that are being given.
 */
#include "core/facts/walk.h"

#include "core/facts/facts.h"

void
walk_keep(struct facts *f, struct chan_walk *w)
{
	LIST_INSERT_HEAD(&f->walks, w, link);
}

void
walk_end(struct chan_walk *w)
{
	LIST_REMOVE(w, link);
}

void
walk_pass(struct facts *f, const struct member *m)
{
	struct chan_walk *w;

	LIST_FOREACH(w, &f->walks, link)
		if (w->next == m)
			w->next = TAILQ_NEXT(m, chan_link);
}

void
walk_forget(struct facts *f, const struct chan *c)
{
	struct chan_walk *w;

	LIST_FOREACH(w, &f->walks, link)
		if (w->chan == c) {
			w->chan = NULL;
			w->next = NULL;
		}
}
