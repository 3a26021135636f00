/*
 * A model of what the hidden members of a channel say to a JOIN. An incarnation
 * in which only hidden members stand must let the user join, too, if it is
 * older than the one that is shown (link-protocol.md, 9.19). Clients do not
 * know such members, so the model reads the facts of the server. It counts
 * members one by one and reads the registers as they were written. The JOINs
 * that are tried give no key.
 */
#include "run.h"

#include "core/facts/chan_name.h"
#include "core/facts/founding.h"
#include "core/facts/invites.h"
#include "core/facts/masks.h"
#include "core/state.h"
#include "lib/net.h"

/* Return true if the server shows the user, or is to do so. */
static bool
is_visible(const struct core *core, const struct user *u)
{
	struct origin home = user_home(u);
	const struct server *s;

	if (origin_cmp(home, core_self(core)) == 0)
		return true;
	s = facts_find_server(&core->facts, home.sid);
	return s != NULL && home.inc != 0 && s->visible == home.inc;
}

/* Return how many members stand in the incarnation if all of them are hidden
 * and it is older than the one that is shown; or else 0. */
static size_t
count_hidden(const struct core *core, const struct founding *g)
{
	const struct chan *ch = g->chan;
	const struct member *m;
	size_t n = 0;

	if (ch->current != NULL && cinc_cmp(g->cinc, ch->current->cinc) >= 0)
		return 0;
	TAILQ_FOREACH(m, &ch->members, chan_link) {
		if (cinc_cmp(member_cinc(m), g->cinc) != 0)
			continue;
		if (is_visible(core, m->user))
			return 0;
		n++;
	}
	return n;
}

static bool
has_list(const struct core *core, const struct founding *g, enum chan_mode list)
{
	return mask_first_of(g, list_name(&core->facts, list)) != NULL;
}

/* Return what an incarnation with so many members says to the user. */
static enum tried_fate
fate_in(const struct core *core, const struct founding *g, size_t members,
    const struct user *u)
{
	bool open = has_list(core, g, CM_BAN), refused = false;
	struct reg_walk walk = founding_regs(g);
	const struct reg *r;
	struct span name;
	uint64_t limit = 0;

	while ((r = regs_next(&walk)) != NULL) {
		name = rcbuf_span(r->name->text);
		if (r->value == NULL)
			continue;
		if (span_eq(name, SPAN("mode/key")))
			refused = true;
		else if (span_eq(name, SPAN("mode/limit")))
			refused |= span_u64(rcbuf_span(r->value), &limit) &&
				   members >= limit;
		else if (!span_eq(name, SPAN("mode/invite-only")))
			continue;
		else if (invite_into(u, g) != NULL ||
			 has_list(core, g, CM_INVEX))
			open = true;
		else
			refused = true;
	}
	return refused ? TRIED_REFUSED : open ? TRIED_OPEN : TRIED_DONE;
}

/* Return true if the name may lead to a channel of another name. */
static bool
may_lead_on(const struct core *core, const struct chan *ch, struct span name)
{
	const struct facts *f = &core->facts;

	if (ch != NULL && (chan_is_shown(ch) || ch->nmembers > 0))
		return false;
	return cname_place(f, name) != NULL ||
	       (ch == NULL && facts_find_chan(f, name) != NULL);
}

enum tried_fate
hidden_fate(const struct world *w, const struct person *p, const char *chan)
{
	const struct core *core = node_core(w->net->node[p->node].node);
	const struct chan *ch = chan_name_find(&core->facts, span_of(chan));
	const struct user *u =
	    facts_find_nick(&core->facts, span_of(p->ref.nick));
	enum tried_fate all = TRIED_DONE, one;
	const struct founding *g;
	size_t n;

	if (u == NULL || !TAILQ_EMPTY(&core->flips) ||
	    may_lead_on(core, ch, span_of(chan)))
		return TRIED_OPEN;
	g = ch == NULL ? NULL : founding_first(ch);
	for (; g != NULL; g = founding_next(g)) {
		n = count_hidden(core, g);
		one = n == 0 ? TRIED_DONE : fate_in(core, g, n, u);
		if (one == TRIED_REFUSED)
			return TRIED_REFUSED;
		if (one == TRIED_OPEN)
			all = TRIED_OPEN;
	}
	return all;
}
