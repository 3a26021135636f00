#include "unit/core/readers.h"

#include <check.h>

#define TURNS 10000 /* more than any test takes */

void
readers_take(struct readers *r, unsigned i)
{
	r->take(r->ctx, i, rig_heard(r->rig, i));
	if (r->rig->drain[i])
		rig_read(r->rig, i);
}

static void
count_visits(struct readers *r)
{
	uint64_t n = r->rig->core->facts.visits - r->visits;

	if (n > r->most_visits)
		r->most_visits = n;
	r->visits = r->rig->core->facts.visits;
}

static void
read_one(struct readers *r, unsigned i)
{
	size_t waits = r->rig->nout[i];

	if (!r->deaf[i] && waits > r->most)
		r->most = waits;
	if (waits > r->rig->class.sendq) {
		r->closed[i] = true;
		rig_close(r->rig, i);
	} else if (!r->deaf[i] && waits > 0)
		readers_take(r, i);
}

void
readers_read(struct readers *r)
{
	for (unsigned i = 1; i <= READERS; i++) {
		count_visits(r);
		if (!r->closed[i])
			read_one(r, i);
	}
	count_visits(r);
}

void
readers_run(struct readers *r)
{
	readers_read(r);
	while (rig_tick(r->rig)) {
		ck_assert_uint_lt(r->turns++, TURNS);
		readers_read(r);
	}
}

void
readers_pass(struct readers *r, int64_t ms)
{
	rig_advance(r->rig, ms);
	readers_run(r);
}
