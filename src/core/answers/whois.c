#include "core/answers/whois.h"

#include "base/ascii.h"
#include "base/mem.h"
#include "core/facts/membership.h"
#include "core/sessions/access.h"
#include "core/sessions/hold.h"
#include "core/sessions/line.h"
#include "core/sessions/listing.h"
#include "core/answers/chan_info.h"
#include "core/answers/reply.h"
#include "core/sessions/sight.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "core/types/event.h"

#define CHANNELS_AT_ONCE 100 /* more channels are given in pieces */
#define LINE_OF_CHANNELS 300 /* bytes of them, in a line */
/* memberships of the asker that are looked at for each channel; more are found
 * by a table */
#define LOOKS_MAX 64

bool
whois_may_tell(const struct user *asker, const struct member *m)
{
	const struct member *too = facts_find_member(m->chan, asker);

	if (!m->shown)
		return false;
	if (m->veiled)
		return asker == m->user;
	if (asker == m->user || (too != NULL && too->shown))
		return true;
	return (m->chan->modes & (CMB(SECRET) | CMB(PRIVATE))) == 0 &&
	       (m->user->modes & UMB(INVISIBLE)) == 0;
}

/* Return how many memberships are looked at to find whether the asker shares a
 * channel. */
static size_t
looks_of(const struct user *asker)
{
	return asker->nshown < LOOKS_MAX ? asker->nshown + 1 : LOOKS_MAX;
}

/* Return the certificate of the user, if it has the form that homes write
 * (link-protocol.md, 11.35), or an empty span. */
static struct span
certificate_of(const struct step *st, const struct user *u)
{
	struct span s = user_value_text(st->facts, u, SPAN("certfp"));

	for (size_t i = 0; i < s.n; i++)
		if (ascii_hex(s.p[i]) < 0)
			return SPAN_NONE;
	return s.n == (size_t)2 * PIN_LEN ? s : SPAN_NONE;
}

/* Return true if WHOIS tells the asker of a channel only because the asker is
 * an operator, of a certificate, or of an address that others do not see as the
 * host. Some of very many channels are looked at; reply_some() sees the others.
 */
static bool
tells_hidden(struct step *st, const struct user *asker, const struct user *u)
{
	uint32_t set = privileges_of(st->facts, asker);
	const struct member *m;
	bool found = false;
	size_t n = 0;

	if (asker == u || set == 0)
		return false;
	if ((set & PRIVB(SEE_ADDRESS)) != 0 &&
	    (!user_shows_ip(u) || certificate_of(st, u).n > 0))
		return true;
	if ((set & PRIVB(SEE_HIDDEN)) == 0)
		return false;
	for (struct stays it = stays_of(u);
	     !found && n < POSTPONE_ABOVE && (m = stays_next(&it)) != NULL;) {
		n++;
		found = m->shown && !whois_may_tell(asker, m);
	}
	step_spend(st, n * looks_of(asker) * COST_MEMBERSHIP);
	return found;
}

void
whois_record(struct step *st, const struct user *asker, const struct user *u)
{
	struct sight x = { .by = asker, .used = tells_hidden(st, asker, u) };

	sight_record(st, &x, SPAN("WHOIS"), user_source(st, u));
}

/* The lines of 319, as they are filled. */
struct channels {
	struct step *st;
	struct session *s;  /* NULL: st->question */
	struct sight sight; /* of the asker */
	const struct user *user;
	struct writer line;
};

static void
flush(struct channels *x)
{
	if (x->line.n > 0)
		reply(x->st, x->s, RPL_WHOISCHANNELS, user_nick(x->user),
		    writer_done(&x->line));
	writer_init_arena(&x->line, x->st->arena, LINE_BODY_MAX);
}

