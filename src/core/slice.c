#include "core/slice.h"

#include "core/sessions/batch.h"
#include "core/show/show.h"
#include "core/types/cost.h"

#define PIECES_MORE 4

void
slice_begin(struct step *st)
{
	if (++st->core->slice == 0)
		st->core->slice = 1;
}

bool
slice_has_left(const struct core *c, const struct slice *x)
{
	return work_has_left(&c->work) ||
	       (x->more < x->first &&
		   c->work.left > c->work.floor - PIECES_MORE * c->work.piece);
}

/* The user's line goes to all sessions here that share a channel, and each of
 * these channels may have a mode to tell. */
void
slice_spend(struct step *st, struct slice *x, const struct user *u)
{
	const struct member *m;
	size_t n;

	step_spend(st, COST_VISIT);
	TAILQ_FOREACH(m, &u->members, user_link) {
		n = m->chan->nlocal;
		step_spend(st, 2 * COST_VISIT + n * COST_MORE);
		x->more += n * COST_MORE;
		if (m->chan->slice == st->core->slice)
			continue;
		m->chan->slice = st->core->slice;
		step_spend(st, n * COST_SEND);
		x->first += n * COST_SEND;
	}
}

void
slice_show(struct step *st, const struct slice *x)
{
	int64_t left;

	if (x->split != NULL)
		batch_begin(st, rcbuf_span(x->split));
	if (x->join != NULL)
		st->netjoin = rcbuf_span(x->join);
	left = st->core->work.left;
	show_step(st);
	if (st->batch.ref.n > 0)
		batch_end(st);
	st->core->work.left = left; /* slice_spend has counted all this */
	st->netjoin = SPAN_NONE;
}
