/*
 * info.h - the links of a server, read-only, for callers outside of link/.
 *
 * Nothing here changes a link. Borrowed things are borrowed until the next
 * step. To show one more thing to operators, add a member to struct link_info
 * and write it in node/control.c.
 */
#ifndef LINK_INFO_H
#define LINK_INFO_H

#include "base/mtime.h"
#include "base/span.h"
#include "core/types/event.h"
#include "core/types/ids.h"
#include "link/log.h"
#include "link/map/netmap.h"

struct link;
struct link_net;

/* ---- for banyanctl ------------------------------------------------------ */

struct link_info {
	struct span name;    /* of the peer; "" if it is not known yet */
	struct sid sid;	     /* likewise */
	const char *state;   /* hello, syncing, up, dialling or down */
	struct addr address; /* none if the state is dialling or down */
	struct span host;    /* if it was dialled by name, or will be; or the
			      * broker through which it goes */
	struct span why;     /* then: how the last link or dial ended */
	bool dialled;
	bool tls;
	int64_t since_ms; /* in this state, or since it opened */
	int64_t rtt_ms;	  /* -1: unknown */
	size_t queued;	  /* unsent bytes */
	uint64_t sent;	  /* bytes since the link opened */
	uint64_t behind;  /* entries of the log behind the cursor */
	uint64_t entries_in, entries_out;
};

/* Fill in the i-th link or, after the links, the next configured peer without a
 * link. Return false if there is no more. */
bool link_net_info(const struct link_net *, struct mono now, size_t i,
    struct link_info *);

/* ---- for the simulator and the tests ------------------------------------ */

struct link_counts {
	uint64_t jumped; /* entries of all origins */
	uint64_t snaps_in, snaps_out;
	uint64_t cuts;	     /* texts that were made for snaps_out */
	uint64_t wants;	     /* WANTs that this server sent, to repair */
	uint64_t asks;	     /* WANTs that asked for a snapshot */
	uint64_t duplicates; /* entries that came again */
	uint64_t searches;   /* of the map */
	uint64_t skips;	     /* entries that were not sent on (SKIP) */
	uint64_t skips_lost; /* WANTs for entries that a peer skipped */
	uint64_t refused;    /* links that this server closed with ERROR */
};

/* Return the parts of the links, borrowed. */
const struct log *link_net_log(const struct link_net *);
const struct netmap *link_net_map(const struct link_net *);
const struct link_counts *link_net_counts(const struct link_net *);

/* Return the i-th link, borrowed, or NULL if there is no more. */
const struct link *link_net_link(const struct link_net *, size_t i);

#endif
