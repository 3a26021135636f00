/*
 * Nearly every nick is claimed by one user, so the nick has a pointer to the
 * user with the least claim. The other claims are in a tree, and their places
 * there are objects of their own.
 */
#include "core/facts/claim.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "base/mem.h"

struct claim {
	struct user *user;
	RB_ENTRY(claim) link;
};

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
	struct nick_claim x = user_claim(a), y = user_claim(b);
	int c;

	/* 1. The lesser class: 0 is the owner's account, 1 everybody else. */
	if (x.class != y.class)
		return x.class < y.class;

	/* 2. The older claim. */
	if (x.stamp.ms != y.stamp.ms)
		return x.stamp.ms < y.stamp.ms;

	/* 3. Claims of the same millisecond: the lesser server. */
	if ((c = sid_cmp(x.write.dot.o.sid, y.write.dot.o.sid)) != 0)
		return c < 0;

	/* 4. The lesser uid: two users never have the same. */
	return uid_cmp(a->uid, b->uid) < 0;
}

static int
claim_cmp(const struct claim *a, const struct claim *b)
{
	return claim_is_less(a->user, b->user)
		   ? -1
		   : claim_is_less(b->user, a->user);
}

TREE_GENERATE(claim_tree, claim, link, claim_cmp)

struct user *
claim_least(const struct nick *n)
{
	return n->least;
}

struct user *
nick_holder(const struct nick *n)
{
	return n->holder;
}

struct user *
nick_shown_by(const struct nick *n)
{
	return n->shown_by;
}

void
claim_set_holder(struct nick *n, struct user *u)
{
	n->holder = u;
}

void
claim_set_shown_by(struct nick *n, struct user *u)
{
	n->shown_by = u;
}

static void
others_add(struct nick *n, struct user *u)
{
	struct claim *c = mem_zalloc(sizeof(*c));

	c->user = u;
	RB_INSERT(claim_tree, &n->others, c);
}

static void
others_del(struct nick *n, struct claim *c)
{
	RB_REMOVE(claim_tree, &n->others, c);
	free(c);
}

static struct claim *
others_find(struct nick *n, struct user *u)
{
	struct claim key = { .user = u };

	return RB_FIND(claim_tree, &n->others, &key);
}

/* Make the least of the other claims the least claim of the nick. */
static void
step_up(struct nick *n)
{
	struct claim *c = RB_MIN(claim_tree, &n->others);

	n->least = NULL;
	if (c == NULL)
		return;
	n->least = c->user;
	others_del(n, c);
}

void
claim_enter(struct user *u)
{
	struct nick *n = u->claimed;

	if (n == NULL)
		return;
	n->nclaims++;
	if (!u->visible)
		return;
	if (n->least == NULL || claim_is_less(u, n->least)) {
		if (n->least != NULL)
			others_add(n, n->least);
		n->least = u;
	} else
		others_add(n, u);
}

void
claim_leave(struct user *u)
{
	struct nick *n = u->claimed;

	if (n == NULL)
		return;
	invariant(n->nclaims > 0);
	n->nclaims--;
	if (!u->visible)
		return;
	if (n->least == u)
		step_up(n);
	else
		others_del(n, others_find(n, u));
}
