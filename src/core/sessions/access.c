/*
 * Only its members can see a secret channel (+s), and an invisible user (+i) is
 * seen only on channels that both users are on (modern-irc, "Channel Modes",
 * "User Modes").
 */
#include "core/sessions/access.h"

#include "core/facts/invites.h"
#include "core/facts/masks.h"
#include "core/sessions/extbans.h"
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
	/* 1. Nobody sees a channel without shown members, unless it is
	 *    permanent. */
	if (!chan_is_shown(c))
		return false;

	/* 2. Everybody sees a channel that is not +s. */
	if ((c->modes & CMB(SECRET)) == 0)
		return true;

	/* 3. A member sees it. */
	return is_on_chan(s, c);
}

/* The rule users know: an invisible user is seen by those who share a channel
 * with them, and who has not acted on a channel with +D by nobody. */
bool
may_see_member(const struct session *s, const struct member *m, bool is_on)
{
	/* 1. Nobody sees a membership that is not shown. */
	if (!m->shown)
		return false;

	/* 2. Only the user sees one that is veiled. */
	if (m->veiled)
		return m->user == s->user;

	/* 3. Members see each other. */
	if (is_on)
		return true;

	/* 4. Others see members that are not +i. */
	return (m->user->modes & UMB(INVISIBLE)) == 0;
}

const struct invite *
find_invite(struct step *st, const struct user *u, const struct founding *g)
{
	const struct invite *i = invite_into(u, g);

	step_spend(st, COST_VISIT);
	return i != NULL && expiry_holds(i->expiry, st->wall) ? i : NULL;
}

bool
verdict_is_on(const struct verdict *v, struct dot dot, enum chan_mode list,
    bool of_facts)
{
	return v->list == list && v->of_facts == of_facts &&
	       dot_cmp(v->dot, dot) == 0;
}

/* A list without a verdict has changed at the last moment. Count the user as
 * banned, and as on no other list. */
bool
verdict_of(const struct step *st, const struct founding *g, enum chan_mode list,
    bool of_facts, bool *match)
{
	const struct verdicts *x = st->verdicts;
	struct dot dot = g == NULL ? (struct dot){ 0 } : g->dot;

	if (x == NULL)
		return false;
	*match = list == CM_BAN;
	for (size_t i = 0; i < x->n; i++)
		if (verdict_is_on(&x->v[i], dot, list, of_facts))
			*match = x->v[i].match;
	return true;
}

bool
is_on_list(struct step *st, const struct user *u, const struct founding *g,
    enum chan_mode list, enum mask_use use)
{
	struct mask_test t = mask_test_of(st, u, use);
	const struct mask *m;
	bool match = false;

	if (verdict_of(st, g, list, true, &match))
		return match;
	for (m = mask_first_of(g, list_name(st->facts, list));
	     m != NULL && m->list->chan_list == list; m = mask_next(m)) {
		t.steps += COST_VISIT;
		match = expiry_holds(m->expiry, st->wall) &&
			mask_hits(&t, mask_of(m->text));
		if (match)
			break;
	}
	step_spend(st, t.steps);
	return match;
}

uint32_t
privileges_of(const struct facts *f, const struct user *u)
{
	const struct rcbuf *value;

	if ((u->modes & UMB(OPER)) == 0 ||
	    (value = user_value(f, u, SPAN("privileges"))) == NULL)
		return 0;
	return privileges_read(rcbuf_span(value));
}

bool
access_asker_may(const struct facts *f, struct sid asker, struct uid from,
    enum privilege p)
{
	const struct user *u = facts_find_uid(f, from);
	struct sid sid;

	if (uid_is_of_server(from, &sid)) /* whatever a server says it is */
		return sid_cmp(sid, asker) == 0;
	return u != NULL && u->shown && (privileges_of(f, u) >> p & 1) != 0;
}

struct span
oper_block(const struct facts *f, const struct user *u)
{
	const struct rcbuf *value;

	if ((u->modes & UMB(OPER)) == 0 ||
	    (value = user_value(f, u, SPAN("oper"))) == NULL)
		return SPAN_NONE;
	return rcbuf_span(value);
}
