/*
 * install.h - takes in a snapshot (doc/link-protocol.md, 8.7), in slices of a
 * turn. Snapshots that come meanwhile wait, and are taken in after it.
 */
#ifndef CORE_INSTALL_H
#define CORE_INSTALL_H

#include "core/slice.h"
#include "core/snap_facts.h"
#include "core/state.h"

enum install_phase {
	INSTALL_USERS,	 /* drop the users that are absent */
	INSTALL_ADD,	 /* add and merge the items, except FORGET */
	INSTALL_CLAIMS,	 /* drop users that are void, claims that are absent */
	INSTALL_MEMBERS, /* drop the memberships that are absent or void */
	INSTALL_CHANS,	 /* likewise incarnations of channels */
	INSTALL_MASKS,	 /* likewise what belongs to these */
	INSTALL_INVITES,
	INSTALL_UNKNOWNS, /* likewise elements of unknown verbs */
	INSTALL_DONE,
};

struct install {
	struct snap_facts *facts; /* owned */
	struct vector v;	  /* what the snapshot covers */
	struct vector cov;	  /* max(done, merged) before */
	struct vector
	    was; /* FORGET of each sid before, as an origin of inc 1 */
	enum install_phase phase;
	struct fact_place at;	     /* among the facts of the phase */
	struct lines_reader *reader; /* NULL before INSTALL_ADD */
	struct span line;	     /* next to be added */
	bool has_line;
	bool joined;	    /* the line before it was a membership */
	struct slice slice; /* of this turn */
	TAILQ_ENTRY(install) link;
};

/* Make an install. The facts move to it; the vectors are copied. */
struct install *install_new(struct snap_facts *, const struct vector *v,
    const struct vector *cov);
void install_free(struct core *, struct install *);

/* Merge each FORGET, before all pieces. */
void install_begin(struct step *, struct install *);

/* Go on with the first install of the queue; ctx is the step. */
void install_run(struct work_item *, void *ctx);

/* Show the last changes and let homes settle; all is in. */
void install_end(struct step *);

/* Merge a line. has_home: it is a +USER, and a +HOME of that user comes, too.
 * Return false if only some of what goes by that was dropped. */
bool install_merge(struct step *, const struct snap_item *, bool has_home);

/* Do the next piece: one object or line. Return false if all is done. */
bool install_piece(struct step *, struct install *);

#endif
