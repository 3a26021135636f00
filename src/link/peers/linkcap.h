/*
 * linkcap.h - the capabilities that a HELLO announces (link-protocol.md, 4.1).
 *
 * To add a capability, add a row to linkcap.def, and write in 4.1 what it
 * means.
 */
#ifndef LINK_LINKCAP_H
#define LINK_LINKCAP_H

#include <stdint.h>

#include "base/span.h"

enum linkcap {
#define LINKCAP(ID, name, value) LINKCAP_##ID,
#include "link/peers/linkcap.def"
#undef LINKCAP
	LINKCAP_COUNT
};

#define LINKCAPB(ID) (UINT32_C(1) << LINKCAP_##ID)

struct linkcaps {
	uint32_t set; /* LINKCAPB() of each that was announced */
	struct span value[LINKCAP_COUNT];
};

/* Read the words of caps. Ignore unknown words. If several have one name, the
 * first counts. The values borrow from words. */
void linkcaps_parse(struct span words, struct linkcaps *);

/* Return the name, which is static. */
struct span linkcap_name(enum linkcap);

#endif
