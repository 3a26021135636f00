/*
 * walk.h - a walk over the members of a channel in several steps, oldest first,
 * for long answers (core/sessions/listing.h). It visits each user once who
 * stays on the channel all the while.
 */
#ifndef CORE_WALK_H
#define CORE_WALK_H

#include <bsd/sys/queue.h>

struct chan;
struct facts;
struct member;

struct chan_walk {
	const struct chan *chan; /* borrowed; NULL after the channel is gone */
	const struct member *next; /* NULL: at the end */
	LIST_ENTRY(chan_walk) link;
};

/* Begin a walk at chan and next that lasts over the following steps. The memory
 * is the caller's, who must end the walk before freeing it. */
void walk_keep(struct facts *, struct chan_walk *);
void walk_end(struct chan_walk *);

/* Tell all walks that this member, or this channel, is about to go. */
void walk_pass(struct facts *, const struct member *);
void walk_chan_gone(struct facts *, const struct chan *);

#endif
