/*
 * slot.h - the numbers by which the node knows connections: a slot, and which
 * of those that had it. A slot is taken again, a number is not (until its
 * generation has gone round, after 2^32 of them).
 *
 * Owns the table, not the sessions in it.
 */
#ifndef DAEMON_SLOT_H
#define DAEMON_SLOT_H

#include "core/types/ids.h"

struct session;

struct slot {
	struct session *session; /* NULL: free */
	uint32_t gen;		 /* of the last session in it */
	uint32_t next_free;	 /* index + 1; 0: none */
};

/* All zero: none. */
struct slots {
	struct slot *v;
	uint32_t n;
	uint32_t free; /* index + 1; 0: none */
};

struct conn_id slot_take(struct slots *, struct session *);
/* It was taken, and not given back. */
void slot_give(struct slots *, struct conn_id);

/* Borrowed; NULL if it is no more. */
static inline struct session *
slot_find(const struct slots *sl, struct conn_id id)
{
	if (id.slot >= sl->n || sl->v[id.slot].gen != id.gen)
		return NULL;
	return sl->v[id.slot].session;
}

void slots_fini(struct slots *);

#endif
