/*
 * handover.h - lets another program go on with a node, as the same run
 * (doc/decisions/0063).
 *
 *	old	handover_end_busy()	no client may be in the middle of
 *					something, or unregistered
 *		node_step() ...		until handover_awaits() is NULL
 *		handover_give()		all that the node knows, as lines
 *	new	node_new(), handover_take(), then events as ever
 *
 * The text says the connections of clients by their numbers. The caller sees to
 * it that these numbers mean the same connections to the new node. The new
 * node knows nothing of links: it dials them.
 */
#ifndef NODE_HANDOVER_H
#define NODE_HANDOVER_H

#include "core/types/effect.h"
#include "core/types/event.h"
#include "node/node.h"

/* The version of these lines. A program takes no lines of another version. */
#define HANDOVER_VERSION "1"

/* Return NULL if the node can be handed over now. Otherwise return what it
 * waits for, a static text. A step may change the answer. */
const char *handover_awaits(const struct node *);

/* End the clients that have not registered and, if `all`, those that have
 * something under way, too. The reason is for them. The event tells the time.
 * The caller carries out the effects, closes the connections as ever, and
 * steps the node until handover_awaits() returns NULL. Hand in no lines of
 * clients meanwhile. Return how many of those that were ended had registered.
 */
size_t handover_end_busy(struct node *, const struct event *, bool all,
    struct span reason, struct effects *);

/* Get the connections of clients that are handed over, one after the other, *i
 * from 0; return false after the last. After handover_take() the same
 * connections are those of the new node. */
bool handover_next_client(const struct node *, uint32_t *i, struct conn_id *);

/* Say all that the node knows, in lines without their end, each for the length
 * of the call. The event tells the time. Invariant: handover_awaits() returns
 * NULL. The node must only be freed after that. */
void handover_give(const struct node *, const struct event *,
    void (*line)(void *ctx, struct span), void *ctx);

/* The things that a new node needs. */
struct handover {
	struct span text;		 /* the lines, each with LF */
	const struct settings *settings; /* borrowed, as those of EV_CONF */
	unsigned char seed[32];		 /* fresh randomness */
	struct mono now;
	struct wall wall;
};

/* The line that is wrong, from 1, or 0 for the whole text; and why, which is
 * static. */
struct handover_fault {
	size_t line;
	const char *why;
};

/*
 * Take over what handover_give() said, in place of EV_SEED and EV_CONF: the
 * node is a new one, from node_new(), and has been given no event. Carry out
 * the effects, give it EV_LOADED when the store is read, and step it as ever.
 * Each connection whose socket was lost meanwhile needs its EV_CONN_CLOSED.
 * Return false if the text cannot be taken: free the node then, and drop the
 * effects.
 */
bool handover_take(struct node *, const struct handover *, struct effects *,
    struct handover_fault *);

#endif
