/* The lists of all streams, and the end of a turn, which works through them. */
#include <stdlib.h>

#include "base/mem.h"
#include "net/stream_state.h"

static void
work_pulled(struct stream *s)
{
	bool offer = s->offer;

	stream_announce(s);
	if (!stream_is_open(s))
		return;
	s->offer = false;
	if (offer && s->in_n > 0)
		stream_hand_over(s, s->in, s->in_n);
	if (s->more && stream_is_open(s))
		stream_read_once(s);
	if (s->state != S_GONE)
		stream_rewatch(s);
}

/*
 * A due timer means that an owner has not done all work of this turn, and more
 * lines for the same streams are likely to follow. A write costs far more than
 * a line in it, so let the queues grow for a turn, but not for two
 * (doc/decisions/0033).
 */
static bool
may_hold(struct streams *ss)
{
	ss->holds = !ss->holds && loop_is_late(ss->loop);
	return ss->holds;
}

static bool
only_writes(const struct stream *s)
{
	return s->state == S_OPEN && !s->failed && !s->severed && s->taken == 0;
}

static void
work_touched(struct stream *s)
{
	size_t taken;

	if (s->set->holds && only_writes(s)) {
		stream_touch(s);
		return;
	}
	if ((s->state == S_OPEN || s->state == S_FLUSHING) && !s->failed)
		stream_write_queue(s);
	taken = s->taken;
	s->taken = 0;
	if (taken > 0 && stream_is_open(s) && s->ops->taken != NULL)
		s->ops->taken(s->ctx, taken);
	if (s->severed && stream_is_open(s)) {
		stream_hangup(s);
		return; /* it has failed now, and so is touched again */
	}
	/* S_GONE: its owner closed it in the same turn */
	if (s->failed && s->state != S_GONE)
		stream_bury(s);
	else if (s->state == S_FLUSHING && s->severed)
		stream_vanish(s);
	else if (s->state == S_FLUSHING && s->out.n == 0)
		stream_start_draining(s);
	else if (s->state == S_FLUSHING && s->blocked)
		stream_linger(s);
}

static void
free_dead(struct streams *ss)
{
	struct stream *s, *next, *later = NULL;

	for (s = ss->dead; s != NULL; s = next) {
		next = s->next;
		if (s->on_touched || s->on_pulled) {
			s->next = later;
			later = s;
			continue;
		}
		free(s->in);
		free(s->ends);
		pool_give(&ss->pool, s);
	}
	ss->dead = later;
}

static void
streams_turn(struct hook *h)
{
	struct streams *ss = OF_MEMBER(h, struct streams, hook);
	struct stream *s, *next;

	ss->setups = 0;
	s = ss->pulled;
	ss->pulled = NULL;
	for (; s != NULL; s = next) {
		next = s->pulled;
		s->on_pulled = false;
		work_pulled(s);
	}
	if (!may_hold(ss) && ss->sends != NULL)
		streams_write_together(ss);
	s = ss->touched;
	ss->touched = NULL;
	for (; s != NULL; s = next) {
		next = s->touched;
		s->on_touched = false;
		work_touched(s);
	}
	free_dead(ss);
	ss->hook.busy = ss->pulled != NULL || ss->touched != NULL;
}

struct streams *
streams_new(struct loop *l, size_t total)
{
	struct streams *ss = mem_zalloc(sizeof(*ss));

	ss->loop = l;
	ss->total = total == 0 ? SIZE_MAX : total;
	ss->scratch = mem_alloc(SCRATCH_LEN);
	ss->gather = mem_alloc(BURST_MAX);
	TAILQ_INIT(&ss->lingering);
	ss->hook.turn = streams_turn;
	pool_init(&ss->pool, sizeof(struct stream), "stream");
	loop_hook_add(l, &ss->hook);
	return ss;
}

void
streams_free(struct streams *ss)
{
	while (ss->all != NULL)
		stream_vanish(ss->all);
	for (struct stream *s = ss->dead; s != NULL; s = s->next)
		s->on_touched = s->on_pulled = false;
	free_dead(ss);
	loop_hook_del(ss->loop, &ss->hook);
	pool_fini(&ss->pool);
	free(ss->scratch);
	free(ss->gather);
	sends_free(ss->sends);
	free(ss);
}

size_t
streams_count(const struct streams *ss)
{
	return ss->count;
}

size_t
streams_queued(const struct streams *ss)
{
	return ss->queued;
}
