/*
 * KLINE, DLINE, XLINE, RESV, SHUN, EXCEPT and the commands that remove them
 * (doc/decisions/0043).
 *
 *	KLINE [duration] user@host|nick [ON server] :reason
 *	UNKLINE user@host [ON server]
 *
 * The syntax is that of Solanum, whose bans are those of one server, if no ON
 * says otherwise. Here they are those of the network; ON with the name of this
 * server means this server alone. Durations are numbers with units (90s, 15m,
 * 2h, 1d, 1w, 1y; 1d12h); a bare number is minutes; 0, or no duration, is for
 * good. EXCEPT may have the kinds that it lifts behind its mask.
 *
 * A mask is counted over all users before the ban is set. If it hits more than
 * a share of them (the option ban_share), the ban is refused, unless the mask
 * has a `!` before it.
 */
#include <string.h>

#include "core/banned.h"
#include "core/cmd/cmd.h"
#include "core/part/clean.h"
#include "core/sessions/audit.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "wire/casemap.h"
#include "wire/duration.h"
#include "wire/name.h"
#include "wire/utf8.h"

#define REASON_LEN 300	/* bytes of both reasons */
#define REMOVED_MAX 400 /* elements that one UNBAN removes */

/* A line that sets a ban. */
struct order {
	enum ban_kind kind;
	uint64_t seconds; /* 0: for good */
	bool own;	  /* of this server alone */
	bool sure;	  /* the mask may hit many */
	struct span mask, lifts, reason;
};

/* ---- answers ------------------------------------------------------------- */

static bool
fail(struct cmd *c, const char *code, const char *text)
{
	reply_fail_or_notice(c->st, c->s, c->name, span_of(code),
	    span_of(text));
	return false;
}

/* Say what was done: "what label for [mask]". */
static void
notice(struct cmd *c, const struct span *part, size_t n)
{
	struct line l = { 0 };
	struct writer w;

	body_begin(c->st, &w, c->settings->name);
	writer_str(&w, "NOTICE ");
	writer_span(&w, session_nick(c->s));
	writer_str(&w, " :");
	for (size_t i = 0; i < n; i++)
		writer_span(&w, part[i]);
	l.body = writer_done(&w);
	line_send(c->st, c->s, &l);
}

#define NOTICE(c, ...)                                      \
	notice((c), ((const struct span[]){ __VA_ARGS__ }), \
	    sizeof((const struct span[]){ __VA_ARGS__ }) /  \
		sizeof(struct span))

/* ---- the line ------------------------------------------------------------ */

/* Read `ON server` at parameter *i. Return false after an answer. */
static bool
take_place(struct cmd *c, unsigned *i, bool *own)
{
	struct span server = cmd_arg(c, *i + 1);

	if (*i + 1 >= c->m->nparam || !casemap_eq(cmd_arg(c, *i), SPAN("ON")))
		return true;
	*i += 2;
	if (span_eq(server, SPAN("*")))
		return true;
	*own = casemap_eq(server, c->settings->name);
	return *own || fail(c, "INVALID_SERVER",
			   "ON takes the name of this server, or * for the "
			   "network");
}

/* Write an address, or one with `/bits` without the bits behind these. */
static bool
write_net(struct writer *w, struct span text)
{
	unsigned int prefix;
	struct addr net;
	bool v4;

	if (!addr_cidr_parse(text, &net, &prefix))
		return false;
	net = addr_head(&net, prefix);
	v4 = addr_is_v4(&net) && prefix >= 96;
	addr_build_word(w, &net);
	if (prefix == 128)
		return true;
	writer_char(w, '/');
	writer_u64(w, v4 ? prefix - 96 : prefix);
	return true;
}

/* Return the user whose nick stands in the place of a mask, or NULL. */
static const struct user *
named_user(const struct cmd *c, struct span target)
{
	return name_nick_valid(target, c->settings->nick_len)
		   ? facts_find_nick(c->facts, target)
		   : NULL;
}

