/*
 * JOIN and PART (modern-irc, "Channel Operations").
 *
 * All channels of one line are one entry. A channel that nobody visible is on
 * is founded (core/found.h): the joiner is op, or what the option founder says,
 * the modes are +nt, and nothing is left of what was set before. If hidden
 * members are in an older incarnation, that wins when the network is whole
 * again (core/part/chan.c), so the user must be allowed to join that one, too
 * (core/rider.h).
 */
#include "core/cmd/cmd.h"
#include "core/facts/chan_name.h"
#include "core/facts/invites.h"
#include "core/facts/membership.h"
#include "core/facts/unseen.h"
#include "core/found.h"
#include "core/part/later.h"
#include "core/rider.h"
#include "core/sessions/access.h"
#include "core/sessions/flood.h"
#include "core/sessions/given_key.h"
#include "core/types/cost.h"
#include "core/types/mode_value.h"
#include "wire/casemap.h"
#include "wire/name.h"
#include "wire/utf8.h"

#define PARTS_PER_JOIN (FOUND_PARTS_MAX + 3) /* and CNAME JOIN STAT, or LDEL */

/*
 * Return NULL if the caller may join a channel that has members, else the
 * numeric of the first step that fails. The rule users know: each mode that
 * closes a channel must be satisfied for itself, and no mode opens what another
 * one closes (modern-irc, "Channel Modes").
 */
static const struct numeric_row *
refusal(struct cmd *c, const struct chan *ch, struct span key)
{
	/* 1. +i: the user is invited, or matches an exception of +I. An
	 *    invitation helps in no other step, since any member may give
	 *    one. */
	if ((ch->modes & CMB(INVITE_ONLY)) &&
	    find_invite(c->st, c->user, ch->current) == NULL &&
	    !chan_list_matches(c, ch, CM_INVEX, c->user, MASK_FOR_JOIN))
		return numeric_row(ERR_INVITEONLYCHAN);

	/* 2. +b: no ban matches the user, or an exception of +e does, too. */
	if (chan_list_matches(c, ch, CM_BAN, c->user, MASK_FOR_JOIN) &&
	    !chan_list_matches(c, ch, CM_EXCEPT, c->user, MASK_FOR_JOIN))
		return numeric_row(ERR_BANNEDFROMCHAN);

	/* 3. +k: the user gave the key, byte for byte. */
	if (chan_value(ch, CM_KEY) != NULL &&
	    !span_eq(rcbuf_span(chan_value(ch, CM_KEY)), key))
		return numeric_row(ERR_BADCHANNELKEY);

	/* 4. +l: fewer members are shown than the limit. */
	if (chan_value(ch, CM_LIMIT) != NULL &&
	    ch->nshown >= mode_limit(rcbuf_span(chan_value(ch, CM_LIMIT))))
		return numeric_row(ERR_CHANNELISFULL);

	/* 5. The hooks of modules. */
	return join_ask(c->tables,
	    &(struct joining){ c->st, ch, c->user, NULL }, ch->modes);
}

/* ---- another channel instead --------------------------------------------- */

#define FORWARDS_MAX 16 /* channels that send a user on, one after the other */

/* Return true if this line joins the channel already, since another one has
 * sent the caller there, or the line has two names of it. */
static bool
is_joining(const struct cmd *c, const struct chan *ch)
{
	const struct part *p;

	for (size_t i = 0; i < c->nparts; i++) {
		p = &c->part[i];
		if (p->id == PART_JOIN &&
		    casemap_eq(p->u.join.ch.name, chan_name_fact(ch)))
			return true;
	}
	return false;
}

/* Return true if the caller may be sent to the channel: it has members, all of
 * them are shown, and the caller is not one of them. */
static bool
can_be_sent_to(const struct cmd *c, const struct chan *ch)
{
	return ch != NULL && chan_is_shown(ch) && ch->current != NULL &&
	       ch->nmembers == ch->nshown &&
	       facts_find_member(ch, c->user) == NULL && !is_joining(c, ch);
}