static void
add(struct channels *x, const struct member *m)
{
	struct span prefix, name = rcbuf_span(m->chan->name);

	step_spend(x->st, looks_of(x->sight.by) * COST_MEMBERSHIP);
	if (!m->shown || !sight_lets(&x->sight, whois_may_tell(x->sight.by, m)))
		return;
	prefix = status_prefixes(x->st, member_status(m),
	    x->s != NULL && (x->s->caps & CAPB(MULTI_PREFIX)) != 0);
	if (x->line.n + prefix.n + name.n + 1 > LINE_OF_CHANNELS)
		flush(x);
	if (x->line.n > 0)
		writer_char(&x->line, ' ');
	writer_span(&x->line, prefix);
	writer_span(&x->line, name);
}

static void
reply_channels(struct step *st, struct session *s, const struct user *asker,
    const struct user *u)
{
	struct channels x = { st, s, sight_of(st, asker), u, { 0 } };
	const struct member *m;

	flush(&x);
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		add(&x, m);
	flush(&x);
}

/* Send some channels of a user who is on very many. Return false if there are
 * more. */
static bool
reply_some(struct step *st, struct session *s, const struct user *u,
    struct listing *l)
{
	struct channels x = { st, s, sight_begin(st, s, l), u, { 0 } };
	struct stays it = stays_from(u, l->at);
	const struct member *m;
	bool all = false;

	flush(&x);
	while (!all && listing_has_room(st)) {
		m = stays_next(&it);
		l->at = it.at;
		all = m == NULL;
		if (!all)
			add(&x, m);
	}
	flush(&x);
	sight_end(st, &x.sight, l, SPAN("WHOIS"), user_source(st, u));
	return all;
}

/* Return the session of the user that spoke last; NULL if none is here. */
static const struct session *
session_in_use(const struct user *u)
{
	const struct session *x, *best = LIST_FIRST(&u->sessions);

	LIST_FOREACH(x, &u->sessions, user_link)
		if (x->spoke.ms > best->spoke.ms)
			best = x;
	return best;
}

bool
whois_idle(const struct step *st, const struct user *u, uint64_t *seconds)
{
	const struct session *best = session_in_use(u);
	int64_t idle;

	if (best == NULL)
		return false;
	idle = (st->wall.ms - best->spoke.ms) / 1000;
	*seconds = idle > 0 ? (uint64_t)idle : 0;
	return true;
}

static bool
sees_address(const struct step *st, const struct user *asker,
    const struct user *u)
{
	return asker == u ||
	       (privileges_of(st->facts, asker) & PRIVB(SEE_ADDRESS)) != 0;
}

/* Send the gate by which the user came; of several connections, by which the
 * user spoke last. */
static void
reply_gate(struct step *st, struct session *s, const struct user *u)
{
	/* no row: modules tell other things with the same number */
	static const struct numeric_row by_gate = { 320, "RPL_WHOISSPECIAL",
		"$ :is connected by gate $" };
	const struct session *x = session_in_use(u);

	if (x != NULL && x->conn != NULL && x->conn->gate != NULL)
		reply_row(st, s, &by_gate, user_nick(u),
		    rcbuf_span(x->conn->gate));
}

/* Send what only the server of the user knows. */
static void
whois_local(struct step *st, struct session *s, const struct user *asker,
    const struct user *u)
{
	static const struct numeric_row held = { 301, "RPL_AWAY",
		"$ :A restart has ended the connection of this user, who may "
		"come back" };
	uint64_t idle;

	if (user_hold(u) != NULL && user_away(u) == NULL)
		reply_row(st, s, &held, user_nick(u));
	if (sees_address(st, asker, u))
		reply_gate(st, s, u);
	if (whois_idle(st, u, &idle))
		reply(st, s, RPL_WHOISIDLE, user_nick(u), num(st, idle),
		    num(st, (uint64_t)(user_stamp(u).ms / 1000)));
}

