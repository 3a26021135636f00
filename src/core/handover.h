/*
 * handover.h - lets another core go on with what this one knows, as the same
 * run (doc/decisions/0063). For node/handover.c.
 *
 * The old core says it in lines (core/types/handtext.h), the new one takes them
 * in the same order. The shown state is no line: the new core shows the facts
 * to nobody first, and attaches the sessions after that. So nothing is sent to
 * clients.
 *
 * To hand over one more thing: a line in handover_give.c, a row for it in
 * handover_take.c, and a row in the table of the decision.
 */
#ifndef CORE_HANDOVER_H
#define CORE_HANDOVER_H

#include "core/core.h"
#include "core/types/handtext.h"

/* Return NULL if the core can be handed over now, or what it waits for, a
 * static text. */
const char *core_awaits(const struct core *);

/* End the clients that have not registered. If `all`, let requests of others
 * expire, and end the clients that have anything else under way. Call it again
 * until nothing is. Return how many of those that were ended had registered. */
size_t core_end_busy(struct core *, const struct event *, bool all,
    struct span reason, struct effects *);

/* Get the connections that are handed over, *i from 0; return false after the
 * last. */
bool core_next_client(const struct core *, uint32_t *i, struct conn_id *);

/* Say all. Invariant: core_awaits() returns NULL. */
void core_give(const struct core *, const struct event *, struct handtext *);

/* Return the number of the last entry that this run has made, and whether the
 * server is kept off the network, for the links that take lines. */
uint64_t core_made_upto(const struct core *);
bool core_is_outside(const struct core *);

/* A core that takes lines. */
struct core_taking;

/*
 * Begin to take lines in a core that was given no event; borrow all. The event
 * tells the time, and is an EV_CONF; seed is fresh randomness. The caller ends
 * it with core_take_end(), also after a failure.
 */
struct core_taking *core_take_begin(struct core *, const struct event *,
    const unsigned char seed[32], struct effects *);
/* Return true if a line with that verb is one of the core's. */
bool core_take_has(struct span verb);
/* Take a line, by its verb and the rest. Return NULL, or what is wrong with
 * it. */
const char *core_take_line(struct core_taking *, struct span verb,
    struct span rest);
/* End it: all lines came, or `failed`. Return NULL, or what is missing. */
const char *core_take_end(struct core_taking *, bool failed);

#endif
