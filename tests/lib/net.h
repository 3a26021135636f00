/*
 * net.h - a network of nodes in one process, on a virtual clock.
 *
 *	struct net *net = net_new(seed, 3);
 *	net_start(net, i) ...; net_run(net, 50);
 *	c = net_connect(net, 0, ...); net_client_say(c, "NICK ann");
 *
 * banyand runs one node on sockets; this runs many nodes in memory. It
 * simulates dials and links with a delay, in order and cut with their bytes in
 * flight; clients that pass on lines as EFF_READ grants them; and a disk that
 * keeps inc and the mark of uids over a crash. Only the seed and the calls
 * decide what happens, so the same calls give the same effects: see net->hash.
 * Events can be recorded, and replayed into fresh nodes.
 *
 * net_free frees everything that belongs to a net; nothing of it is freed
 * before.
 */
#ifndef LIB_NET_H
#define LIB_NET_H

#include <bsd/sys/queue.h>
#include <stdio.h>

#include "base/rng.h"
#include "core/types/effect.h"
#include "core/types/event.h"
#include "lib/net_store.h"
#include "lib/setup.h"
#include "node/node.h"
#include "wire/frame.h"

#define NET_NODES SETUP_SERVERS
#define NET_EPOCH_MS INT64_C(1700000000000) /* wall clock at the start */

struct net;
struct net_broker; /* lib/net_bus.h */
struct net_bus_end;
struct net_item;
struct net_record;
struct net_stream; /* lib/net_trunk.h */
struct net_trunk;
struct part_home; /* core/part/part.h */

/* A growing string of bytes, which it owns. */
struct net_bytes {
	char *p;
	size_t n, cap;
};

#define NET_NAMES 32

/* The name of an address, as DNS would tell it, or the code of its country. The
 * servers of a name that is silent do not answer. */
struct net_name {
	enum net_known { NET_HOST, NET_SILENT, NET_COUNTRY } known;
	struct addr addr;
	char name[128];
};

struct net_client {
	struct net *net;
	unsigned node;
	struct conn_id id;
	struct addr addr;
	bool open;	      /* closed neither by the server nor by us */
	bool closing;	      /* EFF_CLOSE was seen */
	bool deaf;	      /* reads nothing: sendq grows */
	unsigned granted;     /* lines it may pass on */
	size_t sendq, recvq;  /* bytes that may wait */
	size_t drain;	      /* EFF_DRAIN, plus 1; 0: not asked for */
	struct net_bytes in;  /* to the server, not read yet */
	struct net_bytes out; /* from the server, not a line yet */
	struct frame frame;
	bool queued; /* an item to pass on lines exists */
	void *ctx;   /* the opener's */
	/* its place at a gate; NULL: it is a connection of the node */
	struct net_stream *stream;
	TAILQ_ENTRY(net_client) link;
};

enum net_end_state { END_NONE, END_OPEN, END_CLOSED };

struct net_end {
	unsigned node;
	unsigned life; /* of its node when it was made */
	struct conn_id id;
	enum net_end_state state; /* as the node was told */
	bool closing;
	bool on_hold;	     /* its node reads nothing of it */
	struct net_bytes in; /* came, not read yet */
	struct frame frame;
	int64_t busy;  /* ns: its output is written until then */
	int64_t last;  /* ns: arrival of its last bytes */
	int64_t heard; /* ns that its node ran when its last line came */
};

struct net_link {
	struct net_end end[2]; /* 0: the end that dialled */
	uint64_t dial;
	bool tls;
	bool dead; /* cut: what is in flight is lost */
	bool dark; /* nothing arrives any more, no server is told */
	TAILQ_ENTRY(net_link) link;
};

enum net_conn_kind { CONN_NONE, CONN_CLIENT, CONN_LINK, CONN_TRUNK, CONN_BUS };

struct net_conn {
	enum net_conn_kind kind;
	uint32_t gen;
	struct net_client *client;
	struct net_link *link;
	unsigned side;
	struct net_trunk *trunk;
	struct net_bus_end *bus;
};

