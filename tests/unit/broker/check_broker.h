/* The suites of src/broker, and a rig: some buses and a broker. */
#ifndef UNIT_BROKER_CHECK_BROKER_H
#define UNIT_BROKER_CHECK_BROKER_H

#include "base/rng.h"
#include "broker/bus.h"
#include "lib/unit.h"

Suite *form_suite(void);
Suite *inbox_suite(void);
Suite *outq_suite(void);
Suite *stream_suite(void);
Suite *trust_suite(void);

#define RIG_MAX 6
#define RIG_PIPE 512

/* A datagram on its way, or one that has been. */
struct rig_datagram {
	int64_t at; /* ms; when it comes */
	unsigned from;
	unsigned to; /* a server, or RIG_MAX: all */
	size_t n;
	char *p;
};

/* The link of a server with another one, as the server was told. */
struct rig_link {
	bool open, dialled;
	unsigned opened, closed, failed;
	size_t taken;
	char *text; /* the lines, each with an LF */
	size_t n;
	uint32_t also; /* bits: those that the last line was sent to, too */
};

struct rig {
	unsigned n;
	struct bus *bus[RIG_MAX];
	unsigned char pin[RIG_MAX][BUS_PIN];
	unsigned char seed[BUS_SEED];
	struct rig_link link[RIG_MAX][RIG_MAX];
	int64_t ms;
	uint64_t dials;
	struct rng rng;
	/* what the broker does, of 100 */
	unsigned drops, doubles, delays;
	uint32_t deaf; /* bits: servers that get nothing */
	bool keeps;    /* all datagrams, in old */
	struct rig_datagram pipe[RIG_PIPE], old[RIG_PIPE];
	size_t npipe, nold;
	size_t published[RIG_MAX];
	size_t datagram_max;
};

/* Make n servers, 001, 002 ... that are all members, and whose broker is
 * there. */
struct rig *rig_new(unsigned n, uint64_t seed);
void rig_free(struct rig *);
/* Make a bus for a server, in the place of the one it has, as a new run. */
void rig_start(struct rig *, unsigned i, uint32_t inc);
/* Let each server dial all that it may. */
void rig_dial_all(struct rig *);
void rig_run(struct rig *, int64_t ms);
/* Let i send text to some servers: one buffer for all (bits). */
void rig_send(struct rig *, unsigned i, uint32_t to, const char *text);
/* Give a datagram to a server. */
void rig_give(struct rig *, unsigned to, struct span);
unsigned rig_slot(const struct rig *, unsigned i, unsigned other);
/* Check that what i was told of other is that text, and forget it. */
void rig_expect(struct rig *, unsigned i, unsigned other, const char *text);
/* Make n servers with links between all. */
struct rig *rig_linked(unsigned n, uint64_t seed);
uint64_t rig_dropped(const struct rig *, unsigned i, enum bus_drop);

#endif
