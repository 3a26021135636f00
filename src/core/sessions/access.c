/*
 * Only its members can see a secret channel (+s), and an invisible user (+i) is
 * seen only on channels that both users are on (modern-irc, "Channel Modes",
 * "User Modes").
 */
#include "core/sessions/access.h"

#include "core/types/cost.h"

bool
is_on_chan(const struct session *s, const struct chan *c)
{
	const struct member *m =
	    s->user == NULL ? NULL : facts_find_member(c, s->user);

	return m != NULL && m->shown;
}

/* The rule users know: a secret channel does not exist for others. */
bool
may_see_chan(const struct session *s, const struct chan *c)
{
	/* 1. Nobody sees a channel without shown members. */
	if (c->nshown == 0)
		return false;

	/* 2. Everybody sees a channel that is not +s. */
	if ((c->modes & CMB(SECRET)) == 0)
		return true;

	/* 3. A member sees it. */
	return is_on_chan(s, c);
}

/* The rule users know: an invisible user is seen by those who share a channel
 * with them. */
bool
may_see_member(const struct member *m, bool is_on)
{
	/* 1. Nobody sees a membership that is not shown. */
	if (!m->shown)
		return false;

	/* 2. Members see each other. */
	if (is_on)
		return true;

	/* 3. Others see members that are not +i. */
	return (m->user->modes & UMB(INVISIBLE)) == 0;
}

const struct invite *
find_invite(struct step *st, const struct user *u, const struct founding *g)
{
	const struct invite *i;
	size_t n = 0;

	for (i = user_first_invite(u); i != NULL; i = LIST_NEXT(i, user_link)) {
		n++;
		if (i->founding == g && expiry_holds(i->expiry, st->wall))
			break;
	}
	step_spend(st, n * COST_VISIT);
	return i;
}
