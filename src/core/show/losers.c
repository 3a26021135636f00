/*
 * A change that makes a loser, or ends one, marks the user or the channel
 * (core/facts/facts_write.h). So each step looks at marked users and channels
 * only, and the lists are right between two steps. core/check.c compares them
 * with a walk over all users and channels (C11, C12).
 *
 * Channels are listed, not members, because a list costs room in each object,
 * and there are many members. How many own members stand in which incarnation
 * is counted as they come and go (core/facts/founding.h), so asking a channel
 * costs nothing per member.
 *
 * The lists are arrays in any order. Each object knows its place in its list,
 * and the last one takes the place of one that goes.
 */
#include "core/show/losers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/facts/claim.h"
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"

void
losers_fini(struct core *c)
{
	free(c->losers.user);
	free(c->losers.chan);
}

/*
 * A user that claims its uid has nothing left to lose. A claim whose stamp the
 * clock does not follow (link-protocol.md, 1.5) is later than any claim that
 * this server can make, so it makes none.
 */
bool
losers_is_user(const struct user *u)
{
	return u->home_here && u->shown && u->claimed != NULL &&
	       nick_holder(u->claimed) != u &&
	       !span_eq(user_claim_nick(u), uid_span(&u->uid)) &&
	       user_claim(u).write.stamp.ms <= STAMP_SEEN_MAX;
}

bool
losers_is_member(const struct member *m)
{
	const struct founding *current = m->chan->current;

	return m->shown && founding_can_move(m) &&
	       (current == NULL ||
		   cinc_cmp(member_cinc(m), current->cinc) != 0);
}

static void
note_user(struct facts *f, struct losers *l, struct user *u)
{
	bool lost = losers_is_user(u);
	uint32_t at = user_lost_at(u);
	struct user *last;

	if (lost == (at != 0))
		return;
	if (lost) {
		if (l->nuser == l->capuser)
			l->user = mem_grow32(l->user, &l->capuser, 16,
			    sizeof(struct user *));
		l->user[l->nuser++] = u;
		facts_set_lost_at(f, u, l->nuser);
		return;
	}
	last = l->user[--l->nuser];
	l->user[at - 1] = last;
	facts_set_lost_at(f, last, at);
	facts_set_lost_at(f, u, 0);
}

static void
note_chan(struct losers *l, struct chan *c)
{
	bool lost = c->nshown > 0 && founding_count_astray(c) > 0;

	if (lost == (c->lost_at != 0))
		return;
	if (lost) {
		if (l->nchan == l->capchan)
			l->chan = mem_grow32(l->chan, &l->capchan, 16,
			    sizeof(struct chan *));
		l->chan[l->nchan++] = c;
		c->lost_at = l->nchan;
		return;
	}
	l->chan[c->lost_at - 1] = l->chan[--l->nchan];
	l->chan[c->lost_at - 1]->lost_at = c->lost_at;
	c->lost_at = 0;
}

void
losers_note(struct step *st)
{
	struct losers *l = &st->core->losers;
	struct user *u;
	struct chan *c;

	for (size_t i = 0; (u = facts_dirty_user_next(st->facts, &i)) != NULL;)
		note_user(st->facts, l, u);
	for (size_t i = 0; (c = facts_dirty_chan_next(st->facts, &i)) != NULL;)
		note_chan(l, c);
}
