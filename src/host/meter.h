/*
 * meter.h - figures that all programs have that run for long: the version,
 * events, handshakes, turns of the loop, queues.
 */
#ifndef HOST_METER_H
#define HOST_METER_H

#include "base/writer.h"
#include "host/logger.h"
#include "net/loop.h"
#include "net/stream.h"

#define METER_BOUNDS 8 /* of turns */

struct meter {
	struct hook turn; /* the last of the loop */
	struct loop *loop;
	uint64_t handshakes;		  /* of TLS, that succeeded */
	uint64_t upgrades;		  /* to WebSocket, likewise */
	uint64_t turns[METER_BOUNDS + 1]; /* by how long they took */
	int64_t turns_ns;		  /* of all turns */
};

/* Measure the turns of the loop from now on. */
void meter_start(struct meter *, struct loop *);
/* Stop. Call this before the loop is freed; nothing may be measured. */
void meter_stop(struct meter *);

/* Write these figures. */
void meter_write(const struct meter *, const struct logger *,
    const struct streams *, struct writer *);

#endif
