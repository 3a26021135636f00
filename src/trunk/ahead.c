/*
 * A trunk with streams that are ready is on net->busy. A stream leaves
 * trunk->ready when it ends; its trunk leaves net->busy when it is looked at
 * the next time.
 *
 * While too much is unsent on a trunk, nothing of it goes to the core: its
 * clients would make more lines for a gate that does not read.
 */
#include "trunk/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "trunk/state.h"

/* One thing that waits: a line, or CLOSED. */
struct trunk_waiting {
	STAILQ_ENTRY(trunk_waiting) link;
	bool closed;
	bool too_long, bad; /* of a line: struct event has them */
	size_t n;
	char text[]; /* the line, or the reason of CLOSED */
};

uint32_t
trunk_ahead_lines(const struct trunk_stream *s)
{
	return s->ahead != NULL ? s->ahead->lines : 0;
}

bool
trunk_ahead_closed(const struct trunk_stream *s, struct span *reason)
{
	const struct trunk_waiting *x;

	if (!s->left || s->ahead == NULL)
		return false;
	x = STAILQ_LAST(&s->ahead->items, trunk_waiting, link);
	*reason = span_make(x->text, x->n);
	return true;
}

static struct trunk_waiting *
waiting_new(const struct event *ev)
{
	bool closed = ev->kind == EV_CONN_CLOSED;
	struct span text = closed ? ev->u.closed.reason : ev->u.line.line;
	struct trunk_waiting *x = mem_alloc(sizeof(*x) + text.n);

	x->closed = closed;
	x->too_long = !closed && ev->u.line.too_long;
	x->bad = !closed && ev->u.line.bad;
	x->n = text.n;
	if (text.n > 0)
		memcpy(x->text, text.p, text.n);
	return x;
}

void
trunk_ahead_put(struct trunk_net *net, struct trunk_stream *s,
    const struct event *ev)
{
	struct trunk_waiting *x = waiting_new(ev);
	struct trunk_ahead *a = s->ahead;

	if (a == NULL) {
		a = s->ahead = mem_zalloc(sizeof(*a));
		a->stream = s;
		STAILQ_INIT(&a->items);
	}
	STAILQ_INSERT_TAIL(&a->items, x, link);
	a->lines += !x->closed;
	trunk_ahead_wake(net, s);
}

void
trunk_ahead_wake(struct trunk_net *net, struct trunk_stream *s)
{
	struct trunk_ahead *a = s->ahead;
	struct trunk *t = s->trunk;

	if (a == NULL || a->ready || t->state != TRUNK_UP ||
	    (s->wants == 0 && !STAILQ_FIRST(&a->items)->closed))
		return;
	a->ready = true;
	TAILQ_INSERT_TAIL(&t->ready, a, ready_link);
	if (t->busy)
		return;
	t->busy = true;
	TAILQ_INSERT_TAIL(&net->busy, t, busy_link);
}

static void
leave_ready(struct trunk_ahead *a)
{
	if (a->ready)
		TAILQ_REMOVE(&a->stream->trunk->ready, a, ready_link);
	a->ready = false;
}

void
trunk_ahead_hurry(struct trunk_net *net, struct trunk_stream *s)
{
	struct trunk_ahead *a = s->ahead;
	struct trunk_waiting *x;

	while (!(x = STAILQ_FIRST(&a->items))->closed) {
		STAILQ_REMOVE_HEAD(&a->items, link);
		free(x);
	}
	s->trunk->lines -= a->lines;
	a->lines = 0;
	trunk_ahead_wake(net, s);
}

void
trunk_ahead_drop(struct trunk_stream *s)
{
	struct trunk_ahead *a = s->ahead;
	struct trunk_waiting *x;

	if (a == NULL)
		return;
	while ((x = STAILQ_FIRST(&a->items)) != NULL) {
		STAILQ_REMOVE_HEAD(&a->items, link);
		free(x);
	}
	s->trunk->lines -= a->lines;
	leave_ready(a);
	free(a);
	s->ahead = NULL;
}

void
trunk_ahead_end(struct trunk_net *net, struct trunk *t)
{
	if (t->busy)
		TAILQ_REMOVE(&net->busy, t, busy_link);
	t->busy = false;
}

static void
take_line(const struct trunk_step *st, struct trunk_stream *s,
    const struct trunk_waiting *x, struct event *core)
{
	trunk_event(st, EV_LINE, s, core);
	core->u.line.line =
	    arena_span_dup(st->fx->arena, span_make(x->text, x->n));
	core->u.line.too_long = x->too_long;
	core->u.line.bad = x->bad;
	s->wants--;
	s->trunk->lines--;
	s->ahead->lines--;
}

static void
take_closed(const struct trunk_step *st, struct trunk_stream *s,
    const struct trunk_waiting *x, struct event *core)
{
	trunk_event(st, EV_CONN_CLOSED, s, core);
	core->u.closed.reason =
	    arena_span_dup(st->fx->arena, span_make(x->text, x->n));
}

/* Take the first thing that waits of a stream. */
static void
take(const struct trunk_step *st, struct trunk_ahead *a, struct event *core)
{
	struct trunk_waiting *x = STAILQ_FIRST(&a->items);
	struct trunk_stream *s = a->stream;

	leave_ready(a);
	STAILQ_REMOVE_HEAD(&a->items, link);
	if (x->closed)
		take_closed(st, s, x, core);
	else
		take_line(st, s, x, core);
	free(x);
	if (STAILQ_EMPTY(&a->items))
		trunk_ahead_drop(s);
	if (core->kind == EV_CONN_CLOSED)
		trunk_stream_free(&st->net->streams, s);
	else
		trunk_ahead_wake(st->net, s);
}

bool
trunk_ahead_next(const struct trunk_step *st, struct event *core)
{
	struct trunk_net *net = st->net;
	const struct trunk *first = NULL;
	struct trunk *t;

	while ((t = TAILQ_FIRST(&net->busy)) != NULL && t != first) {
		TAILQ_REMOVE(&net->busy, t, busy_link);
		t->busy = !TAILQ_EMPTY(&t->ready);
		if (!t->busy)
			continue;
		TAILQ_INSERT_TAIL(&net->busy, t, busy_link);
		if (trunk_reads(net, t)) {
			take(st, TAILQ_FIRST(&t->ready), core);
			return true;
		}
		if (first == NULL)
			first = t;
	}
	return false;
}

bool
trunk_ahead_any(const struct trunk_net *net)
{
	const struct trunk *t;

	TAILQ_FOREACH(t, &net->busy, busy_link)
		if (!TAILQ_EMPTY(&t->ready) && trunk_reads(net, t))
			return true;
	return false;
}
