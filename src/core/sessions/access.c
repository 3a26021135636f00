/*
 * Only its members can see a secret channel (+s), and an invisible user (+i) is
 * seen only on channels that both users are on (modern-irc, "Channel Modes",
 * "User Modes").
 */
#include "core/sessions/access.h"

bool
is_on_chan(const struct session *s, const struct chan *c)
{
	const struct member *m =
	    s->user == NULL ? NULL : facts_find_member(c, s->user);

	return m != NULL && m->shown;
}

bool
may_see_chan(const struct session *s, const struct chan *c)
{
	return c->nshown > 0 &&
	       ((c->modes & CMB(SECRET)) == 0 || is_on_chan(s, c));
}

bool
may_see_member(const struct member *m, bool is_on)
{
	return m->shown && (is_on || (m->user->modes & UMB(INVISIBLE)) == 0);
}
