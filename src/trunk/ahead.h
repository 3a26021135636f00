/*
 * ahead.h - what came of a stream before the core is ready for it.
 *
 * The core grants a client one line after the other. If a gate had to wait for
 * each of these grants, each line would need its own way to the server and
 * back. So a stream may be some lines ahead (gate-protocol.md, 5.4): they wait
 * here, in their order, and the core gets one for each line that it grants.
 * CLOSED waits behind them.
 *
 *	CMD ──→ waits ──→ ready ──→ the core
 *	              the core grants a line
 *
 * Streams that are ready take turns line by line, and so do trunks. So a gate
 * with many busy clients does not hold up another one. A stream of which
 * nothing waits has no memory here.
 */
#ifndef TRUNK_AHEAD_H
#define TRUNK_AHEAD_H

#include <bsd/sys/queue.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct event;
struct trunk;
struct trunk_net;
struct trunk_step;
struct trunk_stream;

/* A stream may be that many lines ahead, and all streams of a trunk together
 * that many (gate-protocol.md, part 8). */
#define TRUNK_AHEAD 16
#define TRUNK_AHEAD_ALL 65536

struct trunk_waiting;

/* The lines of one stream that wait, and CLOSED; the stream owns it. */
struct trunk_ahead {
	struct trunk_stream *stream;
	STAILQ_HEAD(, trunk_waiting) items;
	uint32_t lines; /* of these; the other one is CLOSED */
	bool ready;
	TAILQ_ENTRY(trunk_ahead) ready_link; /* on trunk->ready */
};

/* Return how many lines of the stream wait. */
uint32_t trunk_ahead_lines(const struct trunk_stream *);
/* Return why the client has gone, if CLOSED waits; borrowed. Else return false.
 */
bool trunk_ahead_closed(const struct trunk_stream *, struct span *reason);

/* Keep an EV_LINE or EV_CONN_CLOSED of the stream behind what waits. */
void trunk_ahead_put(struct trunk_net *, struct trunk_stream *,
    const struct event *);
/* See whether the core is ready for what waits of the stream. Call this when
 * the core grants it a line. */
void trunk_ahead_wake(struct trunk_net *, struct trunk_stream *);
/* Drop the lines before CLOSED, which waits. */
void trunk_ahead_hurry(struct trunk_net *, struct trunk_stream *);
/* Free what waits of the stream. */
void trunk_ahead_drop(struct trunk_stream *);
/* Forget that streams of the trunk are ready, since it ends. */
void trunk_ahead_end(struct trunk_net *, struct trunk *);

/* Get the next event that the core is ready for, in the memory of the step.
 * Return false if there is none. EV_CONN_CLOSED has freed its stream. */
bool trunk_ahead_next(const struct trunk_step *, struct event *core);
/* Return true if trunk_ahead_next() would get an event. */
bool trunk_ahead_any(const struct trunk_net *);

#endif
