/*
 * outq.h - the bytes of one link on their way out, as places in its stream:
 *
 *	got ........ sent ........ end
 *	    published     waiting
 *
 * Bytes are kept until the peer has got them. They are references to buffers
 * that other links share. An outq owns its references.
 */
#ifndef BROKER_OUTQ_H
#define BROKER_OUTQ_H

#include "base/rcbuf.h"

struct outq_item {
	struct rcbuf *buf;
	uint64_t at; /* place of its first byte */
};

struct outq {
	struct outq_item *v; /* from head on */
	size_t head, n, cap;
	size_t next; /* the item of the first byte that waits, from head on */
	uint64_t got, sent, end;
	uint64_t limit; /* the peer takes no bytes behind this */
};

void outq_init(struct outq *);
void outq_fini(struct outq *);
/* Append a buffer, which gets one more reference. */
void outq_add(struct outq *, struct rcbuf *);

/* Return the bytes that wait in the item that is `depth` items behind the first
 * one, or an empty span. *buf is their buffer. */
struct span outq_waiting(const struct outq *, size_t depth,
    const struct rcbuf **buf);
/* Return how many bytes may be published now. */
uint64_t outq_room(const struct outq *, uint64_t window);
/* Note that n bytes of the first item that waits are published. */
void outq_published(struct outq *, size_t n);
/* Note what the peer has. Return false, and do nothing, if that cannot be. */
bool outq_acked(struct outq *, uint64_t got, uint64_t room);
/* Return published bytes from a place on, as far as they are in one buffer. */
struct span outq_at(const struct outq *, uint64_t place);

#endif
