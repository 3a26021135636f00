#include "core/facts/claim.h"

/*
 * The rule users know: the owner of the nick keeps it, else the user who had it
 * first. All servers compare the same facts, so all decide alike
 * (doc/link-protocol.md, 11).
 */
bool
claim_is_less(const struct user *a, const struct user *b)
{
	int c;

	/* 1. The lesser class: 0 is the owner's account, 1 everybody else. */
	if (a->claim_class != b->claim_class)
		return a->claim_class < b->claim_class;

	/* 2. The older claim. */
	if (a->claim_stamp.ms != b->claim_stamp.ms)
		return a->claim_stamp.ms < b->claim_stamp.ms;

	/* 3. Claims of the same millisecond: the lesser server. */
	if ((c = sid_cmp(a->claim_write.dot.o.sid, b->claim_write.dot.o.sid)) !=
	    0)
		return c < 0;

	/* 4. The lesser uid: two users never have the same. */
	return uid_cmp(a->uid, b->uid) < 0;
}
