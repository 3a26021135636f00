/*
 * kind.h - a kind of broker, as pubsub.c sees it; for the files of this folder
 * alone. A kind makes one connection, which ends once.
 */
#ifndef PUBSUB_KIND_H
#define PUBSUB_KIND_H

#include <pthread.h>

#include "pubsub/pubsub.h"

struct pubsubs {
	struct loop *loop;
	struct streams *streams;
	struct resolver *resolver;
	pthread_mutex_t lock;
	pthread_cond_t ended; /* a thread has ended */
	unsigned nthreads;    /* under lock */
	bool gone;	      /* under lock: the last thread frees this */
};

struct pubsub {
	struct pubsubs *all;
	struct pubsub_conf conf;
	const struct broker_kind *kind;
	const struct pubsub_ops *ops;
	void *ctx;
	void *conn; /* of the kind; NULL: a pause */
	struct timer retry;
	unsigned pauses; /* since it was up for a while */
	struct mono up_at;
	struct pubsub_figures n;
	char why[PUBSUB_WHY_LEN];
};

struct broker_kind {
	const char *lacks; /* NULL: nothing */
	/* Begin to connect, and return the connection; NULL if the system
	 * refuses what that needs. */
	void *(*begin)(struct pubsub *);
	/* Send, or return false. The connection is up, and the message is not
	 * too long. */
	bool (*publish)(void *conn, struct span subject, struct span bytes);
	/* Return the bytes that wait. */
	size_t (*unsent)(const void *conn);
	/* End the connection, without a callback. */
	void (*end)(void *conn);
};

extern const struct broker_kind broker_nats, broker_redis;

/* Copy settings, and free such a copy. A thread has its own. */
void pubsub_conf_dup(struct pubsub_conf *to, const struct pubsub_conf *from);
void pubsub_conf_free(struct pubsub_conf *);

/* A connection stands; max is the longest message. */
void kind_up(struct pubsub *, size_t max);
/* A message has come. */
void kind_got(struct pubsub *, struct span subject, struct span bytes);
/* A connection has failed, and is ended by this: then touch nothing of it. */
void kind_failed(struct pubsub *, struct span why);

#endif
