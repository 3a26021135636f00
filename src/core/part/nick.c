/*
 * NICK: a claim on a name.
 *
 * Any number of users may claim one nick. The holder has the least (class,
 * stamp, sid, uid) among the claims of visible users. It is computed when it is
 * read (core/show/show_nick.c) and never stored as a fact: stored losers
 * diverged when two collisions met. A user who does not hold the nick is shown
 * by the uid.
 *
 * A user has one claim, which the user's home writes. The later write replaces
 * it, as if it were a register (link-protocol.md, 11.3).
 */
#include "core/facts/facts_write.h"
#include "core/part/merge.h"

/* A nick that no client could read counts as a claim of the uid, and so does
 * the uid of another user (doc/link-protocol.md, 11.20). */
static struct span
nick_of(const struct part_nick *p)
{
	struct uid uid;

	return p->nick.n == 0 || uid_parse(p->nick, &uid) ? uid_span(&p->uid)
							  : p->nick;
}

void
merge_nick(struct merge *m, const struct part_nick *p)
{
	struct user *u = merge_user_meant(m, p->uid);
	struct nick_claim had,
	    claim = { .write = { m->dot, m->tenure, m->stamp },
		    .stamp = p->stamp,
		    .class = (uint32_t)p->class };

	if (u == NULL || facts_is_void_of(m->facts, u, m->dot.o))
		return;
	had = user_claim(u);
	if (u->claimed != NULL && !write_is_later(&claim.write, &had.write))
		return;
	facts_unclaim(m->facts, u);
	facts_claim(m->facts, u, nick_of(p), &claim);
}