/* Return a channel that the caller may join instead of that one, which refuses
 * them; and tell them. Return NULL, without a word, if there is none. */
static const struct chan *
find_instead(struct cmd *c, const struct chan *from, struct span key,
    const struct numeric_row *why)
{
	struct joining x = { c->st, from, c->user, why };
	const struct forward_row *row = NULL, *first = NULL;
	struct span name;

	for (unsigned i = 0; i < FORWARDS_MAX; i++) {
		name = forward_ask(c->tables, &x, &row, x.chan->modes);
		if (name.n == 0)
			return NULL;
		first = first == NULL ? row : first;
		x.chan = chan_name_lead(c->facts, name);
		/* a name that the caller cannot join takes them no other way */
		if (!can_be_sent_to(c, x.chan) ||
		    cmd_is_reserved(c, BAN_RESV_CHANNEL,
			rcbuf_span(x.chan->name)))
			return NULL;
		if ((x.why = refusal(c, x.chan, key)) == NULL)
			break;
	}
	if (x.why != NULL)
		return NULL;
	reply_row(c->st, c->s, first->told, rcbuf_span(from->name),
	    rcbuf_span(x.chan->name));
	return x.chan;
}

/* Return the channel that the caller joins: this one, which has members, or
 * another one. Return NULL after sending why not. */
static const struct chan *
choose(struct cmd *c, const struct chan *ch, struct span key)
{
	const struct numeric_row *why = refusal(c, ch, key);
	const struct chan *other;

	if (why == NULL)
		return ch;
	other = find_instead(c, ch, key, why);
	if (other == NULL)
		reply_row(c->st, c->s, why, rcbuf_span(ch->name));
	return other;
}

/* ---- JOIN ---------------------------------------------------------------- */

/*
 * A user who founds a channel under members that have lost their founding is
 * not their op. If hidden members know the channel by the name, this
 * incarnation has it, too: so the channel is shown under the same name here and
 * beyond the split, and after it.
 */
static void
found(struct cmd *c, const struct chan_goal *g, bool op)
{
	struct found f = { .chan = g->ch,
		.name = chan_goal_fact(g),
		.stamp = cmd_stamp(c),
		.modes = true };
	struct part *p;
	struct dot dot;

	found_make(c->st, &f);
	for (size_t i = 0; i < f.n; i++)
		*cmd_add_part(c, f.part[i].id) = f.part[i];
	if (g->given != NULL)
		cmd_add_later(c, &later_builtin[LATER_CNAME],
		    cname_words(c->st->arena, &f.ch, cmd_by(c), g->name),
		    text_off());
	dot = cmd_dot(c, c->nparts);
	p = cmd_add_part(c, PART_JOIN);
	p->u.join = (struct part_join){ f.ch, c->user->uid };
	if (!op)
		return;
	p = cmd_add_part(c, PART_STAT);
	p->u.stat = (struct part_stat){ .ch = f.ch,
		.dot = dot,
		.name =
		    span_of(status_row(c->tables, found_status(c->st))->name),
		.on = true,
		.by = by_server(c->core->self.sid) };
}

/* Use up the user's invitations into the channel. */
static void
use_invites(struct cmd *c, const struct chan *ch)
{
	const struct invite *i;
	struct dot *dot;
	struct part *p;
	size_t n = 0;

	dot = arena_alloc(c->st->arena, CMD_DOTS_MAX * sizeof(*dot));
	for (i = invite_into(c->user, ch->current);
	     i != NULL && i->founding == ch->current && n < CMD_DOTS_MAX;
	     i = invite_next(i))
		dot[n++] = i->dot;
	if (n == 0)
		return;
	p = cmd_add_part(c, PART_LDEL);
	p->u.ldel = (struct part_ldel){ cmd_ch(ch), cmd_by(c), { dot, n } };
}

/* Join a channel that has members, unseen if it has a mode for that. */
static void
join(struct cmd *c, const struct chan *ch)
{
	struct dot dot = cmd_dot(c, c->nparts);

	cmd_add_part(c, PART_JOIN)->u.join =
	    (struct part_join){ cmd_ch(ch), c->user->uid };
	if ((ch->modes & c->tables->veiling) != 0)
		unseen_part(cmd_add_part(c, PART_UNKNOWN), dot, c->st->arena);
}

