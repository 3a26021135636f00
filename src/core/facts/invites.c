#include "core/facts/invites.h"

/* ---- the order ----------------------------------------------------------- */

static int64_t
end_of(const struct invite *i)
{
	return i->expiry.ms == 0 ? INT64_MAX : i->expiry.ms;
}

static int
chan_cmp(struct span fold, const struct invite *i)
{
	return span_cmp(fold, rcbuf_span(i->founding->chan->fold));
}

static int
place_cmp(const struct founding *g, const struct invite *i)
{
	int c = chan_cmp(rcbuf_span(g->chan->fold), i);

	return c != 0 ? c : cinc_cmp(g->cinc, i->founding->cinc);
}

static int
invite_cmp(const struct invite *a, const struct invite *b)
{
	int c = place_cmp(a->founding, b);

	if (c != 0)
		return c;
	if (end_of(a) != end_of(b))
		return end_of(a) > end_of(b) ? -1 : 1;
	return dot_cmp(a->dot, b->dot);
}

TREE_GENERATE(invites, invite, user_link, invite_cmp)

void
invites_add(struct user_more *more, struct invite *i)
{
	RB_INSERT(invites, &more->invites, i);
}

void
invites_del(struct user_more *more, struct invite *i)
{
	RB_REMOVE(invites, &more->invites, i);
}

/* ---- found --------------------------------------------------------------- */

struct invite *
user_first_invite(const struct user *u)
{
	return u->more == NULL ? NULL : RB_MIN(invites, &u->more->invites);
}

struct invite *
invite_next(const struct invite *i)
{
	return invites_RB_NEXT((struct invite *)(uintptr_t)i);
}

struct invite *
invite_into(const struct user *u, const struct founding *g)
{
	struct invite *i = u->more == NULL ? NULL : RB_ROOT(&u->more->invites),
		      *best = NULL;
	int c;

	while (i != NULL) {
		c = place_cmp(g, i);
		if (c == 0)
			best = i;
		i = c <= 0 ? RB_LEFT(i, user_link) : RB_RIGHT(i, user_link);
	}
	return best;
}

struct invite *
invite_behind(const struct user *u, struct span fold)
{
	struct invite *i = u->more == NULL ? NULL : RB_ROOT(&u->more->invites),
		      *best = NULL;
	int c;

	while (i != NULL) {
		c = chan_cmp(fold, i);
		if (c < 0)
			best = i;
		i = c < 0 ? RB_LEFT(i, user_link) : RB_RIGHT(i, user_link);
	}
	return best;
}
