/*
 * pump.h - what goes out on a link: the log behind its cursor, or a snapshot
 * where the log does not reach back far enough (doc/link-protocol.md, part 7).
 */
#ifndef LINK_PUMP_H
#define LINK_PUMP_H

#include <stdbool.h>
#include <stddef.h>

struct link;
struct link_net;
struct link_step;

/* All links, until nothing is left or they have enough unsent. */
void pump_all(const struct link_step *);

/* Unsent bytes at which it stops. */
size_t pump_bytes(const struct link_net *);

/* Is there more for it than the connection takes at the moment? */
bool pump_is_stopped(const struct link_step *, struct link *);

/* ph is what the other side says now: begin at the start of the log. */
void pump_rewind(const struct link_step *, struct link *);
void pump_rewind_all(const struct link_step *); /* those that are up */

#endif