/*
 * Return true if the caller is to join the channel to which the name leads;
 * else tell the name under which it is shown, or why the caller may not join. A
 * user who may not join is not told the name. 470 "is a more ambiguous response
 * and SHOULD NOT be used when the capability has been negotiated" (ircv3
 * channel-rename): so clients that have it are told, and the others join.
 */
static bool
follow(struct cmd *c, const struct chan_goal *g, struct span key)
{
	const struct numeric_row *why = refusal(c, g->ch, key);
	struct span name = rcbuf_span(g->ch->name);

	if (why != NULL) {
		reply_row(c->st, c->s, why, g->name);
		return false;
	}
	if ((c->s->caps & CAPB(CHANNEL_RENAME)) == 0) {
		reply(c->st, c->s, ERR_LINKCHANNEL, g->name, name);
		return true;
	}
	reply_fail_about(c->st, c->s, c->name,
	    &(struct fail){ SPAN("CHANNEL_RENAMED"), { g->name, name } },
	    SPAN("The channel has been renamed"));
	return false;
}

static void
join_one(struct cmd *c, struct span name, struct span key, uint32_t *nchans)
{
	const struct numeric_row *why;
	const struct chan *ch;
	struct chan_goal goal;
	char fold[LINE_BODY_MAX];

	if (!name_is_channel(name) ||
	    !name_channel_valid(name, c->settings->channel_len)) {
		reply(c->st, c->s,
		    name_is_channel(name) ? ERR_BADCHANMASK : ERR_NOSUCHCHANNEL,
		    name);
		return;
	}
	goal = chan_name_goal(c->facts, name);
	ch = goal.ch;
	if (ch != NULL &&
	    (facts_find_member(ch, c->user) != NULL || is_joining(c, ch)))
		return;
	/* as Solanum and RFC 2812: a name that cannot be had now */
	if (cmd_is_reserved(c, BAN_RESV_CHANNEL,
		goal.is_other ? rcbuf_span(ch->name) : name)) {
		reply(c->st, c->s, ERR_UNAVAILRESOURCE, name);
		return;
	}
	if (c->s->conn->class->channels != 0 &&
	    *nchans >= c->s->conn->class->channels) {
		reply(c->st, c->s, ERR_TOOMANYCHANNELS, name);
		return;
	}
	if (!cmd_has_room(c, PARTS_PER_JOIN)) {
		reply(c->st, c->s, ERR_TOOMANYTARGETS, name);
		return;
	}
	if (ch != NULL &&
	    (why = rider_refusal(c->st, c->user, ch, key)) != NULL) {
		reply_row(c->st, c->s, why, name);
		return;
	}
	if (goal.is_other && !follow(c, &goal, key))
		return;
	if (ch == NULL || !chan_is_shown(ch))
		found(c, &goal, true);
	else if (ch->current == NULL)
		found(c, &goal, false);
	else if ((ch = choose(c, ch, key)) == NULL)
		return;
	else {
		join(c, ch);
		use_invites(c, ch);
	}
	given_key_note(c->core, c->s,
	    ch != NULL ? rcbuf_span(ch->fold) : casemap_fold(name, fold), key);
	++*nchans;
	flood_charge_join(c->st, c->s);
}

/* Commas alone name nothing. */
static bool
need_names(struct cmd *c, struct span list)
{
	while (list.n > 0)
		if (span_cut(&list, ',').n > 0)
			return true;
	reply(c->st, c->s, ERR_NEEDMOREPARAMS, c->name);
	return false;
}

static void
part_all(struct cmd *c)
{
	const struct member *m;
	struct part *p;

	for (struct stays it = stays_of(c->user);
	     (m = stays_next(&it)) != NULL;) {
		if (!cmd_has_room(c, 1))
			return;
		p = cmd_add_part(c, PART_PART);
		p->u.part = (struct part_part){ { chan_name_fact(m->chan),
						    member_cinc(m) },
			m->dot, text_off() };
	}
}