/* Send what comes before the channels. */
static void
reply_head(struct step *st, struct session *s, const struct user *asker,
    const struct user *u)
{
	struct span nick = user_nick(u);

	reply(st, s, RPL_WHOISUSER, nick, user_username(u), user_host(u),
	    user_realname(u));
	if (sees_address(st, asker, u))
		reply(st, s, RPL_WHOISHOST, nick, ident_host(u->ident),
		    ident_ip(u->ident));
}

/* Send the registers of the user that modules tell operators. */
static void
reply_rows(struct step *st, struct session *s, const struct user *u)
{
	const struct whois_row *row;
	const struct rcbuf *value;

	for (unsigned i = 0; i < st->tables->nwhois; i++) {
		row = st->tables->whois[i];
		value = user_value(st->facts, u, span_of(row->field));
		if (value != NULL && row->is_shown(rcbuf_span(value)))
			reply_row(st, s, row->told, user_nick(u),
			    rcbuf_span(value));
	}
}

/* Send what comes behind the channels. */
static void
reply_rest(struct step *st, struct session *s, const struct user *asker,
    const struct user *u)
{
	struct span nick = user_nick(u);
	const struct server *at =
	    facts_find_server(st->facts, user_home(u).sid);
	const struct user_mark *mark;
	uint64_t modes = u->modes;

	reply(st, s, RPL_WHOISSERVER, nick,
	    server_name(st->core, user_home(u).sid),
	    server_about(st->core, at));
	if (user_away(u) != NULL)
		reply(st, s, RPL_AWAY, nick, rcbuf_span(user_away(u)));
	if (u->modes & UMB(OPER))
		reply(st, s, RPL_WHOISOPERATOR, nick);
	while ((mark = user_mark_next(st->tables, &modes)) != NULL)
		reply_row(st, s, mark->whois, nick);
	if (user_value(st->facts, u, SPAN("secure")) != NULL)
		reply(st, s, RPL_WHOISSECURE, nick);
	if (sees_address(st, asker, u) && certificate_of(st, u).n > 0)
		reply(st, s, RPL_WHOISCERTFP, nick, certificate_of(st, u));
	if ((privileges_of(st->facts, asker) & PRIVB(SEE_ADDRESS)) != 0)
		reply_rows(st, s, u);
	whois_local(st, s, asker, u);
}

void
whois_answer(struct step *st, const struct user *asker, const struct user *u)
{
	reply_head(st, NULL, asker, u);
	reply_channels(st, NULL, asker, u);
	reply_rest(st, NULL, asker, u);
}

struct asked {
	struct uid uid;
	bool begun;
};

/* Give a piece of the answer about a user on very many channels; `at` is the
 * place among them. The answer ends if the user goes meanwhile. */
static bool
piece(struct step *st, struct session *s, struct listing *l)
{
	struct asked *a = l->asked;
	const struct user *u = facts_find_uid(st->facts, a->uid);

	if (u != NULL && u->shown) {
		if (!a->begun)
			reply_head(st, s, s->user, u);
		a->begun = true;
		if (!reply_some(st, s, u, l))
			return false;
		reply_rest(st, s, s->user, u);
	}
	reply(st, s, RPL_ENDOFWHOIS, rcbuf_span(l->what));
	return true;
}

static void
reply_in_pieces(struct step *st, struct session *s, const struct user *u,
    struct span list)
{
	struct asked *a = mem_zalloc(sizeof(*a));
	struct listing l = { .piece = piece,
		.what = rcbuf_new(list),
		.recorded = tells_hidden(st, s->user, u),
		.asked = a };

	a->uid = u->uid;
	listing_start(st, s, &l);
	rcbuf_unref(l.what);
}

void
whois_reply(struct step *st, struct session *s, const struct user *u,
    struct span list)
{
	if (u->nshown > CHANNELS_AT_ONCE) {
		reply_in_pieces(st, s, u, list);
		return;
	}
	reply_head(st, s, s->user, u);
	reply_channels(st, s, s->user, u);
	reply_rest(st, s, s->user, u);
	reply(st, s, RPL_ENDOFWHOIS, list);
}
