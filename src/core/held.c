/*
 * The rule that users know: the client that shows the same certificate from the
 * same address is the user, and finds everything as it was. A client without a
 * certificate that looks the same gets the nick, and the channels that are open
 * to all, without any rank. judge() is the ladder.
 *
 * Without a certificate nothing proves who a client is: all users of a shared
 * host, or behind one NAT, have the same address, and anybody can read a
 * username. So such a client gets nothing that it could not have had by being
 * the first to connect after the restart, had nobody been held. One entry gives
 * the rest away, and the client is attached to the user when that entry is
 * applied: it never sees a line of a channel that it may not be on.
 *
 * The user keeps the address that all servers know. So nobody comes back from
 * another address: bans of the network are compared with that of the user. A
 * client that shows the certificate from another address gets the nick.
 *
 * Rejected: ranks by address and username. An attacker who knows them waits for
 * a restart, and has the channel.
 */
#include "core/held.h"

#include "core/banned.h"
#include "core/client.h"
#include "core/cmd/monitor.h"
#include "core/cmd/oper.h"
#include "core/facts/chan_name.h"
#include "core/facts/invites.h"
#include "core/facts/masks.h"
#include "core/facts/membership.h"
#include "core/facts/memory.h"
#include "core/hosts.h"
#include "core/note.h"
#include "core/outside.h"
#include "core/registration.h"
#include "core/answers/chan_info.h"
#include "core/answers/reply.h"
#include "core/answers/welcome.h"
#include "core/sessions/access.h"
#include "core/sessions/audience.h"
#include "core/sessions/given_key.h"
#include "core/sessions/mask_who.h"
#include "core/sessions/monitor.h"
#include "core/sessions/reading.h"
#include "core/sessions/response.h"
#include "core/sessions/wait.h"
#include "core/show/client_lines.h"
#include "core/types/cost.h"
#include "core/types/mode_value.h"

#define NOT_BACK SPAN("Did not come back after a restart")
#define AGAIN_MS 1000 /* a hold that ends while it is taken */
/* Parts of the entry that gives things away, at most; and memberships that are
 * looked at. A client without a certificate cannot be a user with more. */
#define GIVEN_MAX 256
/* Bans of all these channels that are looked at, at most. */
#define BANS_MAX 1000

/* ---- begin and end ------------------------------------------------------- */

static bool
may_hold(const struct step *st, const struct session *s)
{
	const struct user *u = s->user;

	return st->core->settings->hold_s != 0 && !s->conn->closing &&
	       u != NULL && !u->gone && s->registration == NULL &&
	       core_is_home(st->core, u) &&
	       LIST_NEXT(LIST_FIRST(&u->sessions), user_link) == NULL;
}

void
held_begin(struct step *st, const struct event *ev)
{
	struct conn *x = core_find_conn(st->core, ev->conn);
	struct session *s;

	if (x == NULL)
		return;
	s = x->session;
	if (!may_hold(st, s)) {
		client_closed(st, ev);
		return;
	}
	client_disconnect(st, s);
	hold_begin(st, s, (int64_t)st->core->settings->hold_s * 1000);
}

void
held_tick(struct step *st, int64_t reserve)
{
	struct core *c = st->core;
	struct hold *h;

	while (c->work.left > reserve &&
	       (h = TAILQ_FIRST(&c->holds.queue)) != NULL &&
	       mono_cmp(h->end, st->awake) <= 0) {
		step_spend(st, COST_TIMER);
		if (!conn_id_is_none(h->taker)) {
			h->over = true;
			hold_renew(st, h, AGAIN_MS);
		} else
			client_end(st, h->session, NOT_BACK);
	}
}

/* ---- who it is ----------------------------------------------------------- */

/* The things by which a client can be told from another one. */
struct looks {
	struct addr addr;
	bool tls;
	struct span certfp;   /* in hex, or empty */
	struct span username; /* empty: not known yet */
};

