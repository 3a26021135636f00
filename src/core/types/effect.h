/*
 * effect.h - everything a node can do to the world, after its step.
 *
 * Handlers append effects and touch nothing else outside. The caller carries
 * them out in order, then calls effects_clear. Bytes an effect points to live
 * in the list's arena or in a buffer the list holds a reference to.
 *
 * EFF_SEND      append buf to the queue of each connection; an id of a dead
 *               connection is ignored. A queue that exceeds the sendq of its
 *               class closes that connection alone (SendQ exceeded).
 * EFF_CLOSE     send what is queued, then close; *_CLOSED answers it, unless
 *               the node knows already that the connection has ended
 * EFF_READ      the connection may hand in n more lines (flood control,
 *               waiting for argon2, back-pressure: all this one mechanism)
 * EFF_HOLD      hand in no more lines of a link, or go on; the peer has to wait
 * EFF_QUEUES    the client has another class, whose sendq and recvq count from
 *               now on: it was handed on, or the configuration was read again
 * EFF_DRAIN     once no more than n bytes wait to be sent to the connection,
 *               answer EV_DRAINED, once; a later EFF_DRAIN replaces it
 * EFF_ASK       do what request.def says of the kind, off the loop; answer
 *               EV_ANSWERED once, refused if that cannot be done here. Then
 *               wipe the bytes: there may be a password in them.
 * EFF_DIAL      look up a link's host, if it has one, and connect to its
 *               addresses in turn, or to its address; if the port is 0, look
 *               up the hosts and ports of a service first; shake hands;
 *               EV_LINK_OPEN or EV_DIAL_FAILED with the same number. If the
 *               host is a broker: answer when the peer is there
 * EFF_RENEW     make a new inc durable, which is greater than the present one
 *               and than `above`; tell all clients the reason, close all
 *               connections, and replace the node by a new one; what the node
 *               asks meanwhile by EFF_RENEW is ignored
 * EFF_STOP      when the other effects are carried out, tell all clients the
 *               reason and end the process, or let it start again
 * EFF_STORE     put the text under the key into the store, or remove what the
 *               key has and note until when it counts as removed; what is told
 *               later about a key replaces what was told before
 * EFF_LOG       a row of log.def with fields; names are static
 * EFF_CONTROL   a line for the operator's socket; last closes it
 * deadline      send EV_TICK no later than this
 */
#ifndef CORE_EFFECT_H
#define CORE_EFFECT_H

#include "base/arena.h"
#include "base/mtime.h"
#include "base/rcbuf.h"
#include "base/span.h"
#include "core/types/ids.h"
#include "core/types/log.h"
#include "core/types/request_kind.h"
#include "wire/addr.h"

struct class_settings;
struct peer_address;

enum effect_kind {
#define EFFECT(id, name, what) EFF_##id,
#include "core/types/effect.def"
#undef EFFECT
	EFF_COUNT
};

struct effect {
	enum effect_kind kind;
	union {
		struct {
			struct rcbuf *buf;
			const struct conn_id *to;
			size_t nto;
		} send;
		struct {
			struct conn_id conn;
			struct span reason; /* for the log */
		} close;
		struct {
			struct conn_id conn;
			unsigned n;
		} read;
		struct {
			struct conn_id conn;
			bool on;
		} hold;
		struct {
			struct conn_id conn;
			uint32_t sendq, recvq; /* bytes */
		} queues;
		struct {
			struct conn_id conn;
			size_t n; /* bytes */
		} drain;
		struct {
			uint64_t token;
			enum request_kind kind;
			/* addresses take turns; 0: the node itself asks */
			struct addr from;
			struct span bytes; /* wiped after the step */
		} ask;
		struct {
			uint64_t dial;
			struct span host; /* to look up; empty: addr */
			struct addr addr;
			uint16_t port; /* 0: host is a service */
			bool broker;   /* host is the name of one */
			bool tls;
			struct span name; /* of the peer, for SNI, logs */
		} dial;
		struct {
			uint32_t above;	    /* the new inc is greater */
			struct span reason; /* for clients and operators */
		} renew;
		struct {
			bool restart;
			struct span reason; /* for clients */
		} stop;
		struct {
			struct span key, text; /* no text: it is removed */
			struct stamp gone;     /* if it is removed */
		} store;
		struct {
			enum log_row row;
			const struct log_field *field;
			size_t nfield;
		} log;
		struct {
			uint64_t token;
			struct span line; /* one line of JSON or text */
			bool last;
		} control;
	} u;
};

struct effects {
	struct arena *arena;
	struct effect *v;
	size_t n, cap;
	struct mono deadline;
};

/* Make an empty list with an arena of its own. */
void effects_init(struct effects *);
void effects_fini(struct effects *);
/* Drop all effects and their references; the deadline becomes MONO_NEVER. */
void effects_clear(struct effects *);

/*
 * Each of these appends one effect. Everything that its arguments point to is
 * copied into the list's arena, except the keys of log fields, which are
 * static.
 *
 * effects_send takes over one reference to buf. If nto is 0, it drops that
 * reference and appends nothing.
 */
void effects_send(struct effects *, struct rcbuf *buf, const struct conn_id *to,
    size_t nto);
/* Append an effect like effects_send, for receivers that lie in the list's
 * arena already and are not copied. Several effects may share them. */
void effects_send_shared(struct effects *, struct rcbuf *buf,
    const struct conn_id *to, size_t nto);
/* Append bytes to the buffer of effect i, an EFF_SEND whose buffer has no other
 * holder. *cap is as rcbuf_append says. */
void effects_send_more(struct effects *, size_t i, size_t *cap, struct span);
void effects_close(struct effects *, struct conn_id, struct span reason);
void effects_read(struct effects *, struct conn_id, unsigned n);
void effects_hold(struct effects *, struct conn_id, bool on);
void effects_queues(struct effects *, struct conn_id,
    const struct class_settings *);
void effects_drain(struct effects *, struct conn_id, size_t n);
/* The bytes lie in the list's arena already and are not copied, so that they
 * can be wiped there. */
void effects_ask(struct effects *, uint64_t token, enum request_kind,
    const struct addr *from, struct span bytes);
void effects_dial(struct effects *, uint64_t dial, const struct peer_address *,
    bool tls, struct span name);
void effects_renew(struct effects *, uint32_t above, struct span reason);
void effects_stop(struct effects *, bool restart, struct span reason);
/* Put a text that is not empty, which is not copied, and lies in the list's
 * arena already; or remove what the key has. The key is copied. */
void effects_store(struct effects *, struct span key, struct span text);
void effects_unstore(struct effects *, struct span key, struct stamp gone);
void effects_log(struct effects *, enum log_row, const struct log_field *,
    size_t nfield);
void effects_control(struct effects *, uint64_t token, struct span line,
    bool last);

/* Ask for a tick at this time; the earliest time that is asked for counts. */
void effects_deadline(struct effects *, struct mono);

#define effects_logf(fx, row, ...)                                          \
	effects_log((fx), (row), (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) /             \
		sizeof(struct log_field))

#endif
