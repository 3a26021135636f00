#include "core/answers/whois.h"

#include "core/facts/membership.h"
#include "core/sessions/access.h"
#include "core/sessions/line.h"
#include "core/answers/chan_info.h"
#include "core/answers/reply.h"
#include "core/sessions/response.h"
#include "core/sessions/sight.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"

#define CHANNELS_AT_ONCE 100 /* more channels are given in pieces */

bool
whois_may_tell(const struct user *asker, const struct member *m)
{
	const struct member *too = facts_find_member(m->chan, asker);

	if (!m->shown)
		return false;
	if (asker == m->user || (too != NULL && too->shown))
		return true;
	return (m->chan->modes & (CMB(SECRET) | CMB(PRIVATE))) == 0 &&
	       (m->user->modes & UMB(INVISIBLE)) == 0;
}

/* Return true if WHOIS tells the asker of a channel only because the asker is
 * an operator, or of an address that others do not see as the host. */
static bool
tells_hidden(struct step *st, const struct user *asker, const struct user *u)
{
	uint32_t set = privileges_of(st->facts, asker);
	const struct member *m;
	size_t n = 0;

	if (asker == u || set == 0)
		return false;
	if ((set & PRIVB(SEE_ADDRESS)) != 0 &&
	    !span_eq(ident_host(u->ident), ident_ip(u->ident)))
		return true;
	if ((set & PRIVB(SEE_HIDDEN)) == 0)
		return false;
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		n++;
		if (m->shown && !whois_may_tell(asker, m))
			break;
	}
	step_spend(st, n * (asker->nshown + 1) * COST_MEMBERSHIP);
	return m != NULL;
}

void
whois_record(struct step *st, const struct user *asker, const struct user *u)
{
	struct sight x = { .by = asker, .used = tells_hidden(st, asker, u) };

	sight_record(st, &x, SPAN("WHOIS"), user_source(st, u));
}

static void
whois_channels(struct step *st, struct session *s, const struct user *asker,
    const struct user *u)
{
	struct span nick = user_nick(u), prefix, name;
	struct sight x = sight_of(st, asker);
	const struct member *m;
	struct writer w;

	if (u->nshown > CHANNELS_AT_ONCE)
		response_collect(st, s);
	step_spend(st,
	    (size_t)u->nshown * (asker->nshown + 1) * COST_MEMBERSHIP);
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		if (!m->shown || !sight_lets(&x, whois_may_tell(asker, m)))
			continue;
		prefix = status_prefixes(st, member_status(m),
		    s != NULL && (s->caps & CAPB(MULTI_PREFIX)) != 0);
		name = rcbuf_span(m->chan->name);
		if (w.n > 0 && w.n + prefix.n + name.n + 1 > 300) {
			reply(st, s, RPL_WHOISCHANNELS, nick, writer_done(&w));
			writer_init_arena(&w, st->arena, LINE_BODY_MAX);
		}
		if (w.n > 0)
			writer_char(&w, ' ');
		writer_span(&w, prefix);
		writer_span(&w, name);
	}
	if (w.n > 0)
		reply(st, s, RPL_WHOISCHANNELS, nick, writer_done(&w));
}

/* Return true if the user is on the network by TLS (link-protocol.md, 11.19).
 */
static bool
is_secure(const struct step *st, const struct user *u)
{
	const struct name *n =
	    map_find(&st->facts->field_names, SPAN("secure"));

	return n != NULL && user_value(u, n) != NULL;
}

/* Send what only the server of the user knows, about the session that spoke
 * last. */
static void
whois_local(struct step *st, struct session *s, const struct user *u)
{
	const struct session *x, *best = LIST_FIRST(&u->sessions);
	int64_t idle;

	if (best == NULL)
		return;
	LIST_FOREACH(x, &u->sessions, user_link)
		if (x->spoke.ms > best->spoke.ms)
			best = x;
	idle = (st->wall.ms - best->spoke.ms) / 1000;
	reply(st, s, RPL_WHOISIDLE, user_nick(u),
	    num(st, idle > 0 ? (uint64_t)idle : 0),
	    num(st, (uint64_t)(user_stamp(u).ms / 1000)));
}

void
whois_reply(struct step *st, struct session *s, const struct user *asker,
    const struct user *u)
{
	struct span nick = user_nick(u);
	const struct server *at =
	    facts_find_server(st->facts, user_home(u).sid);
	const struct user_mark *mark;
	uint64_t modes = u->modes;

	reply(st, s, RPL_WHOISUSER, nick, ident_username(u->ident),
	    ident_host(u->ident), ident_realname(u->ident));
	if (asker == u ||
	    (privileges_of(st->facts, asker) & PRIVB(SEE_ADDRESS)) != 0)
		reply(st, s, RPL_WHOISHOST, nick, ident_host(u->ident),
		    ident_ip(u->ident));
	whois_channels(st, s, asker, u);
	reply(st, s, RPL_WHOISSERVER, nick,
	    server_name(st->core, user_home(u).sid),
	    server_about(st->core, at));
	if (user_away(u) != NULL)
		reply(st, s, RPL_AWAY, nick, rcbuf_span(user_away(u)));
	if (u->modes & UMB(OPER))
		reply(st, s, RPL_WHOISOPERATOR, nick);
	while ((mark = user_mark_next(st->tables, &modes)) != NULL)
		reply_row(st, s, mark->whois, nick);
	if (is_secure(st, u))
		reply(st, s, RPL_WHOISSECURE, nick);
	whois_local(st, s, u);
}
