/*
 * played.h - nodes with a peer, mostly 002, that the test plays line by line,
 * and checks of the lines that such a peer gets. Each function fails the test
 * if the peer gets something else.
 */
#ifndef UNIT_NODE_PLAYED_H
#define UNIT_NODE_PLAYED_H

#include "unit/node/world.h"

#define PLAYED_HELLO \
	"HELLO 1 002.50 1700000001000 002.example.org 77 :network=Test"

/* Make node 1, alone and ready; it dials nobody. */
struct world *played_node(void);
/* Open a connection of the peer, past SYNC. */
unsigned played_sync(struct world *);
/* The same for that run and instance of the peer 00K (link-protocol.md,
 * 4.1). */
unsigned played_sync_run(struct world *, unsigned k, uint32_t run,
    unsigned instance);
/* Open a connection of the peer 00K with those capabilities, up to its LSA. */
unsigned played_open(struct world *, unsigned k, const char *caps);
/* Do that, and ask by a SYNC for everything. */
unsigned played_asks(struct world *, unsigned k, const char *caps);
/*
 * Let the client ann join n channels, #channel0 and so on, and wait until the
 * log is empty. Return ann.
 */
unsigned played_on_channels(struct world *, unsigned n);

/*
 * Make nodes 1, 2 and 3, started as the runs 10, 20 and 30, which are linked as
 * a line. Node 4 is not started: the test may play it.
 */
struct world *played_line(void);
/*
 * Open a connection of the run 50 of the peer 004 to node 1 of that line, past
 * SYNC. The clock of its HELLO is ms ahead of that of node 1.
 */
unsigned played_liar(struct world *, int64_t ms);
/* Check that the nodes from that one up to node 3 have ended no link. */
void played_kept_links(struct world *, unsigned from);

/* Let a turn of node 1 have that many units (core/types/cost.h), and begin only
 * when the test says so. */
void played_small_turns(struct world *, int64_t units);

/* Let a peer say the n-th entry of that origin, which has one part. */
void played_entry(struct world *, unsigned conn, const char *origin, unsigned n,
    const char *part);
/* Let a peer say the entries from that one up to `to` of 002.50, each of which
 * is a message of 002AAAAAA to #c. */
void played_messages(struct world *, unsigned conn, unsigned from, unsigned to);
/* Let so many seconds pass, in each of which the peer says BEAT. */
void played_beats(struct world *, unsigned conn, int s);
void played_hears(struct world *, unsigned conn, const char *piece);
/*
 * Check that ERROR with that code came, that the connection is closed, and that
 * no link is left.
 */
void played_is_refused(struct world *, unsigned conn, const char *code);

#endif
