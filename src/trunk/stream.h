/*
 * stream.h - the clients of trunks, and the ids by which the core knows them.
 *
 *	NEW ──→ open ──→ ended: CLOSED of the gate, or GONE of this server
 *
 * The core takes a stream for a connection. Its id has a slot from STREAM_SLOT
 * on and a generation, so that the id of a stream that has ended names no other
 * one. The gate knows the stream by its number on the trunk
 * (gate-protocol.md, 5.1).
 *
 * The table owns the streams. Each belongs to one trunk, which has a list of
 * its streams.
 */
#ifndef TRUNK_STREAM_H
#define TRUNK_STREAM_H

#include <bsd/sys/queue.h>

#include "base/chains.h"
#include "base/pool.h"
#include "core/types/ids.h"

struct trunk;
struct trunk_ahead;

struct trunk_stream {
	struct trunk *trunk;
	struct conn_id id;
	uint32_t number;
	uint8_t granted;  /* lines that the gate may still pass on */
	uint8_t wants;	  /* lines that the core has granted, and not got */
	bool owed : 1;	  /* on trunk->owed: READ waits */
	bool closing : 1; /* the core has ended it, and GONE is to come */
	bool drains : 1;  /* DRAIN was sent, and no DRAINED has come */
	bool eof : 1;	  /* the core knows that no more lines come */
	bool left : 1;	  /* CLOSED has come, and waits behind lines */
	uint64_t c;	  /* the number of its last line */
	uint64_t rate;
	struct trunk_ahead *ahead; /* what waits; NULL: nothing; owned */
	void *chain;		   /* for trunk->by_number */
	LIST_ENTRY(trunk_stream) link;
	TAILQ_ENTRY(trunk_stream) owed_link;
};

struct trunk_slot {
	struct trunk_stream *stream; /* NULL: free */
	uint32_t gen;		     /* of the last stream in the slot */
	uint32_t next_free;	     /* index + 1; 0: none */
};

struct trunk_streams {
	struct trunk_slot *slot;
	uint32_t n;
	uint32_t free; /* index + 1; 0: none */
	struct pool pool;
	uint64_t expected; /* the sum of their rates */
};

/* How a trunk finds its streams by their numbers. */
extern const struct chains_type trunk_stream_by_number;

void trunk_streams_init(struct trunk_streams *);
/* Free the table, which must be empty. Return how many streams are left. */
size_t trunk_streams_fini(struct trunk_streams *);

/* Make a stream of the trunk, with a new id. */
struct trunk_stream *trunk_stream_new(struct trunk_streams *, struct trunk *,
    uint32_t number);
void trunk_stream_free(struct trunk_streams *, struct trunk_stream *);

/* Return the stream of that number, or NULL if it has ended, or never was. */
struct trunk_stream *trunk_stream_of(const struct trunk *, uint32_t number);

static inline size_t
trunk_streams_count(const struct trunk_streams *x)
{
	return pool_live(&x->pool);
}

/* Return the stream, borrowed, or NULL if it has ended, or if the id is none of
 * a stream. */
static inline struct trunk_stream *
trunk_stream_find(const struct trunk_streams *x, struct conn_id id)
{
	uint32_t i = id.slot & ~STREAM_SLOT;

	if (!conn_id_is_stream(id) || i >= x->n || x->slot[i].gen != id.gen)
		return NULL;
	return x->slot[i].stream;
}

#endif
