/*
 * broker_state.h - the inside of brokers, for the files broker*.c alone.
 *
 *	brokers.c		the configuration, and connections
 *	broker_links.c		links: between a bus and the node
 *	broker_figures.c	what operators and Prometheus are told
 */
#ifndef DAEMON_BROKER_STATE_H
#define DAEMON_BROKER_STATE_H

#include "broker/bus.h"
#include "daemon/brokers.h"
#include "pubsub/pubsub.h"

#define BROKER_SUBJECT_LEN (PUBSUB_SUBJECT_MAX + 1)

/* A dial that the bus does not know yet. */
struct bus_dial {
	uint64_t dial;
	char *url, *name; /* of the peer */
	STAILQ_ENTRY(bus_dial) link;
};

struct broker {
	struct brokers *brokers;
	char *url;
	struct pubsub *pubsub;
	struct tls_ctx *tls;
	struct bus *bus;
	unsigned char spki[BUS_SPKI_MAX];
	size_t nspki;
	size_t datagram_max;
	char all[BROKER_SUBJECT_LEN], own[BROKER_SUBJECT_LEN];
	struct endpoint *endpoint[BUS_MEMBERS]; /* by slot; NULL: no link */
	uint64_t dial[BUS_MEMBERS];		/* under way; 0: none */
	bool up, dirty;
	struct timer timer;
	uint64_t told;	     /* datagrams that were dropped */
	struct mono tell_at; /* not before */
	char why[PUBSUB_WHY_LEN];
	LIST_ENTRY(broker) link;
};

struct brokers {
	struct banyand *banyand;
	struct pubsubs *pubsubs;
	LIST_HEAD(, broker) all;
	STAILQ_HEAD(, bus_dial) dials;
	struct hook hook;
};

static inline struct mono
broker_now(const struct broker *b)
{
	return loop_now(b->brokers->banyand->loop);
}

static inline void
broker_touch(struct broker *b)
{
	b->dirty = true;
	b->brokers->hook.busy = true;
}

/* Return the broker with that URL, or NULL. */
struct broker *brokers_find(const struct brokers *, struct span url);

/* Make a bus with the members of the configuration, or end it: the node is told
 * of its links and dials. Do both: the bus cannot stay the same. */
void broker_make_bus(struct broker *);
void broker_drop_bus(struct broker *, struct span why);
void broker_replace_bus(struct broker *, struct span why);
/* Take the members from the configuration. */
void broker_set_members(struct broker *);
/* Return true if this server has another key than that of the bus. */
bool broker_has_new_key(const struct broker *);

/* Do what waits, at the end of a turn of the loop, or when a deadline of a bus
 * has come. */
void brokers_turn(struct hook *);
void broker_due(struct timer *);
/* Forget the dials that no bus knows yet. */
void brokers_forget_dials(struct brokers *);

/* Return the bytes that wait to be published. */
size_t broker_unsent(const struct broker *);
/* Count the datagrams that no member made for this server. */
uint64_t broker_foreign(const struct broker *);

#endif
