/*
 * cname.h - the names that channels have been given: +CNAME
 * (link-protocol.md, 11.48 to 11.50; doc/decisions/0055).
 *
 *	+CNAME ch by name [:reason]	a register of the incarnation ch
 *
 * It is a later verb, so facts/unknown.h keeps the fact by its kind. Here it is
 * found by its incarnation and by the name that it gives. A name that is the
 * fact name of its channel in another spelling has no place here, since it is
 * the channel's own.
 *
 * A +CNAME is live while its incarnation is the one that is shown of its
 * channel. If several live ones give one name, the channel of the first one may
 * be shown under it (core/show/show_chan_name.h).
 */
#ifndef CORE_CNAME_H
#define CORE_CNAME_H

#include "core/facts/facts.h"
#include "core/part/part.h"

struct unknown;

RB_HEAD(cname_all, cname);
RB_HEAD(cname_live, cname);

/* A name that incarnations have been given. */
struct cname_place {
	struct rcbuf *fold; /* key; owned */
	struct cname_all all;
	struct cname_live live;
	struct chan *holder; /* shown: the channel under this name, or NULL */
};

struct cname {
	struct founding *founding; /* key */
	const struct unknown *fact;
	struct span name;	   /* as spelled; of the fact */
	struct cname_place *place; /* NULL: the fact name of the channel */
	bool is_live;
	RB_ENTRY(cname) all_link, live_link; /* by cinc */
};

struct cnames *cnames_new(const unsigned char seed[16]);
/* Free all. Return how many objects were left. */
size_t cnames_free(struct facts *);

/* Return what gives the incarnation another name, or NULL. */
const struct cname *cname_of(const struct facts *, const struct founding *);
/* Return when it was given, who gave it, and why. The reason may have bytes
 * that no client can read (core/part/clean.h). */
struct stamp cname_stamp(const struct cname *);
struct by cname_by(const struct cname *);
struct text cname_reason(const struct cname *);

/* Return the place of a name, or NULL if no incarnation has been given it. */
struct cname_place *cname_place(const struct facts *, struct span name);
/* Return true if any incarnation has been given another name. */
bool cname_any(const struct facts *);
/* Return the +CNAME of least cinc that gives the name, of all or of those that
 * are live, or the one after it; or NULL. */
struct cname *cname_first(struct cname_place *);
struct cname *cname_next(struct cname *);
struct cname *cname_first_live(struct cname_place *);
struct cname *cname_next_live(struct cname *);

/* Return how many members here the channels have that are renamed if the one
 * ends: each may get a name that it returns. */
size_t cname_waiting(const struct facts *, const struct chan *);

/* Return the words of a +CNAME, in the arena. */
struct span cname_words(struct arena *, const struct ch *, struct by,
    struct span name);

/* ---- for facts/unknown.c, facts_write.c and the show code alone ---- */

/* A +CNAME of the incarnation has come, or goes. The second does nothing if the
 * incarnation has none. */
void cname_comes(struct facts *, struct founding *, const struct unknown *);
void cname_goes(struct facts *, struct founding *);

/* The incarnation is shown from now on, or not any more. */
void cname_enter(struct facts *, const struct founding *);
void cname_leave(struct facts *, const struct founding *);
/* Set the channel that is shown under the name; NULL: none. Then the place may
 * be freed. */
void cname_hold(struct facts *, struct cname_place *, struct chan *);

#endif
