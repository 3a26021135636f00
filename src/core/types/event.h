/*
 * event.h - everything that can happen to a node.
 *
 * The node is a function (node/node.h): it learns of the world by events only
 * and acts on it by effects only (core/types/effect.h). An event borrows
 * everything it points to for the length of one step; the node keeps only the
 * settings, until the next EV_CONF. To add one: a row in event.def, a member
 * here, a case in core/core.c, link/net.c
 * or trunk/net.c.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "base/awake.h"
#include "base/mtime.h"
#include "base/span.h"
#include "core/types/ids.h"
#include "core/types/log.h"
#include "core/types/request_kind.h"
#include "wire/addr.h"

struct rcbuf;
struct settings;

enum event_kind {
#define EVENT(id, name, what) EV_##id,
#include "core/types/event.def"
#undef EVENT
	EV_COUNT
};

#define PIN_LEN 32 /* SHA-256 of the SubjectPublicKeyInfo of a certificate */

/* The facts that a peer proved about itself when its transport was set up. */
struct peer_proof {
	bool tls;
	bool loopback; /* both ends on 127.0.0.0/8 or ::1 */
	bool has_pin;
	unsigned char pin[PIN_LEN]; /* of the peer */
};

/* A thing in the store (core/durable.h). */
struct stored {
	struct span key, text; /* no text: it was removed */
	struct stamp gone;     /* if it was removed: when */
};

struct event {
	enum event_kind kind;
	struct mono now;     /* timers */
	struct wall wall;    /* stamps, before the HLC */
	int64_t paused_ns;   /* of base/awake.h; node_step() fills it in */
	struct conn_id conn; /* EV_CONN_*, EV_LINE, EV_DRAINED, EV_LINK_*,
			      * EV_TRUNK_* */
	union {
		struct { /* EV_SEED: first, once */
			unsigned char seed[32];
			uint32_t inc;	   /* durable already */
			uint64_t uid_from; /* first uid counter to use */
			uint64_t uid_upto; /* durable high-water mark */
			/* the former run ended to start again, and other
			 * servers wait for this one */
			bool again;
			/* of the hash tables, if this run goes on in another
			 * program (core/handover.h); NULL: a new key */
			const unsigned char *key;
		} seed;
		struct { /* EV_CONF: borrowed until the next */
			const struct settings *settings;
		} conf;
		struct { /* EV_CONN_OPEN: a client */
			struct addr addr;
			uint16_t port; /* of the listener */
			bool tls;
			bool web;	    /* it speaks WebSocket */
			struct span cipher; /* "TLSv1.3-…", empty without */
			/* the host name that it asked for with TLS, or "" */
			struct span asked;
			bool has_pin; /* it has shown a certificate */
			unsigned char pin[PIN_LEN];
			/* the name of the gate by which it came, to which
			 * the node may take a reference; NULL: by none */
			struct rcbuf *gate;
		} open;
		struct { /* EV_LINE, EV_LINK_LINE, EV_TRUNK_LINE */
			struct span line; /* without its end */
			bool too_long;	  /* cut; see wire/frame.h */
			bool bad;	  /* with a NUL or CR in it, or of a
					   * link and ended without CR */
			/* of a link through a broker: the links whose peers
			 * were sent the same bytes, in the same datagram */
			const struct conn_id *also;
			size_t nalso;
		} line;
		/* EV_CONN_CLOSED, EV_LINK_CLOSED, EV_TRUNK_CLOSED;
		 * EV_CONN_HELD, whose reason is for a user who is not held */
		struct {
			struct span reason; /* for people */
			/* of a trunk: this server starts again, so that users
			 * are held who may come back */
			bool held;
		} closed;
		struct { /* EV_ANSWERED answers EFF_ASK */
			uint64_t token;
			enum request_kind kind;
			enum answer_status status;
			struct span bytes; /* see request.def */
		} answered;
		struct { /* EV_LINK_OPEN, EV_TRUNK_OPEN: transport stands */
			struct peer_proof proof;
			bool dialled;  /* never, of a trunk */
			uint64_t dial; /* of EFF_DIAL, if dialled */
			struct addr addr;
		} link_open;
		struct { /* EV_DIAL_FAILED answers EFF_DIAL */
			uint64_t dial;
			struct span reason;
		} dial_failed;
		struct {	      /* EV_LINK_WRITABLE, EV_TRUNK_WRITABLE */
			size_t taken; /* bytes that the socket took */
		} writable;
		struct { /* EV_HAPPENED */
			enum log_row row;
			const struct log_field *field;
			size_t nfield;
			uint32_t more; /* that were like it */
		} happened;
		struct { /* EV_LOADED, once or more in a run */
			const struct stored *v;
			size_t n;
			bool last; /* the store has no more */
		} loaded;
		struct { /* EV_CONTROL: operator at the socket */
			uint64_t token;
			struct span line;
		} control;
	} u;
};

/* Return what the awake clock shows (base/awake.h). It judges everything that
 * others fail to do. */
static inline struct mono
event_awake(const struct event *ev)
{
	return awake_at(ev->now, ev->paused_ns);
}

/* Return the name of a kind ("line", "conn-open"), for traces. */
const char *event_name(enum event_kind);

#endif
