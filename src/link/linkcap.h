/*
 * linkcap.h - the capabilities of a peer, as its HELLO names them.
 *
 * To add a capability: a row in linkcap.def, and what it means in part 4 of
 * doc/link-protocol.md.
 */
#ifndef LINK_LINKCAP_H
#define LINK_LINKCAP_H

#include <stdint.h>

#include "base/span.h"

enum linkcap {
#define LINKCAP(ID, name, value) LINKCAP_##ID,
#include "link/linkcap.def"
#undef LINKCAP
	LINKCAP_COUNT
};

#define LINKCAPB(ID) (UINT32_C(1) << LINKCAP_##ID)

struct linkcaps {
	uint32_t set; /* LINKCAPB() of each */
	struct span value[LINKCAP_COUNT];
};

/* Read the words of caps. Unknown words are ignored; of several with one name
 * the first counts. The values borrow from words. */
void linkcaps_parse(struct span words, struct linkcaps *);

/* Return the name, which is static. */
struct span linkcap_name(enum linkcap);

#endif
