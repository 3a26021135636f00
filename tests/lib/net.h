/*
 * net.h - a network of nodes in one process, on a virtual clock.
 *
 *	struct net *net = net_new(seed, 3);
 *	net_start(net, i) ...; net_run(net, 50);
 *	c = net_connect(net, 0, ...); net_client_say(c, "NICK ann");
 *
 * What banyand does for one node on sockets, this does for many in memory:
 * dials and links with a delay, first in first out, cut with what is in
 * flight; clients that hand in lines as EFF_READ grants them; a disk that
 * keeps inc and the mark of uids over a crash. Nothing but the seed and the
 * calls decide what happens, so the same calls give the same effects: see
 * net->hash. Events can be recorded and replayed into fresh nodes.
 *
 * All that exists in a net is freed by net_free and not before.
 */
#ifndef LIB_NET_H
#define LIB_NET_H

#include <bsd/sys/queue.h>
#include <stdio.h>

#include "base/rng.h"
#include "core/types/effect.h"
#include "core/types/event.h"
#include "lib/setup.h"
#include "node/node.h"
#include "wire/frame.h"

#define NET_NODES SETUP_SERVERS
#define NET_EPOCH_MS INT64_C(1700000000000) /* wall clock at the start */

struct net;
struct net_item;
struct net_record;

/* A growing piece of bytes; what it holds is owned. */
struct net_bytes {
	char *p;
	size_t n, cap;
};

struct net_client {
	struct net *net;
	unsigned node;
	struct conn_id id;
	struct addr addr;
	bool open;	      /* the server has not closed it, we neither */
	bool closing;	      /* EFF_CLOSE was seen */
	bool deaf;	      /* reads nothing: sendq grows */
	unsigned granted;     /* lines it may hand in */
	size_t drain;	      /* EFF_DRAIN, + 1; 0: not asked */
	struct net_bytes in;  /* to the server, not read yet */
	struct net_bytes out; /* from the server, not a line yet */
	struct frame frame;
	bool queued; /* an item to hand in lines is there */
	void *ctx;   /* of whoever opened it */
	TAILQ_ENTRY(net_client) link;
};

enum net_end_state { END_NONE, END_OPEN, END_CLOSED };

struct net_end {
	unsigned node;
	unsigned life; /* of its node when it was made */
	struct conn_id id;
	enum net_end_state state; /* as the node was told */
	bool closing;
	struct net_bytes in; /* came, not a whole line yet */
	struct frame frame;
	int64_t busy;  /* ns: its output is written until then */
	int64_t last;  /* ns: arrival of its last bytes */
	int64_t heard; /* ns that its node ran when its last line came */
};

struct net_link {
	struct net_end end[2]; /* 0 dialled */
	uint64_t dial;
	bool tls;
	bool dead; /* cut: what is in flight is lost */
	bool dark; /* nothing arrives any more, nobody is told */
	TAILQ_ENTRY(net_link) link;
};

enum net_conn_kind { CONN_NONE, CONN_CLIENT, CONN_LINK };

struct net_conn {
	enum net_conn_kind kind;
	uint32_t gen;
	struct net_client *client;
	struct net_link *link;
	unsigned side;
};

struct net_node {
	struct node *node; /* NULL: down */
	unsigned life;	   /* counts starts */
	struct effects fx;
	struct setup *setup; /* in use; older ones behind it */
	int64_t skew_ms;     /* wall clock */
	struct mono deadline;
	/* its disk */
	uint32_t inc;
	uint64_t uids;
	/* connections by slot, slot 0 is none */
	struct net_conn *conn;
	size_t nconn;
	uint32_t gen;
	uint64_t links_up, links_down; /* rows of its log, all lives */
	uint64_t same;		       /* steps since the clock moved */
	/* while it is frozen */
	bool frozen;
	int64_t frozen_at;	/* ns */
	int64_t frozen_ns;	/* in all, before */
	struct net_item **held; /* what would have reached it, in order */
	size_t nheld, capheld;
	int mutation;
};

struct net_hooks {
	void *ctx;
	/* After a step and its effects. */
	void (*stepped)(void *ctx, unsigned node, const struct event *);
	/* A client was sent a line; without its end. */
	void (*heard)(void *ctx, struct net_client *, struct span line);
	/* The server closed it. */
	void (*closed)(void *ctx, struct net_client *, struct span reason);
	/* A row of the log, fields as text. */
	void (*logged)(void *ctx, unsigned node, enum log_row, struct span);
	/* The server closes a link of its own. */
	void (*shut)(void *ctx, unsigned node, const struct net_end *);
	/* A frozen server goes on, and has not been given anything yet. */
	void (*thaws)(void *ctx, unsigned node);
	/* A line for the control socket. */
	void (*control)(void *ctx, unsigned node, uint64_t token,
	    struct span line, bool last);
};