struct net_node {
	struct node *node; /* NULL: down */
	unsigned as;   /* the node whose sid and key it has: itself, mostly */
	unsigned life; /* counts starts */
	struct effects fx;
	struct setup *setup; /* in use; it holds the older ones */
	int64_t skew_ms;     /* wall clock */
	struct mono deadline;
	int64_t turn_ns;      /* from one tick to the next, at least */
	int64_t next_tick_ns; /* not before */
	/* its disk */
	uint32_t inc;
	uint64_t uids;
	struct net_store store;
	/* connections by slot; slot 0 is not used */
	struct net_conn *conn;
	size_t nconn;
	uint32_t gen;
	uint64_t links_up, links_down; /* rows of its log, all lives */
	uint64_t same;		       /* steps since the clock moved */
	uint64_t arena; /* bytes that its steps took, all lives */
	uint64_t lines; /* that its steps sent, for each receiver, all lives */
	/* while it is frozen */
	bool frozen;
	int64_t frozen_at;	/* ns */
	int64_t frozen_ns;	/* total of earlier freezes */
	struct net_item **held; /* held back from it, in order */
	size_t nheld, capheld;
	int mutation;
};

struct net_hooks {
	void *ctx;
	/* A step and its effects are done. */
	void (*stepped)(void *ctx, unsigned node, const struct event *);
	/* A client was sent a line, which is given without its end. */
	void (*heard)(void *ctx, struct net_client *, struct span line);
	/* The server closed the client. */
	void (*closed)(void *ctx, struct net_client *, struct span reason);
	/* The server wrote a row of the log; the fields are text. */
	void (*logged)(void *ctx, unsigned node, enum log_row, struct span);
	/* The server closes a link of its own accord. */
	void (*shut)(void *ctx, unsigned node, const struct net_end *);
	/* The server asks for a new run, with an inc above that. */
	void (*renews)(void *ctx, unsigned node, uint32_t above);
	/* A frozen server goes on, and was given nothing yet. */
	void (*thaws)(void *ctx, unsigned node);
	/* A server starts again in place: its new node knows nothing yet,
	 * or has taken over all. */
	void (*goes_on)(void *ctx, unsigned node);
	void (*went_on)(void *ctx, unsigned node);
	/* The control socket answered with a line. */
	void (*control)(void *ctx, unsigned node, uint64_t token,
	    struct span line, bool last);
};

/* Counts of what gates have seen. The first three are of trunks that have
 * ended. */
struct net_gate_counts {
	uint64_t copies, listed, unlisted, differences, came, went, loads,
	    known;
	uint64_t cut_up, cut_down; /* trunks whose last bytes were lost */
	uint64_t crossed; /* lines of streams that the gate has closed */
	uint64_t refused; /* clients of a gate that has too many */
	uint64_t excess, drained, eof;
};

struct net {
	unsigned n;
	struct net_node node[NET_NODES];
	struct net_hooks hooks;
	const char *asked; /* by clients that connect, with TLS; or NULL */
	bool web;	   /* clients that connect speak WebSocket */
	const char *by;	   /* the gate by which they come; NULL or "": none */
	char cert;   /* of clients that connect: see setup.h, "pin"; or NUL */
	int64_t now; /* ns */
	struct rng rng;	    /* for the network only */
	struct rng answers; /* for the answers to requests only */
	struct rng gates;   /* for gates only */
	uint64_t hash;	    /* of all effects so far */
	uint64_t steps, lines;
	/* the properties of the network */
	int64_t delay_min, delay_max;		  /* ns of a line on a link */
	int64_t delay_more[NET_NODES][NET_NODES]; /* in addition, for a pair */
	uint64_t bandwidth;  /* bytes a second of each direction; 0: any */
	unsigned dial_fails; /* of 100 */
	struct net_name name[NET_NAMES];
	size_t nnames;
	unsigned odd_answers;	     /* of 100 to requests: see net.c */
	int64_t reading_ns;	     /* how long a configuration is read */
	unsigned uids_ahead;	     /* how many uids are stored at a start */
	uint32_t blocked[NET_NODES]; /* bits: no dial, no bytes */
	uint32_t older; /* bits: nodes of a version without capabilities */
	FILE *trace;	/* or NULL */
	bool failed;
	char why[8192];
	/* internals */
	struct net_item **heap;
	size_t nheap, capheap;
	uint64_t serial;
	TAILQ_HEAD(, net_client) clients;
	TAILQ_HEAD(, net_link) links;
	TAILQ_HEAD(, net_trunk) trunks;
	TAILQ_HEAD(, net_broker) brokers; /* lib/net_bus.h */
	struct net_gate_counts gate_counts;
	struct net_record *record;
	struct arena *arena; /* for one step */
};

