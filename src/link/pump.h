/*
 * pump.h - sends on a link what the peer lacks: the log from the cursor on, or
 * a snapshot if the log does not reach back far enough (link-protocol.md, 7.2).
 */
#ifndef LINK_PUMP_H
#define LINK_PUMP_H

#include <stdbool.h>
#include <stddef.h>

struct link;
struct link_net;
struct link_step;

/* Pump each link until nothing is left to send or enough bytes are unsent. */
void pump_all(const struct link_step *);

/* Return how many unsent bytes stop the pump. */
size_t pump_bytes(const struct link_net *);

/* Places of the log that a step looks at for one link. */
#define PUMP_PLACES 4096

/* Return true if a link has to go on with the log in the next step. */
bool pump_rests(const struct link_net *);

/* Return true if there is more to send on the link than it takes now. */
bool pump_is_stopped(const struct link_step *, struct link *);

/* Set the cursor to the start of the log, because ph changed. */
void pump_rewind(const struct link_step *, struct link *);

#endif