static struct looks
looks_of(const struct step *st, const struct session *s)
{
	const struct registration *r = s->registration;
	struct looks x = { .addr = s->conn->addr, .tls = s->conn->tls };

	if (s->user != NULL) {
		x.certfp = user_value_text(st->facts, s->user, SPAN("certfp"));
		x.username = ident_username(s->user->ident);
		return x;
	}
	if (r->certfp != NULL)
		x.certfp = rcbuf_span(r->certfp);
	if (r->username != NULL)
		x.username = rcbuf_span(r->username);
	return x;
}

/* Return true if the user is called otherwise than at registration, or has an
 * account: others may trust that. */
static bool
is_changed(const struct step *st, const struct user *u)
{
	return user_value_text(st->facts, u, SPAN("host")).n > 0 ||
	       user_value_text(st->facts, u, SPAN("username")).n > 0 ||
	       user_value_text(st->facts, u, SPAN("account")).n > 0;
}

static enum held_way
judge(const struct step *st, const struct user *u, const struct looks *x)
{
	struct span certfp = user_value_text(st->facts, u, SPAN("certfp"));
	struct addr addr = user_mask_who(u).addr;
	bool is_near = addr_eq(&addr, &x->addr);

	/* 1. A client without TLS is not a user who had TLS: somebody on the
	 *    way could be that client. */
	if (user_value_text(st->facts, u, SPAN("secure")).n > 0 && !x->tls)
		return HELD_OTHER;

	/* 2. A user with a certificate is whoever shows it, and nobody else;
	 *    from another address, only the nick is free for them. */
	if (certfp.n > 0 && !span_eq(certfp, x->certfp))
		return HELD_OTHER;
	if (certfp.n > 0)
		return is_near ? HELD_WHOLE : HELD_NICK;

	/* 3. A user without a certificate has the same address and username as
	 *    before, and no certificate. */
	if (!is_near || x->certfp.n > 0)
		return HELD_OTHER;
	if (x->username.n > 0 &&
	    !span_eq(x->username, ident_username(u->ident)))
		return HELD_OTHER;

	/* 4. They get the nick alone if they have another host or username than
	 *    at first, mostly by an operator, or an account by a server. */
	if (is_changed(st, u) || u->nmembers > GIVEN_MAX)
		return HELD_NICK;
	return HELD_PLAIN;
}

enum held_way
held_way(struct step *st, const struct session *s, struct span nick)
{
	const struct user *u = facts_find_nick(st->facts, nick);
	const struct hold *h = u == NULL ? NULL : user_hold(u);
	struct looks x;

	if (h == NULL)
		return HELD_NONE;
	if (!conn_id_is_none(h->taker) || u->gone)
		return HELD_OTHER;
	x = looks_of(st, s);
	return judge(st, u, &x);
}

/* judge() lets nobody else have the nick of a user with a certificate. */
bool
held_is_proved(const struct step *st, struct span nick)
{
	return held_keeps(st, held_user(st, nick));
}

const struct user *
held_user(const struct step *st, struct span nick)
{
	return facts_find_nick(st->facts, nick);
}

void
held_quit_part(const struct user *u, struct part *p)
{
	*p = (struct part){ .id = PART_QUIT };
	p->u.quit.uid = u->uid;
	p->u.quit.reason = text_of(SPAN("Came back after a restart"));
}

/* ---- what needs a proof -------------------------------------------------- */

struct giving {
	struct part *part;
	size_t n;     /* parts; GIVEN_MAX + 1: too many */
	size_t nbans; /* that were looked at */
};

static struct part *
give(struct giving *g, enum part_id id)
{
	struct part *p = &g->part[g->n < GIVEN_MAX ? g->n : GIVEN_MAX];

	if (g->n <= GIVEN_MAX)
		g->n++;
	*p = (struct part){ .id = id };
	return p;
}

/* Return the modes that close a channel, or hide it. */
static uint64_t
closing_modes(const struct tables *t)
{
	uint64_t modes =
	    CMB(INVITE_ONLY) | CMB(KEY) | CMB(SECRET) | CMB(PRIVATE);

	for (unsigned i = 0; i < t->njoin; i++)
		modes |= t->hook_modes.join[i];
	return modes;
}

/* Return true if the channel would be full without the user, too. */
static bool
is_full(const struct chan *ch)
{
	const struct rcbuf *limit = chan_value(ch, CM_LIMIT);

	return limit != NULL && ch->nshown > mode_limit(rcbuf_span(limit));
}

