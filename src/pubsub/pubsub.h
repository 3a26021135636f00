/*
 * pubsub.h - a connection to a broker of messages, NATS or Redis: it publishes
 * under subjects, and takes what others publish under those that it subscribes
 * to. Nothing here knows what the messages are.
 *
 *	connecting --> up --> down --a pause--> connecting
 *
 * Nothing blocks: a library that would wait has a thread of its own. A message
 * may be lost, also while the connection is up: there is no answer to it, and
 * what does not fit into the queue is dropped and counted. The owner must be
 * able to live with that.
 *
 * To add a kind of broker, write a struct broker_kind (pubsub/kind.h).
 */
#ifndef PUBSUB_PUBSUB_H
#define PUBSUB_PUBSUB_H

#include "base/span.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "wire/addr.h"

enum pubsub_kind { PUBSUB_NATS, PUBSUB_REDIS };

#define PUBSUB_SUBJECTS 2
#define PUBSUB_SUBJECT_MAX 200 /* bytes */
#define PUBSUB_WHY_LEN 256
/* A message from the broker that is longer is dropped; of Redis, the connection
 * ends. */
#define PUBSUB_MESSAGE_MAX ((size_t)1024 * 1024)

/* The surroundings of all connections of a process. */
struct pubsubs;

/* Make them. The three are borrowed. The caller frees the result, when no
 * connection is left, with pubsubs_free(), which waits for a moment until
 * threads have ended. NULL is allowed there. */
struct pubsubs *pubsubs_new(struct loop *, struct streams *, struct resolver *);
void pubsubs_free(struct pubsubs *);

/* Settings of a connection; all texts are copied. */
struct pubsub_conf {
	enum pubsub_kind kind;
	/* of the role TLS_NAMED, borrowed until pubsub_free(); NULL: no TLS */
	const struct tls_ctx *tls;
	const char *host; /* a name or an address */
	struct addr addr; /* of the host, if that is an address */
	uint16_t port;
	const char *user, *password; /* NULL: none */
	const char *ca;	  /* file with those of tls; NULL: of the system */
	const char *name; /* by which people know us at the broker */
	const char *subject[PUBSUB_SUBJECTS]; /* to subscribe to */
	size_t unsent_max;		      /* bytes that may wait */
};

/* The loop calls these, never from inside a function of this header. The owner
 * may publish in them, but not call pubsub_free(). */
struct pubsub_ops {
	/* The broker takes messages of at most max bytes. */
	void (*up)(void *ctx, size_t max);
	/* The connection is lost, or could not be made. It is tried again. why
	 * may be words of a stranger. */
	void (*down)(void *ctx, struct span why);
	/* A message; own ones may come, too. */
	void (*got)(void *ctx, struct span subject, struct span bytes);
};

struct pubsub;

/* Return NULL if this build can connect to brokers of the kind; else the name
 * of what it was built without. */
const char *pubsub_lacks(enum pubsub_kind);

/* Begin to connect. pubsub_lacks() of the kind must be NULL. The caller ends
 * the connection with pubsub_free(); NULL is allowed there. */
struct pubsub *pubsub_new(struct pubsubs *, const struct pubsub_conf *,
    const struct pubsub_ops *, void *ctx);
void pubsub_free(struct pubsub *);

/* Use other settings from the next connection on; host and kind stay the same.
 * The former ones borrowed things: these are not used any more. */
void pubsub_configure(struct pubsub *, const struct pubsub_conf *);

/* Publish. Return false if the message is dropped: the connection is not up,
 * the message is too long, or too much waits. */
bool pubsub_publish(struct pubsub *, struct span subject, struct span bytes);

struct pubsub_figures {
	bool up;
	size_t max;		 /* bytes of a message, while it is up */
	uint64_t ups;		 /* times that it came up */
	uint64_t out, out_bytes; /* published */
	uint64_t in, in_bytes;	 /* taken */
	uint64_t out_dropped;	 /* not published while it was up */
	uint64_t in_dropped;	 /* came while too much waited here */
	size_t unsent;		 /* bytes that wait */
	const char *why;	 /* the last end; "": there was none */
};

/* Fill in the figures; why is borrowed. */
void pubsub_figures(const struct pubsub *, struct pubsub_figures *);

#endif
