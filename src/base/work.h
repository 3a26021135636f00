/*
 * Work in bounded pieces: a budget of what may be done in one turn, and a
 * queue of what is not done yet.
 *
 *	work_renew(w, units)	    a turn begins
 *	work_spend(w, n)	    something was looked at, compared, written
 *	work_run(w, reserve, ctx)   the items of the queue do their pieces
 *	work_waits(w)		    ask to be called again at once
 *
 * An item does a piece of its work and ends it when work_has_left() is false.
 * The items take turns, so a small one does not wait for the end of a large
 * one. A piece may overspend by the last thing it looked at, because what a
 * thing costs is known afterwards. Nothing here reads a clock: the unit is one
 * step of comparing two texts, a few nanoseconds, and everything else is
 * counted in such steps.
 *
 * To make something bounded: embed a struct work_item in it, write a run()
 * that does a piece, and call work_add() when there is something to do.
 */
#ifndef BASE_WORK_H
#define BASE_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The owner embeds it, and takes it out of the queue before it is freed. */
struct work_item {
	/*
	 * Do a piece. The item is out of the queue when this is called. It adds
	 * itself again if it is not done, and may free itself.
	 */
	void (*run)(struct work_item *, void *ctx);
	struct work_item *next, *prev; /* in the queue; NULL: in none */
};

struct work {
	/* next is the first item; it has no work itself */
	struct work_item ring;
	int64_t left; /* units of this turn; negative: overspent */
	/* the running piece ends at this value of left */
	int64_t floor;
	int64_t piece; /* units of one piece */
};

/*
 * Prepare an empty queue, with nothing left to spend. It must not move after
 * that.
 */
void work_init(struct work *);

/* Begin a turn, in which that many units may be spent. */
void work_renew(struct work *, int64_t units);

/* Add the item behind all others; do nothing if it is in the queue. */
void work_add(struct work *, struct work_item *);
/* Take the item out; do nothing if it is in no queue. */
void work_remove(struct work_item *);

/* Let the items do their pieces, in turn, until the queue is empty or no more
 * than `reserve` units are left. */
void work_run(struct work *, int64_t reserve, void *ctx);

/*
 * Begin a piece that is not an item of the queue. Return the value that
 * work_end() needs to end it. A piece may begin inside another one.
 */
int64_t work_begin(struct work *);
/* End the piece that began with work_begin(). */
void work_end(struct work *, int64_t begun);

static inline void
work_spend(struct work *w, size_t n)
{
	w->left -= (int64_t)n;
}

/* Return whether the item is in a queue. */
static inline bool
work_is_queued(const struct work_item *item)
{
	return item->next != NULL;
}

/* Return whether the running piece may go on. */
static inline bool
work_has_left(const struct work *w)
{
	return w->left > w->floor;
}

/* Return whether all units of this turn are spent. */
static inline bool
work_is_spent(const struct work *w)
{
	return w->left <= 0;
}

/* Return whether another turn is needed at once. */
static inline bool
work_waits(const struct work *w)
{
	return w->ring.next != &w->ring || work_is_spent(w);
}

#endif
