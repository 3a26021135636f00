/*
 * shown_list.h - the lists of a channel as clients are shown them.
 *
 * Masks that look alike are shown as one (core/facts/masks.h). A list is read
 * in the order of (stamp, dot), which is the same on all servers. An expired
 * mask stays on its list until it is removed, so that lists are alike
 * everywhere; readers look at the clock.
 */
#ifndef CORE_SHOWN_LIST_H
#define CORE_SHOWN_LIST_H

#include "core/facts/facts.h"

struct shown_mask {
	struct rcbuf *text; /* mask SP setter; a reference */
	struct stamp stamp;
	struct dot dot;
	struct stamp expiry; /* the last of those that look like it; 0: never */
	bool told; /* to clients: it had not expired yet when it came */
	RB_ENTRY(shown_mask) order_link, mask_link;
};

/* Return how many masks the list has, expired ones included. */
uint32_t shown_count(const struct chan *, unsigned list);
/* Return how many of them can expire. */
uint32_t shown_count_ending(const struct chan *, unsigned list);

/* Return the first mask of the list, and the one after m; or NULL. */
struct shown_mask *shown_first(const struct chan *, unsigned list);
struct shown_mask *shown_next(const struct shown_mask *m);

/* Return the first mask of the list behind that place in the order of (stamp,
 * dot), or NULL. A place that is all 0 is before all masks. */
struct shown_mask *shown_behind(const struct chan *, unsigned list,
    struct stamp, struct dot);

/* Return how many masks all lists have. */
uint32_t shown_count_all(const struct chan *);

/* Return the mask of the list whose text is the least that is greater than
 * `mask`, byte by byte; or NULL. */
struct shown_mask *shown_after(const struct chan *, unsigned list,
    struct span mask);

/* Return the mask with that text before the space, or NULL. */
struct shown_mask *shown_find(const struct chan *, unsigned list,
    struct span mask);

/* ---- for the show code alone ---- */

/* Put a mask on the list that is not there yet: the text, stamp and dot of m,
 * with that expiry. Return it, not told yet. */
struct shown_mask *shown_put(struct chan *, unsigned list, const struct mask *m,
    struct stamp expiry);
/* Take the mask off the list and free it. */
void shown_remove(struct chan *, unsigned list, struct shown_mask *);
/* Empty all lists. */
void shown_clear(struct chan *);
/* Take all lists off the channel and put them before those of `shed`. */
void shown_shed(struct chan *, struct shown_lists **shed);
/* Free masks of the lists in `shed`, at most n. Return how many are freed: less
 * than n if none is left. */
size_t shown_free(struct shown_lists **shed, size_t n);

#endif
