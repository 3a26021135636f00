/*
 * Nearly every nick is claimed by one user, who holds it and is shown by it. So
 * the nick has a pointer to the user with the least claim, and two bits. They
 * say that this user also holds the nick, and is shown by it. For all other
 * cases there is a struct nick_more while it is needed: the nick changes hands,
 * or several users claim it. The claims behind the least one are in a tree, and
 * their places there are objects of their own.
 */
#include "core/facts/claim.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "base/mem.h"

struct claim {
	struct user *user;
	RB_ENTRY(claim) link;
};

RB_HEAD(claim_tree, claim);

struct nick_more {
	struct claim_tree others; /* of visible users, behind the least */
	struct user *holder;	  /* if not nick.held; or NULL */
	struct user *shown_by;	  /* if not nick.seen; or NULL */
	uint32_t nothers;	  /* claims beside one; of hidden users, too */
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
	return n->held ? n->least : n->more != NULL ? n->more->holder : NULL;
}

uint32_t
nick_nclaims(const struct nick *n)
{
	return n->more == NULL ? n->claimed : n->claimed + n->more->nothers;
}

struct user *
nick_shown_by(const struct nick *n)
{
	return n->seen ? n->least : n->more != NULL ? n->more->shown_by : NULL;
}

static struct nick_more *
more_of(struct facts *f, struct nick *n)
{
	if (n->more == NULL)
		n->more = blocks_take_zero(&f->blocks, sizeof(*n->more));
	return n->more;
}

/* Free n->more if it holds nothing any more. */
static void
less_of(struct facts *f, struct nick *n)
{
	const struct nick_more *x = n->more;

	if (x == NULL || x->holder != NULL || x->shown_by != NULL ||
	    x->nothers > 0 || !RB_EMPTY(&x->others))
		return;
	blocks_give(&f->blocks, n->more, sizeof(*n->more));
	n->more = NULL;
}

void
claim_set_holder(struct facts *f, struct nick *n, struct user *u)
{
	n->held = u != NULL && u == n->least;
	if (u != NULL && !n->held)
		more_of(f, n)->holder = u;
	else if (n->more != NULL)
		n->more->holder = NULL;
	less_of(f, n);
}

void
claim_set_shown_by(struct facts *f, struct nick *n, struct user *u)
{
	n->seen = u != NULL && u == n->least;
	if (u != NULL && !n->seen)
		more_of(f, n)->shown_by = u;
	else if (n->more != NULL)
		n->more->shown_by = NULL;
	less_of(f, n);
}

/* Let another user have the least claim, or nobody. The holder and the user who
 * is shown stay the same. */
static void
set_least(struct facts *f, struct nick *n, struct user *u)
{
	struct user *holder = nick_holder(n), *shown_by = nick_shown_by(n);

	n->least = u;
	claim_set_holder(f, n, holder);
	claim_set_shown_by(f, n, shown_by);
}

static void
others_add(struct facts *f, struct nick *n, struct user *u)
{
	struct claim *c = mem_zalloc(sizeof(*c));

	c->user = u;
	RB_INSERT(claim_tree, &more_of(f, n)->others, c);
}

static void
others_del(struct nick *n, struct claim *c)
{
	RB_REMOVE(claim_tree, &n->more->others, c);
	free(c);
}

static struct claim *
others_find(struct nick *n, struct user *u)
{
	struct claim key = { .user = u };

	return RB_FIND(claim_tree, &n->more->others, &key);
}

/* Make the least of the other claims the least claim of the nick. */
static void
step_up(struct facts *f, struct nick *n)
{
	struct claim *c =
	    n->more == NULL ? NULL : RB_MIN(claim_tree, &n->more->others);
	struct user *u = c == NULL ? NULL : c->user;

	if (c != NULL)
		others_del(n, c);
	set_least(f, n, u);
}

void
claim_enter(struct facts *f, struct user *u)
{
	struct nick *n = u->claimed;

	if (n == NULL)
		return;
	if (n->claimed)
		more_of(f, n)->nothers++;
	n->claimed = true;
	if (!u->visible)
		return;
	if (n->least == NULL || claim_is_less(u, n->least)) {
		if (n->least != NULL)
			others_add(f, n, n->least);
		set_least(f, n, u);
	} else
		others_add(f, n, u);
}

/* Count one claim less. */
static void
count_less(struct facts *f, struct nick *n)
{
	invariant(n->claimed);
	n->claimed = nick_nclaims(n) > 1;
	if (n->claimed)
		n->more->nothers--;
	less_of(f, n);
}

void
claim_leave(struct facts *f, struct user *u)
{
	struct nick *n = u->claimed;

	if (n == NULL)
		return;
	count_less(f, n);
	if (!u->visible)
		return;
	if (n->least == u) {
		step_up(f, n);
		return;
	}
	others_del(n, others_find(n, u));
	less_of(f, n);
}

void
claim_fini(struct facts *f, struct nick *n)
{
	blocks_give(&f->blocks, n->more, sizeof(*n->more));
}
