/*
 * server.h - the running banyand: one node, the loop and all that is attached
 * to the world. The only place that sees both sides.
 *
 * One thread runs the loop and steps the node; one worker (worker.h) compares
 * passwords and makes files durable. Everything here belongs to the loop's
 * thread.
 */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include <bsd/sys/queue.h>

#include "base/pool.h"
#include "conf/conf.h"
#include "core/types/effect.h"
#include "core/types/event.h"
#include "daemon/load.h"
#include "daemon/logger.h"
#include "daemon/slot.h"
#include "daemon/state.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/stream.h"
#include "node/node.h"
#include "wire/tally.h"

struct closing;
struct control;
struct session;
struct worker;

struct port { /* a listener and what it is for */
	struct server *server;
	struct listener *listener;
	struct conf_listen conf;
	bool told; /* that it is given no descriptors, and when */
	struct mono told_at;
	LIST_ENTRY(port) link;
};

struct server {
	const char *conf_path; /* absolute */
	struct conf *conf;
	struct logger log;
	struct state state;
	uint64_t uid_upto;	  /* what store_timer tries again */
	struct timer store_timer; /* after a store that failed */
	struct loop *loop;
	struct streams *streams;
	struct tls_set tls;
	LIST_HEAD(, port) ports;
	LIST_HEAD(, port) new_ports; /* see port.h */
	struct worker *worker;
	struct control *control;

	struct node *node;
	struct effects fx;
	struct timer tick;
	struct mono deadline; /* the tick is set for it */
	bool stepping;	      /* in pump_event: no nested steps */

	/* by address, handshakes under way: the node, which counts
	 * connections, does not know them yet */
	struct tally opening;
	struct pool session_pool;
	struct slots slots;		/* of sessions */
	STAILQ_HEAD(, closing) closing; /* node to be told: session.c */
	SLIST_HEAD(, session) drained;	/* to be looked at after the step */
	int client_fds;			/* clients get descriptors below it */
	int link_fds;			/* likewise who comes to link */
	size_t nclients;

	struct {
		bool under_way, again;
		uint64_t n; /* of the one under way, or the last */
	} reload;

	bool stopping;
	struct timer stop_timer;
	struct mono stop_at;
	int status; /* of exit */
};

/*
 * From a loaded configuration to open ports; false after the reasons were
 * logged. The server's memory is the caller's, zeroed; what was loaded is the
 * server's, but for the report.
 */
bool server_start(struct server *, struct loaded *, const char *conf_path);

/* Tells clients why, flushes, then ends the loop. */
void server_stop(struct server *, struct span reason);

/* What the configuration says of the log, after a reload; fd: its new file. */
void server_apply_log(struct server *, int fd);

/* After the loop has returned. */
void server_fini(struct server *);

#endif
