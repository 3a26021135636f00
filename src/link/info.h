/*
 * info.h - the links of a server to look at, for who may not change them.
 *
 * Changes nothing, and tells nothing that a step would need. All that is
 * borrowed is so until the next step. To show one thing more: a field of
 * link_info, and where node/control.c writes it.
 */
#ifndef LINK_INFO_H
#define LINK_INFO_H

#include "base/mtime.h"
#include "base/span.h"
#include "core/types/event.h"
#include "core/types/ids.h"
#include "link/log.h"
#include "link/netmap.h"

struct link;
struct link_net;

/* ---- for banyanctl ------------------------------------------------------ */

struct link_info {
	struct span name;    /* "" if nobody known */
	struct sid sid;	     /* "" likewise */
	const char *state;   /* hello syncing up, dialling down */
	struct addr address; /* none for dialling, down */
	struct span why;     /* of those: what was the matter last */
	bool dialled;
	bool tls;
	int64_t since_ms; /* in this state, or since it opened */
	int64_t rtt_ms;	  /* -1: unknown */
	size_t queued;	  /* bytes unsent */
	uint64_t sent;	  /* bytes in all */
	uint64_t behind;  /* entries of the log not sent yet */
	uint64_t entries_in, entries_out;
};

/* The i-th link, then the i-th peer that has none; false beyond the last. */
bool link_net_info(const struct link_net *, struct mono now, size_t i,
    struct link_info *);

/* ---- for the simulator and the tests ------------------------------------ */

struct link_counts {
	uint64_t jumped; /* entries, all origins together */
	uint64_t snaps_in, snaps_out;
	uint64_t wants;	     /* sent */
	uint64_t duplicates; /* entries that came again */
	uint64_t refused;    /* links closed with ERROR by us */
};

/* Borrowed. */
const struct log *link_net_log(const struct link_net *);
const struct netmap *link_net_map(const struct link_net *);
const struct link_counts *link_net_counts(const struct link_net *);

/* The i-th link; NULL beyond the last. link/link.h tells what is in it. */
const struct link *link_net_link(const struct link_net *, size_t i);

#endif
