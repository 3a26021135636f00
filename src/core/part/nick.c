/*
 * NICK: a claim on a name.
 *
 * Any number of users may claim one nick. The holder is the least (class,
 * stamp, sid, uid) of the claims of visible users, computed when read
 * (core/show/show_nick.c) and never stored as a fact: a stored loser is what
 * diverged when two collisions met. Who does not hold his claim shows his uid.
 *
 * A user has one claim, written by his home: the later entry replaces.
 */
#include "core/facts/facts_write.h"
#include "core/part/merge.h"

void
merge_nick(struct merge *m, const struct part_nick *p)
{
	struct user *u = facts_find_uid(m->facts, p->uid);

	if (u == NULL || facts_is_void(m->facts, m->dot.o))
		return;
	if (u->claimed != NULL && u->claim_entry.ms >= m->stamp.ms)
		return;
	u->claim_dot = m->dot;
	u->claim_entry = m->stamp;
	u->claim_stamp = p->stamp;
	u->claim_class = (uint32_t)p->class;
	facts_claim(m->facts, u, p->nick);
}
