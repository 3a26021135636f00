/*
 * The lists of all streams, and the end of a turn, which works through them.
 *
 * Queues that wait. A write costs far more than a line in it. While an owner
 * has more to do (the loop is late: a timer is due already), more lines for the
 * same streams are likely to follow. So the end of such a turn writes a part of
 * the queues, those that have waited longest, and leaves the others to the next
 * turns. Any turn writes a bounded number of queues (doc/decisions/0033).
 *
 *	touched: [ waits longest ............ touched in this turn ]
 *		  `--- share ---' written in this turn
 *
 *	H1  A stream waits only if writing is all that is left to do for it, its
 *	    queue is smaller than one write, and no answer is in it that the
 *	    owner gave in consume().
 *	H2  The list is in the order of being touched. A turn writes at least
 *	    the HOLD_TURNSth part of it, and each queue that has waited for
 *	    HOLD_TURNS - 1 turns, but no more than SHARE_MAX queues.
 *	H3  The loop does not wait for descriptors while a queue waits. If it is
 *	    not late, the share is SHARE_MAX.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "net/stream_state.h"

#define HOLD_TURNS 4
#define SHARE_MIN 64  /* queues: their writes are a small part of a turn */
#define SHARE_MAX 512 /* queues: some 5 ms */

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

/* See H1. */
static bool
may_wait(const struct stream *s)
{
	return s->state == S_OPEN && !s->failed && !s->severed && !s->prompt &&
	       s->taken == 0 && s->out.bytes < s->io->burst;
}

/* Return how many queues are written in this turn, unless more are old. */
static size_t
share(const struct streams *ss)
{
	size_t n = ss->ntouched / HOLD_TURNS + 1;

	if (n > SHARE_MAX || !loop_is_late(ss->loop))
		return SHARE_MAX;
	return n > SHARE_MIN ? n : SHARE_MIN;
}

static bool
is_old(const struct stream *s)
{
	return (unsigned char)(s->set->turn - s->since) >= HOLD_TURNS - 1;
}

/* Move the touched streams that do not wait in this turn to the list `due`. */
static void
take_due(struct streams *ss, struct touched *due)
{
	struct touched all = STAILQ_HEAD_INITIALIZER(all);
	size_t want = share(ss), n = 0;
	struct stream *s;

	ss->ntouched = 0;
	STAILQ_CONCAT(&all, &ss->touched);
	while ((s = STAILQ_FIRST(&all)) != NULL) {
		STAILQ_REMOVE_HEAD(&all, touched);
		if (may_wait(s) &&
		    (n >= SHARE_MAX || (n >= want && !is_old(s)))) {
			STAILQ_INSERT_TAIL(&ss->touched, s, touched);
			ss->ntouched++;
			continue;
		}
		STAILQ_INSERT_TAIL(due, s, touched);
		n++;
	}
	ss->turn++;
}

static void
work_touched(struct stream *s)
{
	size_t taken;

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
	struct touched due = STAILQ_HEAD_INITIALIZER(due);
	struct stream *s, *next;

	ss->setups = 0;
	s = ss->pulled;
	ss->pulled = NULL;
	for (; s != NULL; s = next) {
		next = s->pulled;
		s->on_pulled = false;
		work_pulled(s);
	}
	take_due(ss, &due);
	if (ss->sends != NULL)
		streams_write_together(ss, &due);
	while ((s = STAILQ_FIRST(&due)) != NULL) {
		STAILQ_REMOVE_HEAD(&due, touched);
		s->on_touched = s->prompt = false;
		work_touched(s);
	}
	free_dead(ss);
	ss->hook.busy = ss->pulled != NULL || !STAILQ_EMPTY(&ss->touched);
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
	STAILQ_INIT(&ss->touched);
	ss->hook.turn = streams_turn;
	pool_init(&ss->pool, sizeof(struct stream), "stream");
	loop_hook_add(l, &ss->hook);
	return ss;
}

void
streams_set_total(struct streams *ss, size_t total)
{
	ss->total = total == 0 ? SIZE_MAX : total;
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
	ws_free(ss->ws);
	free(ss);
}

size_t
streams_count(const struct streams *ss)
{
	return ss->count;
}

void
streams_bytes(const struct streams *ss, uint64_t *in, uint64_t *out)
{
	*in = ss->bytes_in;
	*out = ss->bytes_out;
}

size_t
streams_queued(const struct streams *ss)
{
	return ss->queued;
}
