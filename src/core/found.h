/*
 * found.h - which incarnation a channel gets that nobody is shown on, and the
 * parts that make it look as if it were new (doc/decisions/0014).
 *
 * Used by JOIN, and by a home whose members have lost their +CHAN
 * (link-protocol.md, 9.10).
 */
#ifndef CORE_FOUND_H
#define CORE_FOUND_H

#include "core/state.h"

#define FOUND_REGS_MAX 16  /* registers that are reset */
#define FOUND_DOTS_MAX 128 /* masks and invitations that are removed */
#define FOUND_PARTS_MAX (FOUND_REGS_MAX + 4)

struct found {
	/* set by the caller */
	const struct chan *chan; /* NULL: there is no such name */
	struct span name;	 /* as the user spells it */
	struct stamp stamp;	 /* of the entry */
	bool modes;		 /* with the modes of a new channel: +nt */
	/* set by found_make */
	struct ch ch; /* the incarnation; members are to join or move there */
	struct part part[FOUND_PARTS_MAX];
	size_t n;
};

/* Choose the incarnation, and make the parts. They borrow from the facts and
 * from the arena of the step; they come first in the entry. */
void found_make(const struct step *, struct found *);

/* Return the status that the user gets who founds a channel. */
enum status found_status(const struct step *);

#endif
