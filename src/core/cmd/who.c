/*
 * WHO (modern-irc, "WHO message"; the `o` of RFC 1459, 4.5.1).
 *
 *	a channel	its members whom the asker may see
 *	a nick		that user, invisible or not: who knows the name may
 *	a mask, 0, none	all visible users whom it matches
 *
 * Visible is who is not +i, or shares a channel with the asker. Of masks at
 * most WHO_MAX are listed: modern-irc allows a limit, and without one an
 * answer grows with the network. 416 says that there were more.
 */
#include "core/cmd/cmd.h"
#include "core/whois.h"
#include "wire/mask.h"
#include "wire/name.h"

#define WHO_MAX 500

/* A channel to name with him: the first that the asker may know of. */
static const struct member *
any_membership(const struct cmd *c, const struct user *u)
{
	const struct member *m;

	TAILQ_FOREACH(m, &u->members, user_link)
		if (whois_may_tell(c->user, m))
			return m;
	return NULL;
}

static void
reply_who(struct cmd *c, const struct user *u, const struct member *m)
{
	const struct server *at = facts_find_server(c->facts, u->home);
	struct writer w;

	writer_init_arena(&w, c->st->arena, 16);
	writer_char(&w, u->away == NULL ? 'H' : 'G');
	if (u->modes & UMB(OPER))
		writer_char(&w, '*');
	if (m != NULL) /* all of them with multi-prefix */
		writer_span(&w, status_prefixes(c->st, m->status,
				    (c->s->caps & CAPB(MULTI_PREFIX)) != 0));
	reply(c->st, c->s, RPL_WHOREPLY,
	    m == NULL ? SPAN("*") : rcbuf_span(m->chan->name),
	    rcbuf_span(u->username), rcbuf_span(u->host),
	    server_name(c->core, u->home), rcbuf_span(u->nick), writer_done(&w),
	    num(c->st, at == NULL ? 0 : at->hops), rcbuf_span(u->realname));
}

static void
who_chan(struct cmd *c, const struct chan *ch, bool opers)
{
	bool on_it = cmd_member(c, ch) != NULL;
	const struct member *m;

	TAILQ_FOREACH(m, &ch->members, chan_link)
		if (m->shown && (on_it || may_see_member(c->s, m)) &&
		    (!opers || (m->user->modes & UMB(OPER))))
			reply_who(c, m->user, m);
}

static bool
shares_channel(const struct cmd *c, const struct user *u)
{
	const struct member *m, *too;

	TAILQ_FOREACH(m, &u->members, user_link)
		if (m->shown &&
		    (too = facts_find_member(m->chan, c->user)) != NULL &&
		    too->shown)
			return true;
	return false;
}

static bool
matches(const struct cmd *c, const struct user *u, struct span mask)
{
	return mask_glob(mask, rcbuf_span(u->nick)) ||
	       mask_glob(mask, rcbuf_span(u->username)) ||
	       mask_glob(mask, rcbuf_span(u->host)) ||
	       mask_glob(mask, server_name(c->core, u->home)) ||
	       mask_glob(mask, rcbuf_span(u->realname));
}

static void
who_mask(struct cmd *c, struct span mask, bool opers)
{
	const struct user *u;
	unsigned n = 0;

	for (size_t i = 0; (u = map_next(&c->facts->users, &i)) != NULL;) {
		if (!u->shown || (opers && (u->modes & UMB(OPER)) == 0) ||
		    !matches(c, u, mask) ||
		    ((u->modes & UMB(INVISIBLE)) && u != c->user &&
			!shares_channel(c, u)))
			continue;
		if (n++ == WHO_MAX) {
			reply(c->st, c->s, ERR_TOOMANYMATCHES, mask);
			return;
		}
		reply_who(c, u, any_membership(c, u));
	}
}

void
cmd_who(struct cmd *c)
{
	struct span mask = cmd_arg(c, 0);
	bool opers = span_eq(cmd_arg(c, 1), SPAN("o"));
	const struct chan *ch;
	const struct user *u;

	if (mask.n == 0)
		mask = SPAN("*");
	if (name_is_channel(mask)) {
		ch = facts_find_chan(c->facts, mask);
		if (ch != NULL && may_see_chan(c->s, ch))
			who_chan(c, ch, opers);
	} else if (span_eq(mask, SPAN("0")))
		who_mask(c, SPAN("*"), opers);
	else if ((u = facts_find_nick(c->facts, mask)) != NULL) {
		if (!opers || (u->modes & UMB(OPER)))
			reply_who(c, u, any_membership(c, u));
	} else
		who_mask(c, mask, opers);
	reply(c->st, c->s, RPL_ENDOFWHO, mask);
}
