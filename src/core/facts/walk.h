/*
 * walk.h - over the members of a channel in several steps, oldest first: who
 * stays on it all the while comes once. For long answers
 * (core/sessions/listing.h).
 */
#ifndef CORE_WALK_H
#define CORE_WALK_H

#include <bsd/sys/queue.h>

struct chan;
struct facts;
struct member;

struct chan_walk {
	const struct chan *chan;   /* borrowed; NULL when it is no more */
	const struct member *next; /* NULL: no more */
	LIST_ENTRY(chan_walk) link;
};

/* From chan and next on, over the steps that follow; the caller's memory, to be
 * ended before it goes. */
void walk_keep(struct facts *, struct chan_walk *);
void walk_end(struct chan_walk *);

/* The member, the channel is about to go: no walk stops there any more. */
void walk_pass(struct facts *, const struct member *);
void walk_forget(struct facts *, const struct chan *);

#endif
