/*
 * net_trunk.h - gates of a network (net.h), their trunks and their clients.
 *
 *	t = net_trunk_dial(net, 0, 2);		gate 0 dials node 2
 *	c = net_trunk_connect(t, addr, ...);	a client comes to the gate
 *
 * A client of a trunk is a net_client like others. The gate (lib/gate.h) reads
 * each line of the server as strictly as it can. Beside it the net keeps what
 * the effects of the node would have given the client directly: the lines that
 * it hears must be these, in their order, each of them once.
 *
 * Bytes of a trunk arrive at once, unless it is held: then they wait, in that
 * direction. If it is cut, a random part of the bytes that wait arrives.
 */
#ifndef LIB_NET_TRUNK_H
#define LIB_NET_TRUNK_H

#include "lib/gate.h"
#include "lib/net.h"

struct net_stream {
	struct net_trunk *trunk;
	struct net_client *client;
	uint32_t number;
	uint64_t c;    /* the number of its last line */
	bool new_sent; /* the server has read NEW */
	bool refused;  /* the gate had all its streams then */
	bool gone;     /* GONE has come */
	bool closed;   /* CLOSED was said */
	bool excess;   /* EXCESS was said, and is still so */
	bool eof;      /* EOF was said */
	/* as the effects have it, and the gate has not heard yet */
	struct net_bytes want; /* lines */
	uint64_t core_reads;   /* lines that the core has granted */
	uint64_t reads;	       /* lines that the gate was granted */
	bool want_gone;
	unsigned want_drains;
	size_t sendq, recvq; /* as the effects have them */
};

enum net_way { WAY_UP, WAY_DOWN }; /* to the server, to the gate */

/* The position of the server behind one of its bytes. */
struct net_mark {
	uint64_t at;
	struct vector done;
};

struct net_trunk {
	struct net *net;
	unsigned gate, node;
	unsigned life; /* of the node */
	struct conn_id id;
	bool dead;
	bool ending;  /* the server has closed it */
	bool expects; /* ERROR is no surprise */
	bool held[2];
	bool pumping, queued;
	bool shares;		 /* some of the receivers of a line are here */
	uint32_t coming;	 /* the stream whose NEW is read; or 0 */
	struct net_bytes way[2]; /* what waits */
	struct frame frame[2];
	uint64_t sent, read; /* bytes of the server */
	size_t unsent;	     /* of these, as the server has them */
	size_t taken;	     /* of these, not told the server yet */
	bool taking;	     /* a call to tell it waits */
	struct net_mark *mark;
	size_t nmark, capmark;
	uint64_t
	    want_copies; /* lines of the server, as the effects have them */
	int64_t heard;	 /* ns that the node ran when it was heard last */
	struct gate in;
	struct net_stream **stream; /* by number - 1; owned */
	size_t nstream, capstream;
	TAILQ_ENTRY(net_trunk) link;
};

/* Let the gate of that number dial a node that runs. Return NULL if the node
 * accepts no connection now. The net owns the trunk. */
struct net_trunk *net_trunk_dial(struct net *, unsigned gate, unsigned node);
/* Return true if SERVER and a position have come. */
bool net_trunk_is_up(const struct net_trunk *);
/* Return true if the core waits for the next line of the client, which the gate
 * may pass on at once. */
bool net_stream_is_next(const struct net_stream *);
/* Return true if nothing waits in either direction. */
bool net_trunk_is_idle(const struct net_trunk *);

struct net_client *net_trunk_connect(struct net_trunk *, struct addr,
    uint16_t port, bool tls, void *ctx);

/* Say BEAT, and check that the server says it often enough. */
void net_trunk_beat(struct net_trunk *);
void net_trunk_hold(struct net_trunk *, enum net_way, bool on);
/* Cut the trunk. If held is set, the server starts again, and says so: it holds
 * the users. */
void net_trunk_cut(struct net_trunk *, bool held, const char *reason);
/* Let the gate close it with ERROR. */
void net_trunk_close(struct net_trunk *);

/* Check that both ends know the same, when nothing is under way. */
void net_trunk_check_rest(struct net_trunk *);

/* Return the number of streams that are open for the gate. */
size_t net_trunk_streams(const struct net_trunk *);

/* ---- for net.c ----------------------------------------------------------- */

void net_trunk_free(struct net_trunk *);
/* A node sends a line to these streams, or has another effect on one. */
void net_trunk_want_lines(struct net *, unsigned node, const struct effect *);
void net_trunk_want(struct net *, unsigned node, const struct effect *);
/* The node sends bytes on the trunk, or closes it. */
void net_trunk_out(struct net_trunk *, struct span);
void net_trunk_finish(struct net_trunk *);
/* The node has ended, and with it all its trunks. */
void net_trunk_lose_all(struct net *, unsigned node);
/* The client has a line for the server, or the gate tells it something. */
void net_stream_line(struct net_stream *, struct span line, enum frame_result);
void net_stream_excess(struct net_stream *);
void net_stream_drained(struct net_stream *);
/* Say EOF if lines of the client wait for a grant. Return false if none do. */
bool net_stream_eof(struct net_stream *);
void net_stream_close(struct net_stream *, const char *reason);

#endif
