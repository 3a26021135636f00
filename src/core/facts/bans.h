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
#include "wire/glob_index.h"
#include "wire/mask.h"
#include "wire/net_index.h"

struct ban {
	const struct unknown *fact; /* has the text; borrowed */
	struct rcbuf *line; /* owned: of a ban of this server alone; or NULL */
	struct rcbuf *real_name; /* owned: the mask with its spaces; or NULL */
	struct cinc id;
	struct stamp expiry; /* 0: never */
	enum ban_kind kind;  /* BAN_KINDS: it has no row */
	uint32_t lifts;	     /* BANB(): of an exception */
	uint64_t hits;	     /* since this server has the element */
	struct span mask;    /* in fact or line */
	struct shelf_item text_at, net_at; /* in one index, or in none */
	struct shelf_item mask_at;
	RB_ENTRY(ban) id_link, end_link;
};

/* A user, or a connection without one, that is compared with bans. */
struct ban_query {
	struct mask_who who; /* of a connection: its address alone */
	struct span realname;
	uint32_t kinds; /* BANB() of those that are asked for */
	struct wall now;
};

/*
 * Set hit[kind] to the ban of the least id that hits, or to NULL, for all
 * kinds. Kinds that an exception lifts are not hit; the exception is at
 * hit[BAN_EXCEPT]. Only KLINE, DLINE, XLINE and SHUN can hit. Add to *steps
 * what was compared.
 */
void bans_ask(const struct facts *, const struct ban_query *,
    const struct ban *hit[BAN_KINDS], size_t *steps);

/* Return true if an exception lifts bans of that kind for the user. */
bool bans_lift(const struct facts *, const struct ban_query *, enum ban_kind,
    size_t *steps);

/* Return the ban of the least id that reserves the name, or NULL. The kind is
 * RESV_NICK or RESV_CHANNEL. */
const struct ban *bans_reserve(const struct facts *, enum ban_kind,
    struct span name, struct wall now, size_t *steps);

/* Return a jupe that is not over and names a server by its name or sid, or
 * NULL. */
const struct ban *bans_jupe(const struct facts *, struct span name,
    struct span sid, struct wall now);

/* Count a hit of the ban. Hits are no facts. */
void ban_count(const struct ban *);
void ban_set_hits(const struct ban *, uint64_t hits);

/* Return true if the ban hits, whatever its expiry and its exceptions. */
bool ban_matches(const struct ban *, const struct ban_query *, size_t *steps);

/* Return the mask of a real name with spaces in the place of `\s`. The caller
 * owns the reference. */
struct rcbuf *ban_real_name(struct span mask);

/* Return true if the mask has the form that the kind needs. */
bool ban_mask_check(enum ban_kind, struct span mask);

/* Return the first ban in the order of ids, and the ban after b, which is of
 * another id; or NULL. */
const struct ban *bans_first(const struct facts *);
const struct ban *bans_next(const struct facts *, const struct ban *b);
/* Return the ban of that id, or the first ban after it; or NULL. */
const struct ban *bans_from(const struct facts *, struct cinc id);
/* Return the ban of that id, or NULL. */
const struct ban *bans_find(const struct facts *, struct cinc id);
/* Return an element of that kind and mask, whose case does not count, and the
 * element after b; or NULL. */
const struct ban *bans_of_mask(const struct facts *, enum ban_kind,
    struct span mask);
const struct ban *bans_next_of_mask(const struct ban *b);
/* Return the next element of the same ban, in the order of dots, or NULL. */
const struct ban *ban_copy(const struct ban *);
/* Return the number of elements, those of all bans. */
size_t bans_count(const struct facts *);

/* Return the element that ends first, and the one after b; or NULL. Elements
 * without an end are not among these. */
const struct ban *bans_first_end(const struct facts *);
const struct ban *bans_next_end(const struct ban *b);
/* Return the first element behind that end and id, or NULL. */
const struct ban *bans_end_after(const struct facts *, struct stamp,
    struct cinc);

/* Read what the ban says; the texts are borrowed until it goes. */
void ban_read(const struct ban *, struct ban_text *);

/* Return true if the ban is not over. */
bool ban_holds(const struct ban *, struct wall now);

/* ---- bans of this server alone, which are no facts ---- */

/* Add the ban of a line, unless ban_parse() cannot read it, or there is a ban
 * of this server with that id. */
void bans_add_own(struct facts *, struct span line);
/* Drop a ban for which ban_is_own() is true. */
void bans_drop_own(struct facts *, const struct ban *);
bool ban_is_own(const struct ban *);

/* Return a number that changes whenever bans_stirred() becomes true. */
uint64_t bans_serial(const struct facts *);
/* Return true if a ban has come or gone, since the last call, by which other
 * users may be hit. */
bool bans_stirred(struct facts *);
/* Let the next bans_stirred() return true. */
void bans_stir(struct facts *);

/* ---- for facts.c and unknown.c ---- */

struct bans *bans_new(const unsigned char seed[SIPHASH_KEY]);
/* Free the bans. Return how many were left. */
size_t bans_free(struct facts *);

/* Take note of an element of the verb BAN that has come, or that goes. */
void bans_fact_comes(struct facts *, const struct unknown *);
void bans_fact_goes(struct facts *, const struct unknown *);

#endif
