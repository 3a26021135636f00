/*
 * The facts of a hidden channel are here. So a JOIN must pass it, too, and is
 * refused for the same reasons and by the same numerics as if its members were
 * shown.
 *
 * Rejected: to refuse each JOIN while members are hidden (437). The members of
 * a server that is gone for good stay among the facts until it is forgotten
 * (doc/decisions/0008), and nobody else could use the channel for 30 days.
 */
#include "core/rider.h"

#include "core/answers/reply.h"
#include "core/facts/founding.h"
#include "core/sessions/access.h"
#include "core/show/show_chan.h"
#include "core/types/cost.h"
#include "core/types/mode_value.h"

/*
 * Return the numeric that refuses the user, or NUMERIC_BUILTIN. The rule for
 * users is that of a channel whose members are shown, in the same order.
 */
static enum numeric
refusal(struct step *st, const struct user *u, const struct founding *g,
    struct span key)
{
	struct shown_regs x = show_regs(st->facts, g);

	/* 1. +i: only with an invitation, or by a mask */
	if ((x.modes & CMB(INVITE_ONLY)) && find_invite(st, u, g) == NULL &&
	    !is_on_list(st, u, g, CM_INVEX, MASK_FOR_JOIN))
		return ERR_INVITEONLYCHAN;
	/* 2. nobody who is banned, but for an exception */
	if (is_on_list(st, u, g, CM_BAN, MASK_FOR_JOIN) &&
	    !is_on_list(st, u, g, CM_EXCEPT, MASK_FOR_JOIN))
		return ERR_BANNEDFROMCHAN;
	/* 3. +k: only with the key */
	if ((x.modes & CMB(KEY)) &&
	    !span_eq(rcbuf_span(show_value(st->facts, g, CM_KEY)), key))
		return ERR_BADCHANNELKEY;
	/* 4. +l: not if it is full */
	if ((x.modes & CMB(LIMIT)) &&
	    g->n.all >=
		mode_limit(rcbuf_span(show_value(st->facts, g, CM_LIMIT))))
		return ERR_CHANNELISFULL;
	return NUMERIC_BUILTIN;
}

bool
rider_is_hidden(const struct chan *ch, const struct founding *g)
{
	return g->n.all > 0 && g->n.visible == 0 &&
	       (ch->current == NULL ||
		   cinc_cmp(g->cinc, ch->current->cinc) < 0);
}

const struct numeric_row *
rider_refusal(struct step *st, const struct user *u, const struct chan *ch,
    struct span key)
{
	const struct founding *g;
	enum numeric no = NUMERIC_BUILTIN;
	size_t n = 0;

	if (ch->nmembers == ch->nshown || core_mutated(st->facts, RIDE_SPLIT))
		return NULL;
	for (g = founding_first(ch); g != NULL && n < RIDER_FOUNDINGS; n++) {
		if (rider_is_hidden(ch, g) &&
		    (no = refusal(st, u, g, key)) != NUMERIC_BUILTIN)
			break;
		g = founding_next(g);
	}
	step_spend(st, n * COST_VISIT);
	return no == NUMERIC_BUILTIN ? NULL : numeric_row(no);
}
