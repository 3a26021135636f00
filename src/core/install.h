/*
 * install.h - takes in a snapshot (doc/link-protocol.md, 8.7).
 */
#ifndef CORE_INSTALL_H
#define CORE_INSTALL_H

#include "core/snap_facts.h"
#include "core/state.h"

enum install_phase {
	INSTALL_USERS,	  /* drop the users that are absent */
	INSTALL_ADD,	  /* add and merge the items, except FORGET */
	INSTALL_FORGETS,  /* merge FORGET */
	INSTALL_CLAIMS,	  /* drop users that are void, claims that are absent */
	INSTALL_MEMBERS,  /* drop the memberships that are absent or void */
	INSTALL_CHANS,	  /* likewise what belongs to channels */
	INSTALL_UNKNOWNS, /* likewise unknown parts */
	INSTALL_DONE,
};

struct install {
	const struct snap_facts *facts; /* borrowed */
	struct vector v;		/* what the snapshot covers */
	struct vector cov;		/* max(done, merged) before */
	enum install_phase phase;
	size_t at; /* place in the map that the phase walks over */
	const struct snap_line *line; /* next to be added */
};

/* The facts are borrowed until install_fini(); the vectors are copied. */
void install_init(struct install *, const struct snap_facts *,
    const struct vector *v, const struct vector *cov);
void install_fini(struct install *);

/* Do the next piece: one object or line. Return false if all is done. */
bool install_piece(struct step *, struct install *);

#endif
