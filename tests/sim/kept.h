/*
 * kept.h - the data that the oracles keep of a network. No file but the oracles
 * includes it.
 */
#ifndef SIM_KEPT_H
#define SIM_KEPT_H

#include "core/types/vector.h"
#include "lib/recorder.h"
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
	struct einfo *v; /* entry n is at n - 1 */
	size_t n, cap;
};

struct gone { /* removed by entry n of o */
	struct origin o;
	uint64_t n;
	struct dot dot; /* if its n is 0, a user is removed */
	struct uid uid;
};

struct state { /* facts, or the shown state, at a vector */
	uint64_t key, hash;
	char *text;
	size_t len;
	unsigned node;
};

struct table {
	struct state *v;
	size_t n, cap;
};

struct unchans {
	char name[80]; /* of a channel */
	uint64_t n;    /* foundings of it removed so far, by any server */
};

struct once { /* something a home may write only once */
	uint64_t key;
};

struct cost_marks { /* what a node has, or took so far, after a step */
	uint64_t living, visits, receivers, settled, arena;
	uint64_t lines; /* sent, for each receiver */
	uint64_t cut;	/* snapshots that it has sent */
	int64_t units;
	bool installs; /* it takes in a snapshot, in slices */
};

struct cost { /* cost.c */
	struct cost_marks marks;
	/* in this step: own entries that no client caused; parts of all own */
	uint64_t made, parts;
};

struct empty_chan { /* removal.c */
	char fold[80];
	int64_t since; /* ns + 1; 0: it has members */
};

struct seen {
	uint64_t place; /* in its log */
	uint64_t snaps; /* that it has taken, or begun to take */
	/* check_closed() waits for the entries that the last of them carries */
	bool unclosed;
	struct vector have, covered;
	bool uncompared;   /* the facts of covered were not compared yet */
	struct twin *twin; /* install.c; NULL: none */
	uint64_t installs; /* snapshots that were taken */
	bool takes;	   /* one of them in this step */
	struct vector install_done; /* done when the last one was */
	struct vector before;	    /* have, as it was before the step */
	/* FORGETs of its core that were taken out of these vectors */
	uint64_t forgets;
	uint64_t shown_key;
	uint32_t visible[NET_NODES]; /* for each server the inc that is shown */
	/* overlay.c; ns + 1, or 0: when that inc was lost, and since when it is
	 * back; and since when it is lost and nothing waits besides, by the
	 * time that the node ran */
	int64_t lost[NET_NODES], back[NET_NODES], waits[NET_NODES];
	bool cut_off; /* links have ended since people want a server off */
	bool ready;
	uint64_t checked; /* the hash at the last check */
	unsigned unchecked;
	unsigned steps; /* that could be checked */
	int64_t clock;	/* ms, after the step before; then as explained */
	int64_t said;	/* the greatest stamp in a line of a link */
	uint64_t made;	/* own entries, at the end of the step before */
	bool recording; /* the node gives its changes to the recorder */
	struct recorder recorder;
	uint64_t changes; /* of the recorder, at the last check */
	/* after the step before: requests under way, and all so far; units left
	 * in the turn, place in the log */
	uint32_t requests[REQUEST_COUNT];
	uint64_t tokens;
	int64_t units;
	uint64_t next;
	struct cost cost;
	/* removal.c; ns + 1, or 0: since when the network is whole, and since
	 * when all servers that are reachable are shown, but for that one */
	int64_t whole_since, others_since[NET_NODES];
	struct empty_chan *empty;
	size_t nempty, capempty;
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
	int64_t at; /* ns, when it was cut; 0: it is complete, or was slow */
};

struct oracle {
	struct net *net;
	bool lossy;
	unsigned every; /* one of this many vectors or steps is compared */
	uint64_t *reached;
	struct olog *log;
	size_t nlogs;
	struct gone *gone;
	size_t ngone, capgone;
	struct table facts, shown;
	struct unchans *unchans;
	size_t nunchans;
	struct once *once;
	size_t nonce, caponce;
	struct seen seen[NET_NODES];
	struct head *head; /* vectors of ends of links when they came up */
	size_t nheads, capheads;
	uint32_t stopped[NET_NODES]; /* the run that people stopped last */
	struct sent *sent;	     /* snapshots on their way */
	size_t nsent;
	size_t entries;
	int64_t wall;  /* ms, the greatest of any server so far */
	int64_t clock; /* likewise, of its stamps */
};

/* Return true if x <= have, apart from runs that the node has forgotten. */
bool oracle_covers(const struct oracle *, unsigned node, const struct vector *x,
    const struct vector *have);

/* ---- install.c ---- */

void install_forget(struct oracle *, unsigned node);
void install_step(struct oracle *, unsigned node, const struct event *);

/* ---- foundings.c ---- */

/* How many foundings of that name were removed so far, by any server. */
uint64_t foundings_removed(const struct oracle *, struct span name);
/* The node has made, and applied, an entry with that part. */
void foundings_unchan(struct oracle *, unsigned node, const struct entry *,
    const struct part_unchan *);
void foundings_step(struct oracle *, unsigned node);
/* The network is whole and at rest. */
void foundings_rest(struct oracle *);

/* ---- removal.c ---- */

/* Note at the end of a step for how long the node sees what it sees. */
void removal_step(struct oracle *, unsigned node);
/* Judge such a part, which the node has made without a client. */
void removal_unchan(struct oracle *, unsigned node, const struct part_unchan *);
void removal_forget(struct oracle *, unsigned node, const struct part_forget *);

/* ---- overlay.c ---- */

/*
 * Check from outside which origins are visible (link-protocol.md, 9.1), and
 * that a server is READY only if it may be (9.14).
 */
void overlay_step(struct oracle *, unsigned node);
void overlay_started(struct oracle *, unsigned node);
void overlay_free(struct oracle *);

/* ---- clock.c ---- */

/* Check around the entries of a step that nothing else raised the clock of the
 * node; and at rest how far ahead it is. */
void clock_begin(struct oracle *, unsigned node, const struct event *);
void clock_entry(struct oracle *, unsigned node, const struct entry *,
    bool own);
void clock_end(struct oracle *, unsigned node);
void clock_rest(struct oracle *, unsigned node);

/* ---- cost.c ---- */

/* Check around the entries of a step what it costs; and at rest how many facts
 * there are. */
void cost_begin(struct oracle *, unsigned node);
void cost_goes_on(struct oracle *, unsigned node);
void cost_made(struct oracle *, unsigned node, const struct entry *);
void cost_step(struct oracle *, unsigned node, const struct event *);
void cost_rest(struct oracle *, unsigned node);

/* ---- bans.c ---- */

void bans_rest(struct oracle *, unsigned node);

/* ---- later.c ---- */

/* At rest, compare the facts of later verbs with those of known verbs. */
void later_rest(struct oracle *, unsigned node);

/* ---- model.c ---- */

/*
 * Merge all entries naively, and compare the result with the state that server
 * 0 shows.
 */
void model_check(struct oracle *);

#endif
