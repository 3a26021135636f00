/*
 * masks.h - the masks of an incarnation: bans, exceptions, and lists of later
 * versions.
 *
 * Each +LADD is an element of its own. Two elements with the same list and the
 * same mask look alike, and clients are shown one mask for both: the older one,
 * which holds until both have expired. The masks of a founding are in two
 * orders, so that a change of one mask does not look at the others:
 *
 *	masks	by list, mask without case, mask, stamp, dot
 *	ends	by list, mask, expiry, dot; the last to expire comes first
 *
 * An iteration follows the first order, which is the same on all servers: lists
 * are in the order of their names, whether this server has a row for them or
 * not. So no mask moves if rows come or go. The functions below that are given
 * NULL for the name of a list find nothing.
 */
#ifndef CORE_MASKS_H
#define CORE_MASKS_H

#include "core/facts/facts.h"

/* Return the mask itself: the first word of `mask SP setter`. */
struct span mask_of(const struct rcbuf *text);

/* Return the name by which the facts know a list, or NULL if they do not, and
 * so have no masks of it. */
const struct name *list_name(const struct facts *, enum chan_mode list);

/* Return the first mask of the founding, and the one after m; or NULL. */
struct mask *mask_first(const struct founding *);
struct mask *mask_next(const struct mask *m);

/* Return the first mask of that list, or NULL; the others of the list follow
 * it. */
struct mask *mask_first_of(const struct founding *, const struct name *list);

/* Return the first mask of that list which is the same apart from case, or
 * NULL. The others that are the same apart from case follow it. */
struct mask *mask_first_like(const struct founding *, const struct name *list,
    struct span mask);

/* Return the oldest element of that list that looks like the mask, or NULL. */
struct mask *mask_oldest(const struct founding *, const struct name *list,
    struct span mask);

/* Return the oldest element of the first mask of that list that comes after the
 * text, in the order of masks; or NULL. The text need not be on the list, and
 * an empty one comes before all masks. */
struct mask *mask_after(const struct founding *, const struct name *list,
    struct span mask);

/* Return when the last element that looks like m expires; 0: never. */
struct stamp mask_end(const struct mask *m);

/* ---- for facts_write.h alone ---- */

/* Put the mask into the orders of its founding, and take it out. */
void masks_add(struct mask *);
void masks_del(struct mask *);

#endif