static bool
looks_like_host(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(".:/*?", s.p[i]) != NULL)
			return true;
	return false;
}

static struct span
user_host_mask(struct cmd *c, struct span target)
{
	const struct user *u = named_user(c, target);
	size_t at = span_find(target, '@');
	struct writer w;
	struct span host = target;

	writer_init_arena(&w, c->st->arena, BAN_MASK_MAX);
	if (u != NULL)
		host = ident_host(u->ident);
	else if (at < target.n)
		host = span_tail(target, at + 1);
	else if (!looks_like_host(target))
		return SPAN_NONE; /* a nick that nobody has, for one */
	writer_span(&w, at < target.n ? span_head(target, at) : SPAN("*"));
	writer_char(&w, '@');
	if (!write_net(&w, host))
		writer_span(&w, host);
	return w.over ? SPAN_NONE : writer_done(&w);
}

static struct span
address_mask(struct cmd *c, struct span target)
{
	const struct user *u = named_user(c, target);
	struct writer w;

	writer_init_arena(&w, c->st->arena, BAN_MASK_MAX);
	if (!write_net(&w, u != NULL ? ident_ip(u->ident) : target))
		return SPAN_NONE;
	return writer_done(&w);
}

/* Return the mask as it is kept, or no span after an answer. */
static struct span
take_mask(struct cmd *c, enum ban_kind kind, struct span target)
{
	struct span mask = target;

	if (ban_kind_row[kind].form == BAN_USER_HOST)
		mask = user_host_mask(c, target);
	else if (ban_kind_row[kind].form == BAN_ADDRESS)
		mask = address_mask(c, target);
	if (mask.n > 0 && msg_is_word(mask) && utf8_valid(mask) &&
	    ban_mask_check(kind, mask))
		return mask;
	fail(c, "INVALID_MASK",
	    ban_kind_row[kind].form == BAN_ADDRESS
		? "that is neither an address, address/bits, nor a nick here"
	    : ban_kind_row[kind].form == BAN_USER_HOST
		? "that is neither user@host nor the nick of a user"
		: "that is no such mask");
	return SPAN_NONE;
}

/* Return true if each name is that of a kind that can be lifted. */
static bool
are_kinds(struct span names)
{
	enum ban_kind kind;

	while (names.n > 0) {
		kind = ban_kind_find(span_cut(&names, ','));
		if (kind != BAN_KLINE && kind != BAN_DLINE &&
		    kind != BAN_XLINE && kind != BAN_SHUN)
			return false;
	}
	return true;
}

static bool
take_lifts(struct cmd *c, unsigned *i, struct order *o)
{
	struct span word = cmd_arg(c, *i);

	if (o->kind != BAN_EXCEPT || *i + 1 >= c->m->nparam ||
	    casemap_eq(word, SPAN("ON")))
		return true;
	++*i;
	o->lifts = word;
	return are_kinds(word) ||
	       fail(c, "INVALID_KINDS",
		   "an exception lifts kline, dline, xline and shun, with "
		   "commas between them");
}

/* A mask of RESV is one of names of channels or of nicks. */
static enum ban_kind
kind_of(enum ban_kind kind, struct span mask)
{
	return kind == BAN_RESV_NICK && mask.n > 0 && mask.p[0] == '#'
		   ? BAN_RESV_CHANNEL
		   : kind;
}

/* Read the line. Return false after an answer. */
static bool
take_order(struct cmd *c, enum ban_kind kind, struct order *o)
{
	struct span target;
	unsigned i = 0;

	*o = (struct order){ .kind = kind };
	if (duration_parse(cmd_arg(c, 0), &o->seconds))
		i++;
	target = cmd_arg(c, i++);
	o->sure = target.n > 0 && target.p[0] == '!';
	if (o->sure)
		target = span_tail(target, 1);
	o->kind = kind_of(kind, target);
	if (!take_lifts(c, &i, o) || !take_place(c, &i, &o->own))
		return false;
	o->reason = utf8_cut(cmd_arg(c, i), REASON_LEN);
	if (o->reason.n == 0) {
		reply(c->st, c->s, ERR_NEEDMOREPARAMS, c->name);
		return false;
	}
	o->mask = take_mask(c, o->kind, target);
	return o->mask.n > 0;
}

