/*
 * gate.h - the running banyan-gate: it holds the connections of clients, and
 * passes their lines on to servers. It knows nothing of users and channels.
 *
 *	client --port--> client.c --lines--> trunk.c --one connection--> server
 *	       <--------          <--lines--
 *
 * One thread runs the loop. A `client` is the connection of a client; on a
 * trunk it is a stream, which has a seat (roll.h). A `server` is what the
 * configuration says of one server, and dials it (server.h). A `trunk` is one
 * connection with it (trunk.h): a new connection is a new trunk.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include <bsd/sys/queue.h>

#include "base/pool.h"
#include "base/rng.h"
#include "conf/gate.h"
#include "gate/load.h"
#include "host/inherit.h"
#include "host/logger.h"
#include "host/meter.h"
#include "host/notify.h"
#include "host/pages.h"
#include "host/proxied.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/stream.h"
#include "place/net.h"
#include "wire/admission.h"

#define GATE_PATIENCE_MS 5000 /* a client waits so long for a trunk */

struct client;
struct gate_control;
struct gate_names;
struct gate_port;
struct server;
struct trunk;

/* The places of clients in a table, so that it can be walked in pieces. */
struct places {
	struct client **v;
	uint32_t n, cap;
	uint32_t *empty; /* places of v that are */
	uint32_t nempty, capempty;
};

struct gate {
	const char *conf_path; /* absolute */
	struct gate_conf *conf;
	struct tls_ctx *tls_clients; /* NULL: no listener uses TLS */
	struct tls_ctx *tls_trunks;  /* NULL: no trunk uses TLS */
	struct logger log;
	struct loop *loop;
	struct streams *streams;
	struct inherited inherited;
	struct hook turn; /* what is done in pieces: gate.c */
	struct rng rng;

	LIST_HEAD(, gate_port) ports, new_ports;
	uint32_t port_serials; /* used */
	struct proxieds proxied;
	int client_fds; /* clients get descriptors below this */

	struct places places;
	struct pool client_pool;
	uint32_t nclients;
	struct admission admission;	     /* of clients, by address */
	TAILQ_HEAD(waiting, client) waiting; /* for a trunk, longest first */
	uint32_t nwaiting;
	struct timer patience; /* of the first that waits */

	struct place_net net; /* the servers of trunks: figures.h */
	LIST_HEAD(, server) servers;
	LIST_HEAD(, trunk) trunks; /* also those that have ended: trunk.h */
	char network[64];	   /* of all its servers; "": not known */
	struct gate_names *names;

	struct gate_control *control;
	struct watchdog watchdog;
	struct pages pages; /* metrics.h */
	struct meter meter;
	struct {
		uint64_t clients;   /* that have come */
		uint64_t refused;   /* of these, by limits of the gate */
		uint64_t lines_in;  /* of clients, passed on */
		uint64_t lines_out; /* of servers, by trunks */
		uint64_t delivered; /* of these, to clients */
	} count;
	struct {
		uint64_t asked;	   /* questions */
		uint64_t answered; /* of these, before the client gave up */
		uint64_t late;	   /* of these, not in time */
		uint64_t full;	   /* refusals by servers */
		uint64_t home, best, over; /* choices, by their reason */
		uint64_t known;	       /* of these, with costs: their sums, in
				 * thousandths of a line an hour */
		uint64_t cost;	       /* as they were made */
		uint64_t cost_nearest; /* if all had gone to the nearest */
		uint64_t cost_any;     /* on the average of all servers */
	} placed;
	struct wall began;
	bool stopping;
	struct timer stop_timer;
	struct mono stop_at;
	bool has_pid; /* the pid file is ours */
};

/*
 * Start a gate from a loaded configuration and open its ports. The caller gives
 * zeroed memory and calls gate_fini, also after a failure. The gate takes
 * everything out of loaded except the report. Return false after logging the
 * reason.
 */
bool gate_start(struct gate *, struct gate_loaded *, const char *conf_path);

/* Tell every client the reason, end all streams, flush what is queued, then
 * end the loop. */
void gate_stop(struct gate *, struct span reason);

/* Set the network to which all servers must belong; empty: not known. */
void gate_set_network(struct gate *, struct span name);

/* Something is to be done in pieces: do not wait in the next turn. */
void gate_has_work(struct gate *);

/* Free everything that the gate owns, after the loop has returned. */
void gate_fini(struct gate *);

#endif