/* Return true if a ban of the channel matches the user, or if there are more
 * bans than are looked at. Exceptions do not count. */
static bool
is_banned(struct step *st, const struct member *m, struct giving *g)
{
	const struct founding *f = m->chan->current;
	const struct mask *x = mask_first_of(f, list_name(st->facts, CM_BAN));

	for (; x != NULL && x->list->chan_list == CM_BAN; x = mask_next(x)) {
		step_spend(st, COST_VISIT);
		if (++g->nbans > BANS_MAX)
			return true;
	}
	return is_on_list(st, m->user, f, CM_BAN, MASK_FOR_JOIN);
}

/* Return true if anybody like the user could join the channel, and see what is
 * said there. */
static bool
is_open(struct step *st, const struct member *m, struct giving *g)
{
	const struct chan *ch = m->chan;

	return m->shown && ch->current != NULL &&
	       cinc_cmp(member_cinc(m), ch->current->cinc) == 0 &&
	       (ch->modes & closing_modes(st->tables)) == 0 && !is_full(ch) &&
	       join_ask(st->tables, &(struct joining){ st, ch, m->user, NULL },
		   ch->modes) == NULL &&
	       !is_banned(st, m, g);
}

static void
give_channel(const struct member *m, struct giving *g)
{
	give(g, PART_PART)->u.part =
	    (struct part_part){ { chan_name_fact(m->chan), member_cinc(m) },
		    m->dot, text_of(SPAN("Came back without a certificate")) };
}

static void
give_ranks(const struct step *st, const struct member *m, struct giving *g)
{
	const struct status_reg *r;
	uint32_t n;

	r = member_stats(m, &n);
	for (uint32_t i = 0; i < n && g->n <= GIVEN_MAX; i++)
		if (r[i].on)
			give(g, PART_STAT)->u.stat =
			    (struct part_stat){ .ch = { chan_name_fact(m->chan),
						    cinc_of_number(r[i].cinc) },
				    .dot = m->dot,
				    .name = rcbuf_span(r[i].name->text),
				    .by = by_server(st->core->self.sid) };
}

static void
give_invites(struct step *st, const struct user *u, struct giving *g)
{
	const struct invite *i;
	const struct founding *f;

	for (i = user_first_invite(u); i != NULL && g->n <= GIVEN_MAX;
	     i = invite_next(i)) {
		f = i->founding;
		give(g, PART_LDEL)->u.ldel =
		    (struct part_ldel){ { chan_name_fact(f->chan), f->cinc },
			    by_server(st->core->self.sid), { &i->dot, 1 } };
		step_spend(st, COST_VISIT);
	}
}

/* Write what the user has that needs a proof. Return false if it is too much
 * for an entry. */
static bool
give_all(struct step *st, const struct user *u, struct giving *g)
{
	const struct member *m;

	g->part = arena_alloc(st->arena, (GIVEN_MAX + 1) * sizeof(*g->part));
	if (u->modes & UMB(OPER))
		g->n = oper_parts_off(st, u, g->part);
	step_spend(st, u->nmembers * (size_t)COST_MEMBERSHIP);
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		if (is_open(st, m, g))
			give_ranks(st, m, g);
		else
			give_channel(m, g);
	give_invites(st, u, g);
	return g->n <= GIVEN_MAX;
}

/* ---- coming back --------------------------------------------------------- */

/* Send the channels of the user, as if the user joined them now. */
static void
tell_channels(struct step *st, struct session *s)
{
	const struct member *m;

	for (struct stays it = stays_of(s->user);
	     (m = stays_next(&it)) != NULL;) {
		if (!m->shown)
			continue;
		client_lines_joined(st, s, m);
		reply_joined(st, s, m->chan);
	}
}

/* Drop what only this server knows of the user and what needs a proof: the
 * MONITOR list, the keys, what modules remember. */
static void
forget(struct core *c, struct session *s)
{
	monitor_clear(c, s);
	given_key_free(s);
	memory_owner_gone(c->facts.memories, s->user);
}