/* ---- how many users a mask hits ------------------------------------------ */

static bool
is_hit(const struct cmd *c, const struct user *u, const void *ctx,
    size_t *steps)
{
	struct ban_query q = { .who = ident_mask_who(u->ident, user_nick(u)),
		.realname = ident_realname(u->ident) };

	(void)c;
	return ban_matches(ctx, &q, steps);
}

/* Return true if the ban may be set, or false if the line waits or is refused.
 */
static bool
is_narrow(struct cmd *c, const struct order *o)
{
	struct ban b = { .kind = o->kind, .mask = o->mask };
	struct user_count n;
	bool done;

	if (o->sure || c->settings->ban_share == 0 ||
	    o->kind == BAN_RESV_CHANNEL || o->kind == BAN_EXCEPT)
		return true;
	if (o->kind == BAN_XLINE)
		b.real_name = ban_real_name(o->mask);
	done = judge_users(c, is_hit, &b, &n);
	rcbuf_unref(b.real_name);
	if (!done)
		return false;
	/* a ban that hits one user is never too wide */
	if (n.all <= 1 || n.all * 100 <= n.users * c->settings->ban_share)
		return true;
	NOTICE(c, c->name, SPAN(": ["), o->mask, SPAN("] hits "),
	    num(c->st, n.all), SPAN(" of "), num(c->st, n.users),
	    SPAN(" users; put ! before the mask to set it all the same"));
	return false;
}

/* ---- set and removed ----------------------------------------------------- */

/* Return a ban of that kind and mask that is in force, here alone or on the
 * network; or NULL. */
static const struct ban *
in_force(const struct cmd *c, const struct order *o)
{
	const struct ban *b = bans_of_mask(c->facts, o->kind, o->mask);

	while (b != NULL &&
	       (ban_is_own(b) != o->own || !ban_holds(b, c->st->wall)))
		b = bans_next_of_mask(b);
	return b;
}

static void
log_act(struct cmd *c, enum log_row row, struct span mask, struct span why)
{
	audit_log(c->st, row,
	    &(struct audit){ .by = c->user,
		.what = { c->name, mask },
		.why = why,
		.result = "ok" });
}

static void
set(struct cmd *c, const struct order *o)
{
	struct span text = o->reason;
	struct ban_text b = { .kind = ban_kind_row[o->kind].name,
		.id = { cmd_stamp(c), c->core->self.sid },
		.by = user_source(c->st, c->user),
		.mask = o->mask,
		.lifts = o->lifts };
	struct part *p;

	if (o->seconds > 0)
		b.expiry.ms = c->st->wall.ms + (int64_t)o->seconds * 1000;
	b.reason = span_cut(&text, '|');
	b.private = text;
	if (o->own) {
		banned_add_own(c->st, &b);
		return;
	}
	p = cmd_add_part(c, PART_UNKNOWN);
	ban_part(p, &b, c->st->arena);
	c->has_fact = true;
}

static void
cmd_set(struct cmd *c, enum ban_kind kind, enum privilege privilege)
{
	struct order o;

	if (!cmd_may(c, privilege) || !take_order(c, kind, &o))
		return;
	if (in_force(c, &o) != NULL) {
		fail(c, "BAN_EXISTS", "there is such a ban already");
		return;
	}
	if (!is_narrow(c, &o))
		return;
	set(c, &o);
	log_act(c, LOG_BAN, o.mask, o.reason);
	NOTICE(c, SPAN("Added "), o.own ? SPAN("local ") : SPAN_NONE,
	    o.seconds > 0 ? SPAN("temporary ") : SPAN_NONE,
	    span_of(ban_kind_row[o.kind].label), SPAN(" for ["), o.mask,
	    SPAN("]"));
}

