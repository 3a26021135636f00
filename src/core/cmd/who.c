/*
 * WHO (modern-irc, "WHO message"; the `o` of RFC 1459, 4.5.1). The fields of
 * WHOX are in whox.c.
 *
 *	a channel	its members whom the asker may see
 *	a nick		that user, invisible or not: who knows the name may
 *	a mask, 0, none	all visible users whom it matches
 *
 * A user is visible who is not +i, or shares a channel with the asker.
 * Operators with the privilege see all users and channels
 * (core/sessions/sight.h).
 *
 * The answer is a listing (core/sessions/listing.h): along the members of a
 * channel, or along all users in the order they came.
 */
#include "core/cmd/cmd.h"
#include "core/cmd/whox.h"
#include "core/facts/chan_name.h"
#include "core/facts/membership.h"
#include "core/sessions/access.h"
#include "core/sessions/listing.h"
#include "core/sessions/sight.h"
#include "core/types/cost.h"
#include "core/answers/whois.h"
#include "core/sessions/source.h"
#include "wire/mask.h"
#include "wire/name.h"

/* Charge for n channels of a user that were looked for among the channels of
 * the asker. */
static void
spend_pairs(struct step *st, const struct user *asker, size_t n)
{
	step_spend(st, n * (asker->nshown + 1) * COST_MEMBERSHIP);
}

/* Return the channel that the answer names with the user: the first channel of
 * the user that the asker may know of, else the first that an operator sees. */
static const struct member *
any_membership(struct step *st, struct sight *x, const struct user *u)
{
	const struct member *m, *hidden = NULL;
	size_t n = 0;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		n++;
		if (whois_may_tell(x->by, m))
			break;
		if (hidden == NULL && m->shown)
			hidden = m;
	}
	spend_pairs(st, x->by, n);
	if (m == NULL && hidden != NULL && sight_lets(x, false))
		m = hidden;
	return m;
}

static struct span
flags_of(struct step *st, const struct session *s, const struct user *u,
    const struct member *m)
{
	const struct user_mark *mark;
	uint64_t modes = u->modes;
	struct writer w;

	writer_init_arena(&w, st->arena, 2 + ST_NONE + UM_NONE);
	writer_char(&w, user_away(u) == NULL ? 'H' : 'G');
	if (u->modes & UMB(OPER))
		writer_char(&w, '*');
	if (m != NULL) /* all of them with multi-prefix */
		writer_span(&w, status_prefixes(st, member_status(m),
				    (s->caps & CAPB(MULTI_PREFIX)) != 0));
	while ((mark = user_mark_next(st->tables, &modes)) != NULL)
		writer_char(&w, mark->flag);
	return writer_done(&w);
}

static void
reply_plain(struct step *st, struct session *s, const struct whox_user *x)
{
	const struct user *u = x->user;

	reply(st, s, RPL_WHOREPLY,
	    x->member == NULL ? SPAN("*") : rcbuf_span(x->member->chan->name),
	    user_username(u), user_host(u),
	    server_name(st->core, user_home(u).sid), user_nick(u), x->flags,
	    num(st, whox_hops(st, u)), user_realname(u));
}

/* The answer that runs. */
struct answer {
	struct step *st;
	struct session *s;
	struct listing *l; /* asked: the fields of WHOX, or NULL */
	struct sight sight;
};

static void
reply_who(struct answer *a, const struct user *u, const struct member *m)
{
	struct whox_user x = { u, m, flags_of(a->st, a->s, u, m) };

	if (a->l->asked == NULL)
		reply_plain(a->st, a->s, &x);
	else
		whox_reply(a->st, a->s, &a->sight, a->l->asked, &x);
}

/* End a piece. Return `last`. */
static bool
piece_end(struct answer *a, bool last)
{
	struct span what = rcbuf_span(a->l->what);

	sight_end(a->st, &a->sight, a->l, SPAN("WHO"), what);
	if (last)
		reply(a->st, a->s, RPL_ENDOFWHO, what);
	return last;
}

