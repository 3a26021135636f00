/*
 * bans.h - the bans of the network that are among the facts
 * (doc/decisions/0043).
 *
 * Each +BAN is an element of its own. A ban that was made again, by a server
 * that had kept it over a restart, has the same id under another dot. Elements
 * with one id are one ban: the element with the least dot says what the ban is,
 * and the ban ends with its last element.
 *
 * A ban that is over (ban_holds()) stays here until it is removed. Bans of
 * kinds without a row are here, too; no user is hit by them.
 */
#ifndef CORE_BANS_H
#define CORE_BANS_H

#include "core/facts/tree.h"
#include "core/facts/unknown.h"
#include "core/part/ban.h"
#include "core/types/ban_kind.h"

struct ban {
	const struct unknown *fact; /* has the text; borrowed */
	struct cinc id;
	struct stamp expiry; /* 0: never */
	enum ban_kind kind;  /* BAN_KINDS: it has no row */
	RB_ENTRY(ban) id_link;
};

/* Return the first ban in the order of ids, and the ban after b, which is of
 * another id; or NULL. */
const struct ban *bans_first(const struct facts *);
const struct ban *bans_next(const struct facts *, const struct ban *b);
/* Return the ban of that id, or NULL. */
const struct ban *bans_find(const struct facts *, struct cinc id);
/* Return the next element of the same ban, in the order of dots, or NULL. */
const struct ban *ban_copy(const struct ban *);

/* Read what the ban says; the texts are borrowed until it goes. */
void ban_read(const struct ban *, struct ban_text *);

/* Return true if the ban is not over. */
bool ban_holds(const struct ban *, struct wall now);

/* ---- for facts.c and unknown.c ---- */

struct bans *bans_new(void);
/* Free the bans. Return how many were left. */
size_t bans_free(struct bans *);

/* Take note of an element of the verb BAN that has come, or that goes. */
void bans_fact_comes(struct facts *, const struct unknown *);
void bans_fact_goes(struct facts *, const struct unknown *);

#endif
