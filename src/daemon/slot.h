/*
 * slot.h - the numbers by which the node knows connections: a slot and a
 * generation. A slot is used again, a number is not, until its generation wraps
 * after 2^32 connections in one slot.
 *
 * The table does not own the sessions in it.
 */
#ifndef DAEMON_SLOT_H
#define DAEMON_SLOT_H

#include "core/types/ids.h"

struct session;

struct slot {
	struct session *session; /* NULL: free */
	uint32_t gen;		 /* of the last session in the slot */
	uint32_t next_free;	 /* index + 1; 0: none */
};

/* A zeroed struct is an empty table. */
struct slots {
	struct slot *v;
	uint32_t n;
	uint32_t free; /* index + 1; 0: none */
};

/* Take a slot for the session, and return its number. */
struct conn_id slot_take(struct slots *, struct session *);
/* Give a slot back, which must be taken. */
void slot_give(struct slots *, struct conn_id);

/* Return the session of that number, borrowed, or NULL if it has ended. */
static inline struct session *
slot_find(const struct slots *sl, struct conn_id id)
{
	if (id.slot >= sl->n || sl->v[id.slot].gen != id.gen)
		return NULL;
	return sl->v[id.slot].session;
}

/* Free the table. */
void slots_fini(struct slots *);

#endif