static bool
chan_piece(struct step *st, struct session *s, struct listing *l)
{
	struct answer a = { st, s, l, sight_begin(st, s, l) };
	const struct chan *ch = l->walk.chan;
	const struct member *m;
	bool on_it, open;

	if (ch == NULL || (!may_see_chan(s, ch) && !a.sight.hidden))
		return piece_end(&a, true);
	open = may_see_chan(s, ch);
	on_it = is_on_chan(s, ch);
	while ((m = l->walk.next) != NULL && listing_has_room(st)) {
		l->walk.next = TAILQ_NEXT(m, chan_link);
		if (m->shown &&
		    (!l->opers || (m->user->modes & UMB(OPER)) != 0) &&
		    sight_lets(&a.sight, open && may_see_member(s, m, on_it)))
			reply_who(&a, m->user, m);
	}
	return piece_end(&a, m == NULL);
}

static bool
is_on_too(const struct user *asker, const struct member *m)
{
	const struct member *too = facts_find_member(m->chan, asker);

	return m->shown && !m->veiled && too != NULL && too->shown;
}

static bool
shares_channel(struct step *st, const struct user *asker, const struct user *u)
{
	const struct member *m;
	size_t n = 0;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		n++;
		if (is_on_too(asker, m))
			break;
	}
	spend_pairs(st, asker, n);
	return m != NULL;
}

static bool
matches(struct step *st, const struct user *u, struct span mask)
{
	size_t steps = 0;
	bool match =
	    mask_glob(mask, user_nick(u), &steps) ||
	    mask_glob(mask, user_username(u), &steps) ||
	    mask_glob(mask, user_host(u), &steps) ||
	    mask_glob(mask, server_name(st->core, user_home(u).sid), &steps) ||
	    mask_glob(mask, user_realname(u), &steps);

	step_spend(st, steps);
	return match;
}

static bool
may_see_user(struct step *st, struct sight *x, const struct user *u)
{
	if ((u->modes & UMB(INVISIBLE)) == 0 || u == x->by)
		return true;
	/* nothing is left to find out if the line is written anyway */
	if (x->hidden && (x->used || x->recorded))
		return true;
	return sight_lets(x, shares_channel(st, x->by, u));
}

static bool
may_list(struct step *st, struct sight *x, const struct listing *l,
    const struct user *u)
{
	struct span mask = rcbuf_span(l->what);

	if (span_eq(mask, SPAN("0")))
		mask = SPAN("*");
	return u->shown && (!l->opers || (u->modes & UMB(OPER)) != 0) &&
	       matches(st, u, mask) && may_see_user(st, x, u);
}

/* Answer for all users; `at` is the place in the map of users. */
static bool
mask_piece(struct step *st, struct session *s, struct listing *l)
{
	struct answer a = { st, s, l, sight_begin(st, s, l) };
	const struct user *u;

	while (listing_has_room(st)) {
		if ((u = map_next(&st->facts->users, &l->at)) == NULL)
			return piece_end(&a, true);
		if (may_list(st, &a.sight, l, u))
			reply_who(&a, u, any_membership(st, &a.sight, u));
	}
	return piece_end(&a, false);
}

/* Answer for one user, with one line; `at` and n are not used. */
static bool
nick_piece(struct step *st, struct session *s, struct listing *l)
{
	const struct user *u = facts_find_nick(st->facts, rcbuf_span(l->what));
	struct answer a = { st, s, l, sight_begin(st, s, l) };

	if (u != NULL && (!l->opers || (u->modes & UMB(OPER))))
		reply_who(&a, u, any_membership(st, &a.sight, u));
	return piece_end(&a, true);
}

void
cmd_who(struct cmd *c)
{
	struct span mask = cmd_arg(c, 0), rest = cmd_arg(c, 1);
	struct listing l = { .piece = mask_piece };
	bool extended = span_find(rest, '%') < rest.n;

	l.opers = span_eq(span_cut(&rest, '%'), SPAN("o"));
	if (mask.n == 0)
		mask = SPAN("*");
	if (name_is_channel(mask)) {
		l.piece = chan_piece;
		l.of_chan = true;
		l.walk.chan = chan_name_find(c->facts, mask);
		if (l.walk.chan != NULL)
			l.walk.next = TAILQ_FIRST(&l.walk.chan->members);
	} else if (facts_find_nick(c->facts, mask) != NULL)
		l.piece = nick_piece;
	if (extended)
		l.asked = whox_new(rest);
	l.what = rcbuf_new(mask);
	listing_start(c->st, c->s, &l);
	rcbuf_unref(l.what);
}
