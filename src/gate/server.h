/*
 * server.h - a server that the configuration names, or that servers have told
 * of: it is dialled until a trunk stands, and again when the trunk has ended
 * (gate-protocol.md, 7.3).
 *
 *	looking up --> dialling --> up
 *	     ^            |          |
 *	     +-- waits <--+----------+
 *
 * A *learned* server, which servers have told of, is dialled only if it has no
 * trunk as a configured one (11.3). It is forgotten when no list names it, and
 * no trunk to it has been up, for a time.
 */
#ifndef GATE_SERVER_H
#define GATE_SERVER_H

#include "gate/gate.h"
#include "gate/peers.h"

#define SERVER_KINDS 2 /* of addresses: AAAA and A */
#define SERVER_ADDRS_MAX ((size_t)SERVER_KINDS * DNS_ADDRS_MAX)

struct server {
	struct gate *gate;
	const struct gate_server *conf; /* of gate->conf, or of the telling */
	struct place_sid sid; /* as it is told; of a configured one that of its
				* last trunk, or "" */
	bool leaves;	      /* a reload does not have it any more */
	bool learned;	      /* it has the next four */
	struct telling *tellings;
	struct telling *telling; /* the one that is used */
	uint32_t namers;	 /* the lists that name it */
	struct timer forget;
	struct trunk *trunk; /* NULL: none */
	struct timer again;
	struct mono again_at; /* MONO_NEVER: the timer is not set */
	struct mono dialled;  /* when it last was; MONO_NEVER: not yet */
	int64_t delay_ms;     /* the last one */
	bool was_up;	      /* the trunk of this dial was */
	/* the dial under way */
	struct dns_srv target[DNS_SRV_MAX];
	size_t ntarget, at;
	struct lookup *servers, *lookup[SERVER_KINDS];
	bool failed;			    /* a lookup of the target has */
	struct addr addr[SERVER_ADDRS_MAX]; /* of the target */
	size_t naddr, tried;
	uint64_t first; /* the address to begin with, modulo naddr */
	LIST_ENTRY(server) link;
};

/* A description of a server, for the operator. */
struct server_info {
	struct span host;	   /* as it is configured; or empty */
	struct addr addr;	   /* of the trunk, or as it is configured */
	uint16_t port;		   /* as it is configured */
	const struct trunk *trunk; /* NULL: none */
	int64_t again_ms;	   /* until the next dial; -1: none is due */
	struct span sid, name;	   /* as they are known, or empty */
	bool learned;
	uint32_t namers; /* the servers that tell of it, if it is learned */
	bool idle;	 /* it is not dialled: another one stands for it */
};

/*
 * Take over the servers of gate->conf: dial those that are new. A server that
 * is not there any more, or has another key, gets no new clients, and its trunk
 * ends with the last client.
 */
void servers_commit(struct gate *);
/* Dial no more. */
void servers_stop(struct gate *);
/* Forget all servers. Their trunks must be freed before. */
void servers_fini(struct gate *);

/* ---- from the trunk ---- */

void server_trunk_begins(struct server *, struct trunk *);
/* Return why the trunk cannot be one of this server's, or NULL. */
const char *server_refuses(const struct trunk *);
void server_trunk_is_up(struct trunk *);
/* The trunk has no numbers for new streams. The server is dialled at once, for
 * another trunk, and this one does not belong to the server any more. */
void server_trunk_is_used_up(struct trunk *);
/* The trunk has ended. It does not belong to the server any more. */
void server_trunk_ended(struct trunk *);

/* ---- from the lists of trunks ---- */

/* Return the learned server of that sid, made if there is none. Return NULL if
 * there are too many. A new one has no telling yet. */
struct server *server_get(struct gate *, const struct place_sid *);
/* There is a telling of a learned server that it did not have. */
void server_is_told(struct server *);
/* A telling is about to go; another one is left. */
void server_leaves_telling(struct server *, const struct telling *);
/* Something has changed that decides whether a learned server is dialled. */
void server_review(struct server *);
/* Return true if both name the same place, with the same key. */
bool gate_server_is_same(const struct gate_server *,
    const struct gate_server *);

/* Describe the i-th server that no other one stands for. Return false if there
 * are not so many. */
bool server_info(const struct gate *, size_t i, struct server_info *);

#endif
