/*
 * banyand.h - the running banyand: one node, the loop, and everything that
 * connects the node to the world outside.
 *
 * One thread runs the loop and steps the node. One worker (worker.h) compares
 * passwords, syncs files, writes the store and reads the configuration. One
 * more thread writes the log (logwriter.h). Everything here belongs to the
 * loop's thread.
 */
#ifndef DAEMON_BANYAND_H
#define DAEMON_BANYAND_H

#include <bsd/sys/queue.h>

#include "base/pool.h"
#include "conf/conf.h"
#include "core/types/effect.h"
#include "core/types/event.h"
#include "daemon/countries.h"
#include "daemon/load.h"
#include "daemon/slot.h"
#include "daemon/state.h"
#include "host/inherit.h"
#include "host/logger.h"
#include "host/notify.h"
#include "host/meter.h"
#include "host/pages.h"
#include "host/proxied.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/stream.h"
#include "node/node.h"
#include "wire/admission.h"

struct brokers;
struct closing;
struct control;
struct endpoint;
struct figures;
struct happening;
struct names;
struct keeper;
struct takeover;
struct worker;

struct port { /* a listener and its configuration */
	struct banyand *banyand;
	struct listener *listener;
	struct conf_listen conf;
	uint32_t serial;
	uint32_t nclients; /* connections that came here, and are there */
	bool proxy_told;   /* the log has that a PROXY header came */
	bool told; /* the log has that descriptors ran out, at told_at */
	struct mono told_at;
	LIST_ENTRY(port) link;
};

struct restart {	/* daemon/restart.h */
	char exe[4096]; /* the program */
	char *reason;	/* for clients, while the configuration is checked */
	bool waits;	/* for a reload, before the check */
	bool go;	/* the loop ends for it */
	bool then_stop; /* was asked for meanwhile */
	int *fd;	/* listening sockets that stay open */
	size_t nfd;
	int text; /* for the next program (daemon/kept.h); 0: none */
};

struct stay {	      /* daemon/stay.h */
	char *reason; /* for clients; owned; NULL: nothing is under way */
	bool holds;   /* no lines of clients are handed in */
	bool all;     /* busy clients were ended, too */
	bool given;   /* the node is not stepped any more */
	size_t ended; /* clients that had registered, before the text */
	struct mono until;
	struct timer timer;
};

struct banyand {
	uint32_t port_serials; /* used */
	const char *conf_path; /* absolute */
	struct conf *conf;
	struct logger log;
	struct state state;
	uint64_t uid_upto;	  /* not stored yet with the inc of a new run */
	struct timer store_timer; /* tries again to store uid_upto */
	struct loop *loop;
	struct streams *streams;
	struct tls_set tls;
	struct broker_set broker_files; /* until brokers_configure() */
	struct module_set modules;	/* whose rows conf has */
	/* those before the last reload: the node may still read their rows */
	struct module_set modules_before;
	LIST_HEAD(, port) ports;
	LIST_HEAD(, port) new_ports; /* see port.h */
	struct worker *worker;
	struct keeper *keeper;
	struct control *control;
	struct names *names;
	struct brokers *brokers;
	struct countries *countries; /* NULL: no module has a database */
	struct country_answers country_answers;
	LIST_HEAD(, dialling) diallings;
	LIST_HEAD(, dialled_host) dialled_hosts;
	struct proxieds proxied; /* whose header has not come */

	struct node *node;
	struct effects fx;
	struct timer tick;
	struct mono deadline; /* the time for which tick is set */
	bool stepping;	      /* in pump_event; steps do not nest */

	/* the number of unfinished handshakes by address; the node counts
	 * connections, but does not know these yet. Ports for links and gates
	 * have counts of their own: those of clients, where anybody comes, must
	 * not keep servers and gates away */
	struct admission opening, linking;
	struct pool endpoint_pool;
	struct slots slots; /* of endpoints */
	STAILQ_HEAD(, closing)
	closing; /* not yet told to the node: endpoint.c */
	SLIST_HEAD(, endpoint) drained; /* checked after the step */
	int client_fds;			/* clients get descriptors below this */
	int link_fds; /* accepted links get those below this */
	size_t nclients;

	struct {
		bool under_way, again;
		uint64_t n; /* the number of the current or last reading */
	} reload;
	struct { /* daemon/happened.h */
		STAILQ_HEAD(, happening) queue;
		size_t n;
		struct timer timer;
	} happened;
	struct { /* daemon/figures.h */
		STAILQ_HEAD(, figures) queue;
		struct timer timer;
	} figures;
	struct pages http;
	struct meter meter;
	struct watchdog watchdog;
	struct { /* daemon/expiry.h */
		struct timer timer;
		int told; /* days; INT_MAX: nothing */
	} expiry;
	STAILQ_HEAD(, rehash) rehashes; /* that wait: daemon/rehash.h */

	struct {
		char *reason;	   /* owned; NULL: no new run was asked for */
		uint64_t uid_from; /* the first uid of the new run */
		uint64_t uid_upto; /* the mark that is stored with its inc */
	} renewal;
	uint64_t uids_asked; /* the highest mark that was asked for */
	/* the node's tokens of requests, plus a base that rises with each run:
	 * no answer for a former run is taken for one of this run */
	uint64_t token_base, token_last;

	struct inherited inherited;
	struct restart again;
	struct stay stay;
	struct takeover *takeover; /* owned; NULL: a new run */
	struct {
		char *reason; /* owned; NULL: the node has not asked for it */
		bool restart;
		struct timer timer;
	} asked_to_stop;
	bool stopping;
	struct timer stop_timer;
	struct mono stop_at;
	int status; /* the exit status */
};

/*
 * Start a server from a loaded configuration and open its ports. The caller
 * gives zeroed memory and calls banyand_fini, also after a failure. The server
 * takes everything out of loaded except the report. Return false after logging
 * the reason.
 */
bool banyand_start(struct banyand *, struct loaded *, const char *conf_path);

/* Take everything out of loaded except the report; what was there before is the
 * caller's to free. Return the descriptor of the log, which is the caller's, or
 * -1. */
int banyand_take(struct banyand *, struct loaded *);

/* Give the node the answer to a request, unless a former run has asked. The
 * bytes are borrowed. */
void banyand_answer(struct banyand *, uint64_t token, enum request_kind,
    enum answer_status, struct span bytes);

/* Give a new node its first events. It takes its uids from uid_from on. */
void banyand_seed(struct banyand *, uint64_t uid_from);

/* Close every client with the reason, flush what is queued, then end the
 * loop. If the server is about to start again, it stops after that. */
void banyand_stop(struct banyand *, struct span reason);
/* Do the last part of that: the clients that are there, and all after them. */
void banyand_end(struct banyand *, struct span reason);

/* Do what the node has asked for by EFF_STOP, in the next turn of the loop. */
void banyand_stop_soon(struct banyand *, bool restart, struct span reason);

/* Apply the log options after a reload. fd is the newly opened file and belongs
 * to the log from now on; -1 keeps the open file, or selects standard error if
 * the configuration names no file. */
void banyand_apply_log(struct banyand *, int fd);

/* Free everything that the server owns, after the loop has returned. */
void banyand_fini(struct banyand *);

#endif
