/*
 * kept.h - what the oracles keep of a network; for oracle.c, overlay.c and
 * model.c alone.
 */
#ifndef SIM_KEPT_H
#define SIM_KEPT_H

#include "core/types/vector.h"
#include "link/info.h"
#include "link/net.h"
#include "oracle.h"

struct einfo {
	char *text;
	size_t len;
	struct vector deps;
	bool has_deps;
	struct stamp stamp;
	struct cause cause;
};

struct olog {
	struct origin o;
	struct einfo *v; /* entry n at n - 1 */
	size_t n, cap;
};

struct gone { /* removed by entry n of o */
	struct origin o;
	uint64_t n;
	struct dot dot; /* n 0: it is a user */
	struct uid uid;
};

struct state { /* facts, or what is shown, at a vector */
	uint64_t key, hash;
	char *text;
	size_t len;
	unsigned node;
};

struct table {
	struct state *v;
	size_t n, cap;
};

struct once { /* what a home may write once */
	uint64_t key;
};

struct seen {
	uint64_t place; /* in its log */
	uint64_t snaps;
	struct vector have, covered;
	struct vector before; /* have, before the step */
	uint64_t forgets;     /* of its core, as taken out of these */
	uint64_t shown_key;
	uint32_t visible[NET_NODES]; /* by server: inc shown */
	bool ready;
	uint64_t checked; /* what it was when last looked at */
	unsigned unchecked;
};

struct head {
	unsigned node;
	uint64_t instance;
	struct vector have;
};

struct sent { /* a snapshot */
	unsigned from, to;
	uint64_t instance;
	uint64_t count; /* link.snaps_out, link.snaps_in */
	bool taken;
	struct vector v;
	int64_t at; /* ns: it was cut; 0: it is through, or was slow */
};

struct oracle {
	struct net *net;
	bool lossy;
	uint64_t *reached;
	struct olog *log;
	size_t nlogs;
	struct gone *gone;
	size_t ngone, capgone;
	struct table facts, shown;
	struct once *once;
	size_t nonce, caponce;
	struct seen seen[NET_NODES];
	struct head *head; /* what ends of links had when they came up */
	size_t nheads, capheads;
	struct sent *sent; /* snapshots under way */
	size_t nsent;
	size_t entries;
};

/* Is x <= have, but for what node has forgotten? */
bool oracle_covers(const struct oracle *, unsigned node, const struct vector *x,
    const struct vector *have);

/* ---- overlay.c ---- */

/*
 * Check from outside which origins are visible (link-protocol.md, 9.1), and
 * that a server is READY only if it may be (9.14).
 */
void overlay_step(struct oracle *, unsigned node);
void overlay_started(struct oracle *, unsigned node);
void overlay_free(struct oracle *);

/* ---- model.c ---- */

/* What a naive merge makes of all entries, against what server 0 shows. */
void model_check(struct oracle *);

#endif
