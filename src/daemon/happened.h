/*
 * happened.h - passes what the daemon has logged to the node, so that operators
 * hear of it (EV_HAPPENED). The node makes the notices of its own events
 * itself.
 *
 * Something is logged in the middle of a step, or while a stream is served, and
 * steps do not nest. So events wait until the next turn of the loop.
 */
#ifndef DAEMON_HAPPENED_H
#define DAEMON_HAPPENED_H

#include "daemon/banyand.h"

/* Prepare the queue; nothing is in it. */
void happened_init(struct banyand *);

/* Queue an event. The fields are copied. If HAPPENED_MAX events wait, count the
 * event with a waiting one of the same row; if none waits, drop it. */
#define HAPPENED_MAX 32
void happened_add(struct banyand *, enum log_row, const struct log_field *,
    size_t n);

/* Drop what waits. Call it before the loop is freed. */
void happened_fini(struct banyand *);

#endif