/* Return the channel whose lists decide about a JOIN. */
static const struct chan *
find_joined(const struct cmd *c, struct span name)
{
	const struct chan *ch =
	    name_is_channel(name) ? chan_name_goal(c->facts, name).ch : NULL;

	return ch != NULL && facts_find_member(ch, c->user) == NULL ? ch : NULL;
}

/* Return true if the channel is among the n. */
static bool
is_among(const struct chan *ch, const struct chan *const *v, size_t n)
{
	while (n > 0 && v[n - 1] != ch)
		n--;
	return n > 0;
}

/*
 * Find the channels to which the caller may be sent from that one, from there,
 * and so on. Why a channel refuses them is known only when its lists are
 * judged, so each reason counts. A channel that is left out, since they are
 * too many, has no verdicts, and so takes nobody.
 */
static size_t
find_also(struct cmd *c, const struct chan *ch,
    const struct chan *also[JUDGED_ALSO])
{
	static const enum numeric whys[] = { ERR_INVITEONLYCHAN,
		ERR_BANNEDFROMCHAN, ERR_BADCHANNELKEY, ERR_CHANNELISFULL };
	struct joining x = { c->st, ch, c->user, NULL };
	const struct forward_row *row;
	struct span name;
	size_t n = 0, done = 0;

	while (c->tables->nforward > 0 && x.chan != NULL) {
		for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
			x.why = numeric_row(whys[i]);
			name = forward_ask(c->tables, &x, &row, x.chan->modes);
			ch =
			    name.n == 0 ? NULL : chan_name_lead(c->facts, name);
			if (n < JUDGED_ALSO && can_be_sent_to(c, ch) &&
			    !is_among(ch, also, n))
				also[n++] = ch;
		}
		step_spend(c->st, COST_VISIT);
		x.chan = done < n ? also[done++] : NULL;
	}
	return n;
}

static const struct judged judged = { .find = find_joined,
	.also = find_also,
	.use = MASK_FOR_JOIN,
	.riders = true,
	.nlist = 3,
	.list = { CM_INVEX, CM_BAN, CM_EXCEPT } };

void
cmd_join(struct cmd *c)
{
	struct span list = cmd_arg(c, 0), rest = list, keys = cmd_arg(c, 1);
	uint32_t nchans = c->user->nshown;
	struct span name, key;

	if (span_eq(list, SPAN("0"))) {
		part_all(c);
		return;
	}
	if (!need_names(c, list) || !judge_lists(c, list, &judged))
		return;
	while (rest.n > 0) {
		name = span_cut(&rest, ',');
		key = span_cut(&keys, ',');
		if (name.n > 0 && !cmd_is_repeated(list, name))
			join_one(c, name, key, &nchans);
	}
}

void
cmd_part(struct cmd *c)
{
	struct span list = cmd_arg(c, 0), rest = list, name;
	struct text reason =
	    c->m->nparam > 1
		? text_of(utf8_cut(cmd_arg(c, 1), c->settings->kick_len))
		: text_off();
	const struct chan *ch;
	const struct member *m;
	struct part *p;

	if (!need_names(c, list))
		return;
	while (rest.n > 0) {
		name = span_cut(&rest, ',');
		if (name.n == 0 || cmd_is_repeated(list, name) ||
		    (ch = cmd_find_chan(c, name)) == NULL)
			continue;
		if ((m = cmd_member(c, ch)) == NULL) {
			reply(c->st, c->s, ERR_NOTONCHANNEL,
			    rcbuf_span(ch->name));
			continue;
		}
		if (!cmd_has_room(c, 1)) {
			reply(c->st, c->s, ERR_TOOMANYTARGETS, name);
			return;
		}
		p = cmd_add_part(c, PART_PART);
		p->u.part =
		    (struct part_part){ { chan_name_fact(ch), member_cinc(m) },
			    m->dot, reason };
	}
}
