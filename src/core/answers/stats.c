#include "core/answers/stats.h"

#include "base/mem.h"
#include "base/pool.h"
#include "core/answers/ban_lines.h"
#include "core/answers/figures.h"
#include "core/answers/query.h"
#include "core/answers/reply.h"
#include "core/answers/usage.h"
#include "core/facts/bans.h"
#include "core/sessions/access.h"
#include "core/sessions/line.h"

#define PRIV_NONE PRIV_COUNT
/* Bytes of an answer to an operator of another server. */
#define REMOTE_MAX ((size_t)64 * 1024)

static stats_fn stats_bans, stats_blocks, stats_classes, stats_commands,
    stats_figures, stats_letters, stats_memory, stats_nets, stats_opers,
    stats_peers, stats_uptime;

static const struct stats_row stats_row[] = {
#define STATS(letter, piece, same, privilege, what, scenario) \
	{ letter, piece, same, PRIV_##privilege, what },
#include "core/answers/stats.def"
#undef STATS
};

const struct stats_row *
stats_find(char letter)
{
	for (size_t i = 0; i < sizeof(stats_row) / sizeof(stats_row[0]); i++)
		if (stats_row[i].letter == letter)
			return &stats_row[i];
	return NULL;
}

bool
stats_is_of_client(struct span letter)
{
	return span_eq(letter, SPAN("l")) || span_eq(letter, SPAN("L"));
}

static bool
piece(struct step *st, struct session *s, struct listing *l)
{
	const struct stats_asked *a = l->asked;

	if (!a->row->piece(st, s, l))
		return false;
	reply(st, s, RPL_ENDOFSTATS, span_make(&a->row->letter, 1));
	return true;
}

void
reply_stats(struct step *st, struct session *s, const struct stats_row *row)
{
	struct stats_asked *a;

	if (row->piece == stats_figures) {
		reply_figures(st, s, span_make(&row->letter, 1));
		return;
	}
	a = mem_zalloc(sizeof(*a));
	a->row = row;
	a->sees = (privileges_of(st->facts, s->user) & PRIVB(SEE_ADDRESS)) != 0;
	listing_start(st, s, &(struct listing){ .piece = piece, .asked = a });
}

/* Return true if the ban is listed under that letter. Where there are two
 * letters, the small one is for bans with an end. */
static bool
is_listed(char letter, const struct ban *b)
{
	char is = ban_letter(b);

	return letter == is || (letter == 'e' && b->kind == BAN_EXCEPT) ||
	       (letter == 's' && b->kind == BAN_SHUN);
}

static bool
stats_bans(struct step *st, struct session *s, struct listing *l)
{
	struct stats_asked *a = l->asked;
	const struct ban *b;
	bool first = true;

	while ((b = bans_from(st->facts, a->at)) != NULL) {
		if (!listing_has_room(st) && !first)
			return false;
		first = false;
		a->at = b->id;
		/* no sid is between this one and the next letter */
		a->at.sid.s[SID_LEN - 1]++;
		if (is_listed(a->row->letter, b) && ban_holds(b, st->wall))
			reply_ban(st, s, b, a->sees);
	}
	return true;
}

/* ---- the configuration, without its secrets ------------------------------ */

/* Send the items from l->at on to n, each by one call. */
static bool
each(struct step *st, struct session *s, struct listing *l, size_t n,
    void (*send)(struct step *, struct session *, size_t i))
{
	bool first = true;

	for (; l->at < n; l->at++) {
		if (!listing_has_room(st) && !first)
			return false;
		first = false;
		send(st, s, l->at);
	}
	return true;
}

static struct span
or_star(struct span s)
{
	return s.n > 0 ? s : SPAN("*");
}

static struct span
address_text(struct step *st, const struct peer_address *a)
{
	struct writer w;

	if (a->host.n > 0)
		return a->host;
	writer_init_arena(&w, st->arena, ADDR_TEXT);
	addr_build_word(&w, &a->addr);
	return writer_done(&w);
}

/* A line for each address; a peer without one has to dial this server. */
static void
send_peer(struct step *st, struct session *s, size_t i)
{
	const struct peer_settings *p = &st->core->settings->peer[i];

	for (size_t k = 0; k < p->naddress; k++)
		reply(st, s, RPL_STATSCLINE, address_text(st, &p->address[k]),
		    p->name, num(st, p->address[k].port), SPAN("server"));
	if (p->naddress == 0)
		reply(st, s, RPL_STATSCLINE,
		    p->broker.n > 0 ? p->broker : SPAN("*"), p->name, SPAN("0"),
		    SPAN("server"));
}

static bool
stats_peers(struct step *st, struct session *s, struct listing *l)
{
	return each(st, s, l, st->core->settings->npeer, send_peer);
}

static struct span
net_text(struct step *st, const struct class_settings *c)
{
	bool v4 = addr_is_v4(&c->net) && c->prefix >= 96;
	struct writer w;

	if (c->prefix == 0)
		return SPAN("*");
	writer_init_arena(&w, st->arena, ADDR_TEXT + 4);
	addr_build_word(&w, &c->net);
	writer_char(&w, '/');
	writer_u64(&w, v4 ? c->prefix - 96 : c->prefix);
	return writer_done(&w);
}

static void
send_net(struct step *st, struct session *s, size_t i)
{
	const struct class_settings *c = &st->core->settings->class[i];
	struct span net = net_text(st, c);

	reply(st, s, RPL_STATSILINE, net, net, SPAN("0"), c->name);
}

static bool
stats_nets(struct step *st, struct session *s, struct listing *l)
{
	return each(st, s, l, st->core->settings->nclass, send_net);
}

static void
send_class(struct step *st, struct session *s, size_t i)
{
	const struct class_settings *c = &st->core->settings->class[i];

	reply(st, s, RPL_STATSYLINE, c->name, num(st, c->ping_s), SPAN("0"),
	    num(st, c->sendq));
}

static bool
stats_classes(struct step *st, struct session *s, struct listing *l)
{
	return each(st, s, l, st->core->settings->nclass, send_class);
}

static void
send_block(struct step *st, struct session *s, size_t i)
{
	const struct oper_settings *o = &st->core->settings->oper[i];

	reply(st, s, RPL_STATSOLINE, o->mask.n > 0 ? o->mask : SPAN("*@*"),
	    o->name, or_star(o->class));
}

static bool
stats_blocks(struct step *st, struct session *s, struct listing *l)
{
	return each(st, s, l, st->core->settings->noper, send_block);
}

/* ---- counters ------------------------------------------------------------ */

static bool
stats_uptime(struct step *st, struct session *s, struct listing *l)
{
	const struct core *c = st->core;
	int64_t ms = st->wall.ms - c->started.ms;
	uint64_t up = ms > 0 ? (uint64_t)ms / MS_PER_S : 0;
	struct writer w;

	(void)l;
	writer_init_arena(&w, st->arena, 32);
	writer_u64(&w, up / 3600 % 24);
	writer_char(&w, ':');
	writer_pad(&w, up / 60 % 60, 2);
	writer_char(&w, ':');
	writer_pad(&w, up % 60, 2);
	reply(st, s, RPL_STATSUPTIME, num(st, up / 86400), writer_done(&w));
	reply(st, s, RPL_STATSCONN, num(st, c->max_conns),
	    num(st, c->max_local), num(st, c->nopened));
	return true;
}

static bool
stats_commands(struct step *st, struct session *s, struct listing *l)
{
	const struct command_use *u;
	bool first = true;
	size_t at = l->at;

	while ((u = usage_next(st->core, &at)) != NULL) {
		if (!listing_has_room(st) && !first)
			return false;
		first = false;
		/* commands of users of other servers are not run here */
		reply(st, s, RPL_STATSCOMMANDS, rcbuf_span(u->name),
		    num(st, u->n), num(st, u->bytes), SPAN("0"));
		l->at = at;
	}
	return true;
}

static bool
stats_memory(struct step *st, struct session *s, struct listing *l)
{
	const struct pool *p;
	struct writer w;

	for (; (p = core_pool(st->core, l->at)) != NULL; l->at++) {
		if (!listing_has_room(st) && l->at > 0)
			return false;
		writer_init_arena(&w, st->arena, LINE_BODY_MAX);
		writer_str(&w, p->name);
		writer_str(&w, ": ");
		writer_u64(&w, p->live);
		writer_str(&w, " objects, ");
		writer_u64(&w, p->live * p->size);
		writer_str(&w, " bytes");
		reply(st, s, RPL_STATSDEBUG, SPAN("z"), writer_done(&w));
	}
	return true;
}

/* ---- operators ----------------------------------------------------------- */

static void
send_oper(struct step *st, struct session *s, const struct user *u)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_span(&w, user_nick(u));
	writer_str(&w, " (");
	writer_span(&w, user_username(u));
	writer_char(&w, '@');
	writer_span(&w, user_host(u));
	writer_char(&w, ')');
	reply(st, s, RPL_STATSDEBUG, SPAN("p"), writer_done(&w));
}