/* Write the dots of all elements of the bans of the network with that mask. */
static size_t
write_dots(struct cmd *c, const struct order *o, struct writer *w)
{
	const struct ban *b = bans_of_mask(c->facts, o->kind, o->mask), *copy;
	size_t n = 0;

	for (; b != NULL && n < REMOVED_MAX; b = bans_next_of_mask(b)) {
		copy = ban_is_own(b) ? NULL : bans_find(c->facts, b->id);
		for (; copy != NULL && n < REMOVED_MAX; copy = ban_copy(copy)) {
			if (ban_is_own(copy))
				continue;
			writer_char(w, ' ');
			write_dot(w, copy->fact->write.dot);
			n++;
		}
	}
	step_spend(c->st, n * COST_VISIT);
	return n;
}

/* Remove the bans with that mask: those of this server, and without ON those of
 * the network, too. Return 0 if there were none. */
static size_t
remove_bans(struct cmd *c, const struct order *o)
{
	struct writer w;
	size_t n;

	n = banned_drop_own(c->st, o->kind, o->mask);
	if (o->own)
		return n;
	writer_init_arena(&w, c->st->arena, PART_LINE_MAX);
	writer_span(&w, user_source(c->st, c->user));
	if (write_dots(c, o, &w) == 0)
		return n;
	cmd_add_later(c, &ban_rows[UNBAN_ROW], writer_done(&w), text_off());
	return n + 1;
}

static void
cmd_remove(struct cmd *c, enum ban_kind kind, enum privilege privilege)
{
	struct span target = cmd_arg(c, 0);
	struct order o = { .kind = kind_of(kind, target) };
	unsigned i = 1;

	if (!cmd_may(c, privilege) || !take_place(c, &i, &o.own))
		return;
	o.mask = take_mask(c, o.kind, target);
	if (o.mask.n == 0)
		return;
	if (remove_bans(c, &o) == 0) {
		NOTICE(c, SPAN("No "), o.own ? SPAN("local ") : SPAN_NONE,
		    span_of(ban_kind_row[o.kind].label), SPAN(" for ["), o.mask,
		    SPAN("]"));
		return;
	}
	log_act(c, LOG_UNBAN, o.mask, SPAN_NONE);
	NOTICE(c, SPAN("Removed "), o.own ? SPAN("local ") : SPAN_NONE,
	    span_of(ban_kind_row[o.kind].label), SPAN(" for ["), o.mask,
	    SPAN("]"));
}

/* ---- the commands -------------------------------------------------------- */

void
cmd_kline(struct cmd *c)
{
	cmd_set(c, BAN_KLINE, PRIV_KLINE);
}

void
cmd_unkline(struct cmd *c)
{
	cmd_remove(c, BAN_KLINE, PRIV_KLINE);
}

void
cmd_dline(struct cmd *c)
{
	cmd_set(c, BAN_DLINE, PRIV_DLINE);
}

void
cmd_undline(struct cmd *c)
{
	cmd_remove(c, BAN_DLINE, PRIV_DLINE);
}

void
cmd_xline(struct cmd *c)
{
	cmd_set(c, BAN_XLINE, PRIV_XLINE);
}

void
cmd_unxline(struct cmd *c)
{
	cmd_remove(c, BAN_XLINE, PRIV_XLINE);
}

void
cmd_resv(struct cmd *c)
{
	cmd_set(c, BAN_RESV_NICK, PRIV_RESV);
}

void
cmd_unresv(struct cmd *c)
{
	cmd_remove(c, BAN_RESV_NICK, PRIV_RESV);
}

void
cmd_shun(struct cmd *c)
{
	cmd_set(c, BAN_SHUN, PRIV_SHUN);
}

void
cmd_unshun(struct cmd *c)
{
	cmd_remove(c, BAN_SHUN, PRIV_SHUN);
}

void
cmd_except(struct cmd *c)
{
	cmd_set(c, BAN_EXCEPT, PRIV_EXCEPT);
}

void
cmd_unexcept(struct cmd *c)
{
	cmd_remove(c, BAN_EXCEPT, PRIV_EXCEPT);
}
