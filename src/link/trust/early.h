/*
 * early.h - notes which stamps this server made while its clock was behind, and
 * whether anything still has such a stamp (link-protocol.md, 4.11).
 */
#ifndef LINK_EARLY_H
#define LINK_EARLY_H

#include "core/types/ids.h"

struct event;
struct link_net;
struct link_step;

/* Stamps in (from, to] were made before the clock was set; to is 0: none. An
 * offset is the wall clock less the monotonic clock. */
struct early {
	int64_t offset_ms;   /* as last seen */
	int64_t before_ms;   /* the least when such a stamp was made */
	struct stamp proved; /* the clock when a link was last up */
	struct stamp from, to;
};

/* Look whether the clock was set. This must be called for each event, before
 * anything makes a stamp for it. */
void early_watch(struct link_net *, const struct event *);

/*
 * Return true if a claim or a founding of this run has an early stamp. Then no
 * server may link with this run, and a new run is asked for.
 */
bool early_refuses(const struct link_step *);

#endif