struct net {
	unsigned n;
	struct net_node node[NET_NODES];
	struct net_hooks hooks;
	int64_t now;	/* ns */
	struct rng rng; /* of the network alone */
	uint64_t hash;	/* of all effects so far */
	uint64_t steps, lines;
	/* how the network is */
	int64_t delay_min, delay_max;		  /* ns of a line on a link */
	int64_t delay_more[NET_NODES][NET_NODES]; /* of a pair, in addition */
	uint64_t bandwidth;  /* bytes a second of each direction; 0: any */
	unsigned dial_fails; /* of 100 */
	uint32_t blocked[NET_NODES]; /* bits: no dial, no bytes */
	FILE *trace;		     /* or NULL */
	bool failed;
	char why[8192];
	/* internals */
	struct net_item **heap;
	size_t nheap, capheap;
	uint64_t serial;
	TAILQ_HEAD(, net_client) clients;
	TAILQ_HEAD(, net_link) links;
	struct net_record *record;
	struct arena *arena; /* of one step */
};

struct net *net_new(uint64_t seed, unsigned n);
void net_free(struct net *);

/* Who dials whom; before net_start. The setup is the node's to keep. */
void net_setup(struct net *, unsigned i, struct setup *);

/* Starts it as a process does: a new inc, uids from the mark on its disk. */
void net_start(struct net *, unsigned i);
/* kill -9: its connections are gone, its peers learn of it a little later. */
void net_crash(struct net *, unsigned i);
bool net_is_up(const struct net *, unsigned i);
/*
 * Stop a running node for that long, as SIGSTOP does; do nothing if it is
 * frozen already. Everything that reaches the node meanwhile is held back, and
 * given to it afterwards, before or after its tick, as the seed has it. Until
 * the node goes on, no client may be opened or dropped there, and no control
 * line sent.
 */
void net_freeze(struct net *, unsigned i, int64_t ms);
bool net_is_frozen(const struct net *, unsigned i);
/* Return how long the node ran, of all the time so far, in ns. The first
 * NET_FREEZE_MS of each freeze count, since the node may take them for time
 * that it ran (base/awake.c). */
#define NET_FREEZE_MS 500
int64_t net_ran(const struct net *, unsigned i);
/* A changed configuration to a running node. */
void net_reload(struct net *, unsigned i, struct setup *);

/* Runs for that long, or until something failed. */
void net_run(struct net *, int64_t ms);
void net_run_until(struct net *, int64_t ns);
/* fn(ctx, a) at that time, between two steps. */
void net_call(struct net *, int64_t ns, void (*fn)(void *, int64_t), void *ctx,
    int64_t a);

enum net_cut {
	CUT_RESET, /* both are told at once */
	CUT_LATE,  /* each is told some time within a second */
	CUT_DARK   /* nobody is told: silence */
};
/* All links of the pair. Dials go on; net_block stops them. */
void net_cut(struct net *, unsigned a, unsigned b, enum net_cut);
void net_block(struct net *, unsigned a, unsigned b, bool blocked);
bool net_is_blocked(const struct net *, unsigned a, unsigned b);
/* Is there a connection that both ends believe in, and that carries bytes? */
bool net_linked(const struct net *, unsigned a, unsigned b);
/* Does a, which is running, believe that it is linked with b? */
bool net_believes(const struct net *, unsigned a, unsigned b);

struct net_client *net_connect(struct net *, unsigned node, struct addr,
    uint16_t port, bool tls, void *ctx);
/* Bytes as they are; lines are cut as banyand does. */
void net_client_send(struct net_client *, struct span bytes);
void net_client_say(struct net_client *, const char *line);
/* It reads nothing any more; or again, first what was kept for it. */
void net_client_deaf(struct net_client *, bool deaf);
/* The transport goes away. */
void net_client_drop(struct net_client *, const char *reason);
void net_control(struct net *, unsigned node, uint64_t token, struct span);

/* The first failure counts, later ones are passed over. */
void net_fail(struct net *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * From the beginning on, all events are kept; net_replay gives them to fresh
 * nodes and compares the hash of all effects with the one seen then.
 */
void net_record(struct net *);
bool net_replay(const struct net *);
/* The last events of the record as text, for a failure. */
void net_record_print(const struct net *, FILE *, size_t last);

#endif