static bool
stats_opers(struct step *st, struct session *s, struct listing *l)
{
	const struct user *u;
	struct writer w;
	bool first = true;
	size_t at = l->at;

	while ((u = map_next(&st->facts->users, &at)) != NULL) {
		if (!listing_has_room(st) && !first)
			return false;
		first = false;
		l->at = at;
		if (!u->shown || (u->modes & UMB(OPER)) == 0)
			continue;
		l->n++;
		send_oper(st, s, u);
	}
	writer_init_arena(&w, st->arena, 64);
	writer_u64(&w, l->n);
	writer_str(&w, l->n == 1 ? " operator" : " operators");
	reply(st, s, RPL_STATSDEBUG, SPAN("p"), writer_done(&w));
	return true;
}

/* ---- the letters --------------------------------------------------------- */

/* This is no piece of an answer: the daemon gives it (figures.h). If it cannot
 * be asked for now, nothing is told. */
static bool
stats_figures(struct step *st, struct session *s, struct listing *l)
{
	(void)st;
	(void)s;
	(void)l;
	return false;
}

static bool
may_list(const struct step *st, const struct session *s,
    const struct stats_row *row)
{
	return row->privilege == PRIV_COUNT || s == NULL ||
	       (privileges_of(st->facts, s->user) >> row->privilege & 1) != 0;
}

