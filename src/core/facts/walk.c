/*
 * The facts know the walks that a step left unfinished. When a member goes,
 * each walk that would visit it next moves on to the member after it. There are
 * few walks: one for each long answer that is being given.
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
walk_chan_gone(struct facts *f, const struct chan *c)
{
	struct chan_walk *w;

	LIST_FOREACH(w, &f->walks, link)
		if (w->chan == c) {
			w->chan = NULL;
			w->next = NULL;
		}
}