/*
 * Make a net of n nodes, none of them started. The caller frees it with
 * net_free.
 */
struct net *net_new(uint64_t seed, unsigned n);
void net_free(struct net *);

/*
 * Give node i its configuration, which also says which servers it dials. Call
 * this before net_start. The net owns the setup from now on.
 */
void net_setup(struct net *, unsigned i, struct setup *);

/*
 * Start node i as a process starts: with a new inc, and uids from the mark on
 * its disk.
 */
void net_start(struct net *, unsigned i);
/*
 * End node i as kill -9 does: its connections are gone, and its peers learn of
 * it a little later.
 */
void net_crash(struct net *, unsigned i);
/*
 * Let another node go on with what node i knows, as the same run
 * (node/handover.h): its links are cut, and the connections of its clients are
 * kept. Return false, and do nothing, if the node is not ready for that.
 */
bool net_go_on(struct net *, unsigned i);
/* Let node i end the clients that keep it from being ready for that. */
void net_end_busy(struct net *, unsigned i, bool all);
/* End node i as SIGTERM does: it tells its peers first that it stops. */
void net_stop(struct net *, unsigned i);
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
/*
 * Return how long the node ran, of all the time so far, in ns. The first
 * NET_FREEZE_MS of each freeze count, since the node may take them for time
 * that it ran (base/awake.c).
 */
#define NET_FREEZE_MS 500
int64_t net_ran(const struct net *, unsigned i);
/*
 * Give a running node a changed configuration, which the net owns from now on.
 */
void net_reload(struct net *, unsigned i, struct setup *);

/* Run for that long, or until there is a failure. */
void net_run(struct net *, int64_t ms);
void net_run_until(struct net *, int64_t ns);
/* Call fn(ctx, a) at that time, between two steps. */
void net_call(struct net *, int64_t ns, void (*fn)(void *, int64_t), void *ctx,
    int64_t a);

enum net_cut {
	CUT_RESET, /* both ends are told at once */
	CUT_LATE,  /* each end is told within a second */
	CUT_DARK   /* neither end is told: silence */
};
/* Cut all links of a pair. The servers still dial; net_block stops that. */
void net_cut(struct net *, unsigned a, unsigned b, enum net_cut);
void net_block(struct net *, unsigned a, unsigned b, bool blocked);
bool net_is_blocked(const struct net *, unsigned a, unsigned b);
/*
 * Return true if a connection exists that both ends believe in and that carries
 * bytes.
 */
bool net_linked(const struct net *, unsigned a, unsigned b);
/* Return true if a, which is running, believes that it is linked with b. */
bool net_believes(const struct net *, unsigned a, unsigned b);

/* Let the address have that name, for look-ups of names of clients. */
void net_name(struct net *, enum net_known, struct addr, const char *name);

/*
 * Open a client on a running node. ctx is for the hooks. The net owns the
 * client, also after it was closed.
 */
struct net_client *net_connect(struct net *, unsigned node, struct addr,
    uint16_t port, bool tls, void *ctx);
/* Send bytes as they are. They are cut into lines as banyand cuts them. */
void net_client_send(struct net_client *, struct span bytes);
void net_client_say(struct net_client *, const char *line);
/*
 * Let the client stop reading; or let it read again, first the bytes that were
 * kept for it.
 */
void net_client_deaf(struct net_client *, bool deaf);
/* Break the client's connection. */
void net_client_drop(struct net_client *, const char *reason);
/* End it, as a restart of the server does that holds the user. */
void net_client_hold(struct net_client *);
void net_control(struct net *, unsigned node, uint64_t token, struct span);
/* Let a running node make a HOME. */
void net_make_home(struct net *, unsigned node, const struct part_home *);

/* Note a failure. The first one counts; later ones are ignored. */
void net_fail(struct net *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Keep all events from the beginning on. net_replay gives them to fresh nodes,
 * and returns true if the hash of all their effects is the same.
 */
void net_record(struct net *);
bool net_replay(const struct net *);
/* Print the last events of the record as text, for the report of a failure. */
void net_record_print(const struct net *, FILE *, size_t last);

#endif