/* Put the client in the place of the held session, which is freed. */
static void
move(struct step *st, struct session *to, struct hold *h, bool proved)
{
	struct core *c = st->core;
	struct session *from = h->session;
	struct user *u = from->user;

	if (to->registration->bans != bans_serial(st->facts))
		bans_stir(st->facts);
	registration_free(c, to);
	c->nunregistered--;
	hosts_free(to);
	session_free_more(to);
	if (proved)
		monitor_move(from, to);
	else
		forget(c, from);
	to->more = from->more;
	to->id = from->id;
	to->c += from->c;
	to->spoke = from->spoke;
	to->shunned = from->shunned;
	to->wait_entry = h->wait_entry > c->applied_n ? h->wait_entry : 0;
	LIST_REMOVE(from, user_link);
	pool_give(&c->session_pool, from);
	h->session = to;
	session_attach(to, u);
	reading_user(st, u);
	client_ping(st, to->conn);
}

static void
take(struct step *st, struct session *s, struct hold *h, bool proved)
{
	struct rcbuf *away = s->registration->away;
	struct response *r;
	const struct user *u;

	if (away != NULL)
		rcbuf_ref(away);
	move(st, s, h, proved);
	u = s->user;
	effects_logf(st->fx, LOG_CLIENT_RETURNED, { "uid", uid_span(&u->uid) },
	    { "nick", session_nick(s) }, { "host", ident_host(u->ident) },
	    { "class", s->conn->class->name },
	    { "why", proved ? SPAN("certificate") : SPAN("address") });
	reply_welcome(st, s);
	outside_welcome(st, s);
	if (user_away(u) != NULL)
		reply0(st, s, RPL_NOWAWAY);
	/* the answer to the line that registered the client ends here */
	r = s->response;
	s->response = NULL;
	response_end(st, s, r);
	tell_channels(st, s);
	if (proved)
		hold_give(st, h, s);
	hold_end(st->core, s);
	if (monitor_count(s) > 0)
		monitor_tell(st, s);
	oper_reloaded(st, s);
	if (away != NULL)
		registration_away(st, s, rcbuf_span(away));
	rcbuf_unref(away);
}

bool
held_return(struct step *st, struct session *s, enum held_way way)
{
	const struct user *u = held_user(st, rcbuf_span(s->registration->nick));
	struct hold *h = user_hold(u);
	struct giving g = { .n = 0 };

	if (core_mutated(st->facts, HELD_WHOLE))
		way = HELD_WHOLE;
	if (way == HELD_WHOLE || (give_all(st, u, &g) && g.n == 0)) {
		take(st, s, h, way == HELD_WHOLE);
		return true;
	}
	if (g.n > GIVEN_MAX)
		return false;
	s->wait_entry = core_make(st, (struct stamp){ 0 }, g.part, g.n,
	    &(struct dest){ .all = true }, NULL);
	hold_take(st->core, h, s->conn->id, s->wait_entry);
	return true;
}

void
held_applied(struct step *st, uint64_t n)
{
	struct hold *h;
	struct conn *x;

	while ((h = TAILQ_FIRST(&st->core->holds.taken)) != NULL &&
	       h->taken_n <= n) {
		x = core_find_conn(st->core, h->taker);
		hold_untake(st->core, h);
		if (x == NULL || x->closing) {
			if (h->over)
				client_end(st, h->session, NOT_BACK);
			continue;
		}
		st->answering = x->session;
		take(st, x->session, h, false);
		st->answering = NULL;
		wait_next(st, x->session);
	}
}

/* ---- what others are told ------------------------------------------------ */

bool
held_keeps(const struct step *st, const struct user *u)
{
	return user_value_text(st->facts, u, SPAN("certfp")).n > 0;
}

void
held_answer(struct step *st, const struct user *u, const struct user *by,
    bool kept)
{
	static const struct numeric_row row[] = {
		{ 301, "RPL_AWAY",
		    "$ :A restart has ended the connection of this user, and "
		    "the message is lost" },
		{ 301, "RPL_AWAY",
		    "$ :A restart has ended the connection of this user, who "
		    "gets the message if they come back in time" }
	};
	const struct numeric_row *const told[] = { &row[kept], NULL };

	if (by != NULL && by != u)
		note_user(st, by, told, user_nick(u));
}
