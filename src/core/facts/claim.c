#include "core/facts/claim.h"

#include "base/invariant.h"

/*
 * Return true if a keeps the nick that a and b both claim.
 *
 * The rule users know: the owner of the nick keeps it, else the user who had it
 * first. All servers compare the same facts, so all decide alike
 * (doc/link-protocol.md, 11).
 */
static bool
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

static int
claim_cmp(const struct user *a, const struct user *b)
{
	return claim_is_less(a, b) ? -1 : claim_is_less(b, a);
}

TREE_GENERATE(claim_tree, user, claim_link, claim_cmp)

struct user *
claim_least(const struct nick *n)
{
	struct user *u = RB_ROOT(&n->claims);

	while (u != NULL && RB_LEFT(u, claim_link) != NULL)
		u = RB_LEFT(u, claim_link);
	return u;
}

void
claim_enter(struct user *u)
{
	if (u->claimed == NULL)
		return;
	u->claimed->nclaims++;
	if (u->visible)
		RB_INSERT(claim_tree, &u->claimed->claims, u);
}

void
claim_leave(struct user *u)
{
	if (u->claimed == NULL)
		return;
	invariant(u->claimed->nclaims > 0);
	u->claimed->nclaims--;
	if (u->visible)
		RB_REMOVE(claim_tree, &u->claimed->claims, u);
}
