/*
 * played.h - a node whose only peer, 002, is played by the test line by line,
 * and what such a peer must be told. Each function fails the test if not.
 */
#ifndef UNIT_NODE_PLAYED_H
#define UNIT_NODE_PLAYED_H

#include "unit/node/world.h"

#define PLAYED_HELLO \
	"HELLO 1 002.50 1700000001000 002.example.org 77 :network=Test"

/* Node 1, alone and ready; nobody is dialled. */
struct world *played_node(void);
/* A connection of the peer, past SYNC. */
unsigned played_sync(struct world *);

void played_hears(struct world *, unsigned conn, const char *piece);
/* ERROR with that code, closed, and no link is left. */
void played_is_refused(struct world *, unsigned conn, const char *code);

#endif
