/*
 * verb.h - the verbs of link lines as rows (verb.def).
 *
 * Lines that begin with "+" have no verb here: they belong to an ENTRY or a
 * SNAP.
 */
#ifndef LINK_VERB_H
#define LINK_VERB_H

#include <stdint.h>

#include "base/span.h"

enum verb {
#define VERB(ID, name, states, needs, what) VERB_##ID,
#include "link/verb.def"
#undef VERB
	VERB_COUNT
};

struct verb_row {
	struct span name;
	unsigned states; /* ST_ bits of link.h: when the line may come */
	uint32_t needs;	 /* LINKCAPB() bits that the peer must announce */
};

/* Return the row, which is static. */
const struct verb_row *verb_row(enum verb);

/* Return VERB_COUNT if no row has the name. */
enum verb verb_find(struct span name);

#endif