/* The rows are few. */
static bool
stats_letters(struct step *st, struct session *s, struct listing *l)
{
	struct writer w;

	(void)l;
	for (size_t i = 0; i < sizeof(stats_row) / sizeof(stats_row[0]); i++) {
		if (!may_list(st, s, &stats_row[i]))
			continue;
		writer_init_arena(&w, st->arena, LINE_BODY_MAX);
		writer_char(&w, stats_row[i].letter);
		writer_str(&w, ": ");
		writer_str(&w, stats_row[i].what);
		reply(st, s, RPL_STATSDEBUG, SPAN("?"), writer_done(&w));
	}
	return true;
}

/* ---- for operators of other servers -------------------------------------- */

static bool
may_see(const struct step *st, struct uid from, const struct stats_row *row)
{
	return row->privilege == PRIV_COUNT ||
	       query_may(st, from, row->privilege);
}

/* Answer STATS L about one user. Return true if the answer comes later. */
static bool
answer_client(struct step *st, struct uid from, struct span letter,
    struct span name)
{
	const struct user *u = query_user(st, &name);

	if (!query_may(st, from, PRIV_STATS))
		reply_refusal(st, SPAN("STATS"),
		    SPAN("you lack the privilege for this"));
	else if (u != NULL && figures_of_client(st, letter, u))
		return true;
	reply(st, NULL, RPL_ENDOFSTATS, letter);
	return false;
}

bool
stats_answer(struct step *st, struct uid from, struct span letter,
    struct span name)
{
	const struct stats_row *row =
	    letter.n == 1 ? stats_find(letter.p[0]) : NULL;
	struct stats_asked asked = { .row = row,
		.sees = query_may(st, from, PRIV_SEE_ADDRESS) };
	struct listing l = { .asked = &asked };

	if (stats_is_of_client(letter) && name.n > 0)
		return answer_client(st, from, letter, name);
	if (row != NULL && row->piece == NULL && name.n > 0)
		reply(st, NULL, RPL_ENDOFSTATS, letter);
	if (row == NULL || row->piece == NULL)
		return false;
	if (row->piece == stats_figures && may_see(st, from, row) &&
	    figures_asked(st, letter))
		return true;
	st->bytes = 0;
	st->bytes_max = REMOTE_MAX;
	if (!may_see(st, from, row))
		reply_refusal(st, SPAN("STATS"),
		    SPAN("you lack the privilege for this"));
	else if (!row->piece(st, NULL, &l))
		reply_question(st, query_more(st));
	reply(st, NULL, RPL_ENDOFSTATS, letter);
	return false;
}
