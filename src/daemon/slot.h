/*
 * slot.h - the numbers by which the node knows connections: a slot and a
 * generation. A slot is used again, a number is not, until its generation wraps
 * after 2^32 connections in one slot.
 *
 * The table does not own the endpoints in it.
 */
#ifndef DAEMON_SLOT_H
#define DAEMON_SLOT_H

#include "core/types/ids.h"

struct endpoint;

struct slot {
	struct endpoint *endpoint; /* NULL: free */
	uint32_t gen;		   /* of the last endpoint in the slot */
	uint32_t next_free;	   /* index + 1; 0: none */
};

/* A zeroed struct is an empty table. */
struct slots {
	struct slot *v;
	uint32_t n;
	uint32_t free; /* index + 1; 0: none */
	uint32_t gen;  /* of slots that were never taken */
};

/* More slots than a process can have descriptors. */
#define SLOTS_MAX (UINT32_C(1) << 22)

/* Take a slot for the endpoint, and return its number. */
struct conn_id slot_take(struct slots *, struct endpoint *);
/* Give a slot back, which must be taken. */
void slot_give(struct slots *, struct conn_id);

/*
 * Take over the numbers of an earlier program of this process, before the first
 * slot_take(): claim each number that is in use, then begin with the greatest
 * generation of that program, so that no number of it is used again. slot_claim
 * returns false if the slot is taken, or beyond SLOTS_MAX.
 */
bool slot_claim(struct slots *, struct conn_id, struct endpoint *);
void slots_begin(struct slots *, uint32_t gen);
/* Return the greatest generation that a number had so far. */
uint32_t slots_gen(const struct slots *);

/* Return the endpoint of that number, borrowed, or NULL if it has ended. */
static inline struct endpoint *
slot_find(const struct slots *sl, struct conn_id id)
{
	if (id.slot >= sl->n || sl->v[id.slot].gen != id.gen)
		return NULL;
	return sl->v[id.slot].endpoint;
}

/* Free the table. */
void slots_fini(struct slots *);

#endif
