/*
 * server.h - a server that the configuration names: it is dialled until a trunk
 * stands, and again when the trunk has ended (gate-protocol.md, 7.3).
 *
 *	looking up --> dialling --> up
 *	     ^            |          |
 *	     +-- waits <--+----------+
 */
#ifndef GATE_SERVER_H
#define GATE_SERVER_H

#include "gate/gate.h"

/* A description of a server, for the operator. */
struct server_info {
	struct span host;	   /* as it is configured; or empty */
	struct addr addr;	   /* of the trunk, or as it is configured */
	uint16_t port;		   /* as it is configured */
	const struct trunk *trunk; /* NULL: none */
	int64_t again_ms;	   /* until the next dial; -1: none is due */
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

struct gate *server_gate(const struct server *);
const struct gate_server *server_conf(const struct server *);
void server_trunk_begins(struct server *, struct trunk *);
void server_trunk_is_up(struct trunk *);
/* The trunk has no numbers for new streams. The server is dialled at once, for
 * another trunk, and this one does not belong to the server any more. */
void server_trunk_is_used_up(struct trunk *);
/* The trunk has ended. It does not belong to the server any more. */
void server_trunk_ended(struct trunk *);

/* Describe the i-th server. Return false if there are not so many. */
bool server_info(const struct gate *, size_t i, struct server_info *);

#endif
