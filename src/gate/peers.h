/*
 * peers.h - the servers that servers tell of (gate-protocol.md, part 11).
 *
 * Each trunk has the list that its server has told: PEER adds a server to it or
 * takes it from it, and the list ends with the trunk. A *telling* is what some
 * of these lists say of one server: its name, its region, and where it takes
 * gates. Servers may be told of in different ways, because one of them is
 * behind, or wrong: then the gate dials by each telling in turn.
 */
#ifndef GATE_PEERS_H
#define GATE_PEERS_H

#include "gate/gate.h"
#include "gate/trunkline.h"
#include "net/dns.h"
#include "place/net.h"

#define TELLINGS_MAX 4 /* of one server; further ones are not used */

struct telling {
	struct telling *next;	     /* of the same server */
	uint32_t refs;		     /* the lists that say it */
	struct gate_server conf;     /* as if it were configured */
	char host[DNS_NAME_MAX + 1]; /* of conf */
	char name[TRUNK_NAME_MAX + 1];
	char region[TRUNK_NAME_MAX + 1];
};

/* One server in the list of a trunk. */
struct peer {
	struct server *server;
	struct telling *telling;
};

/* The server of a trunk tells of another server. */
void peers_take(struct trunk *, const struct trunkline *);
/* The list of a trunk ends. */
void peers_drop(struct trunk *);

#endif
