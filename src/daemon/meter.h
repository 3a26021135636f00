/*
 * meter.h - figures that the node does not know: events, handshakes, turns of
 * the loop, queues.
 */
#ifndef DAEMON_METER_H
#define DAEMON_METER_H

#include "base/writer.h"
#include "core/types/log.h"
#include "net/loop.h"

struct banyand;

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

/* Write all figures of the server. */
void meter_write(struct banyand *, struct writer *);

#endif
