/*
 * KLINE, DLINE, XLINE, RESV, JUPE, SHUN, EXCEPT and the commands that remove
 * them (doc/decisions/0043).
 *
 *	KLINE [duration] user@host|nick [ON server] :reason
 *	UNKLINE user@host [ON server]
 *
 * The syntax is that of Solanum, whose bans are those of one server, if no ON
 * says otherwise. Here they are those of the network; ON with the name of this
 * server means this server alone. Durations are numbers with units (90s, 15m,
 * 2h, 1d, 1w, 1y; 1d12h); a bare number is minutes; 0, or no duration, is for
 * good. EXCEPT may have the kinds that it lifts behind its mask. A duration is
 * read behind the mask, too, as InspIRCd and UnrealIRCd have it: else it would
 * be taken for the reason, and the ban would be for good.
 *
 * A mask is counted over all users before the ban is set. If it hits more than
 * a share of them (the option bans.share), the ban is refused, unless the mask
 * has a `!` before it. JUPE takes the name or the sid of a server. It is
 * refused without `!` if other servers have no way to this one but that server
 * (doc/decisions/0048).
 */
#include "core/ban_order.h"
#include "core/cmd/cmd.h"
#include "core/sessions/access.h"
#include "core/sessions/audit.h"
#include "core/sessions/mask_who.h"
#include "core/sessions/source.h"

/* ---- answers ------------------------------------------------------------- */

static void
refuse(struct cmd *c, const struct ban_refusal *r)
{
	if (r->code == NULL)
		reply(c->st, c->s, ERR_NEEDMOREPARAMS, c->name);
	else
		reply_fail_or_notice(c->st, c->s, c->name, span_of(r->code),
		    span_of(r->text));
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

static bool
sees_addresses(const struct cmd *c)
{
	return (privileges_of(c->facts, c->user) & PRIVB(SEE_ADDRESS)) != 0;
}

/* Return the mask as an answer tells it: a nick, if it stands for a hidden
 * address that the caller may not see, or of which no line of the log tells
 * that it was shown (doc/decisions/0042). */
static struct span
mask_told(const struct cmd *c, const struct ban_order *o, bool is_logged)
{
	return !ban_order_hides(o) || (is_logged && sees_addresses(c))
		   ? o->mask
		   : user_nick(o->named);
}

/* ---- how many users a mask hits ------------------------------------------ */

static bool
is_hit(const struct cmd *c, const struct user *u, const void *ctx,
    size_t *steps)
{
	struct ban_query q = { .who = user_mask_who(u),
		.realname = user_realname(u) };

	(void)c;
	return ban_matches(ctx, &q, steps);
}

/* Refuse a jupe that would cut the network in two. */
static bool
cuts_nobody(struct cmd *c, const struct ban_order *o)
{
	unsigned n = ban_order_cuts(c->st, o);

	if (n == 0)
		return true;
	NOTICE(c, SPAN("JUPE: without ["), o->mask,
	    SPAN("] there is no way to "), num(c->st, n),
	    n == 1 ? SPAN(" other server") : SPAN(" other servers"),
	    SPAN("; link them, or put ! before the name to cut "
		 "them off"));
	return false;
}

/* Tell that the ban is too wide. A number would tell where users with hidden
 * addresses are connected from: it is told to those alone who may see that, and
 * if the mask is no address. */
static void
refuse_wide(struct cmd *c, const struct ban_order *o,
    const struct user_count *n)
{
	enum ban_form form = ban_kind_row[o->kind].form;
	struct span mask = mask_told(c, o, false),
		    end = SPAN(" users; put ! before the mask to set it all "
			       "the same");

	if ((form == BAN_USER_HOST || form == BAN_ADDRESS) &&
	    !sees_addresses(c))
		NOTICE(c, c->name, SPAN(": ["), mask, SPAN("] hits more than "),
		    num(c->st, c->settings->ban_share), SPAN(" % of all"), end);
	else
		NOTICE(c, c->name, SPAN(": ["), mask, SPAN("] hits "),
		    num(c->st, n->all), SPAN(" of "), num(c->st, n->users),
		    end);
}

/* Return true if the ban may be set, or false if the line waits or is refused.
 */
static bool
is_narrow(struct cmd *c, const struct ban_order *o)
{
	struct ban b = { .kind = o->kind, .mask = o->mask };
	struct user_count n;
	bool done;

	if (o->kind == BAN_JUPE)
		return cuts_nobody(c, o);
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
	refuse_wide(c, o, &n);
	return false;
}

/* ---- set and removed ----------------------------------------------------- */

static void
log_act(struct cmd *c, enum log_row row, struct span mask, struct span why)
{
	audit_log(c->st, row,
	    &(struct audit){ .by = c->user,
		.what = { c->name, mask },
		.why = why,
		.result = "ok" });
}

static struct words
words_of(const struct cmd *c)
{
	return (struct words){ c->m->param, c->m->nparam };
}

/* Return all words of the reason: people forget the colon. */
static struct span
reason_of(struct cmd *c, const struct ban_order *o)
{
	unsigned first = (unsigned)o->reason;
	struct writer w;

	if (c->m->nparam == first + 1)
		return cmd_arg(c, first);
	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	for (unsigned i = first; i < c->m->nparam; i++) {
		writer_str(&w, i > first ? " " : "");
		writer_span(&w, cmd_arg(c, i));
	}
	return writer_done(&w);
}

static void
set(struct cmd *c, const struct ban_order *o)
{
	struct span reason = reason_of(c, o);
	struct part part;

	if (ban_order_set(c->st, o, user_source(c->st, c->user), reason,
		cmd_stamp(c), &part)) {
		*cmd_add_part(c, part.id) = part;
		c->has_fact = true;
	}
	log_act(c, LOG_BAN, o->mask, reason);
	NOTICE(c, SPAN("Added "), o->own ? SPAN("local ") : SPAN_NONE,
	    o->seconds > 0 ? SPAN("temporary ") : SPAN_NONE,
	    span_of(ban_kind_row[o->kind].label), SPAN(" for ["),
	    mask_told(c, o, true), SPAN("]"));
}

static void
cmd_set(struct cmd *c, enum ban_kind kind, enum privilege privilege)
{
	struct words words = words_of(c);
	struct ban_refusal why = { "BAN_EXISTS",
		"there is such a ban already" };
	struct ban_order o;

	if (!cmd_may(c, privilege))
		return;
	if (!ban_order_read(c->st, &words, kind, false, &o, &why) ||
	    ban_order_exists(c->st, &o))
		refuse(c, &why);
	else if (ban_order_is_full(c->st))
		refuse(c, &(struct ban_refusal){ "BAN_LIST_FULL", BANS_FULL });
	else if (is_narrow(c, &o))
		set(c, &o);
}

static void
remove_bans(struct cmd *c, const struct ban_order *o)
{
	struct part part;
	size_t n =
	    ban_order_remove(c->st, o, user_source(c->st, c->user), &part);

	if (part.id == PART_UNKNOWN) {
		*cmd_add_part(c, part.id) = part;
		c->has_fact = true;
	}
	if (n > 0)
		log_act(c, LOG_UNBAN, o->mask, SPAN_NONE);
	NOTICE(c, n > 0 ? SPAN("Removed ") : SPAN("No "),
	    o->own ? SPAN("local ") : SPAN_NONE,
	    span_of(ban_kind_row[o->kind].label), SPAN(" for ["), o->mask,
	    SPAN("]"));
}

static void
cmd_unset(struct cmd *c, enum ban_kind kind, enum privilege privilege)
{
	struct words words = words_of(c);
	struct ban_refusal why;
	struct ban_order o;

	if (!cmd_may(c, privilege))
		return;
	if (ban_order_read_removal(c->st, &words, kind, &o, &why))
		remove_bans(c, &o);
	else
		refuse(c, &why);
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
	cmd_unset(c, BAN_KLINE, PRIV_KLINE);
}

void
cmd_dline(struct cmd *c)
{
	cmd_set(c, BAN_DLINE, PRIV_DLINE);
}

void
cmd_undline(struct cmd *c)
{
	cmd_unset(c, BAN_DLINE, PRIV_DLINE);
}

void
cmd_xline(struct cmd *c)
{
	cmd_set(c, BAN_XLINE, PRIV_XLINE);
}

void
cmd_unxline(struct cmd *c)
{
	cmd_unset(c, BAN_XLINE, PRIV_XLINE);
}

void
cmd_resv(struct cmd *c)
{
	cmd_set(c, BAN_RESV_NICK, PRIV_RESV);
}

void
cmd_unresv(struct cmd *c)
{
	cmd_unset(c, BAN_RESV_NICK, PRIV_RESV);
}

void
cmd_jupe(struct cmd *c)
{
	cmd_set(c, BAN_JUPE, PRIV_JUPE);
}

void
cmd_unjupe(struct cmd *c)
{
	cmd_unset(c, BAN_JUPE, PRIV_JUPE);
}

void
cmd_shun(struct cmd *c)
{
	cmd_set(c, BAN_SHUN, PRIV_SHUN);
}

void
cmd_unshun(struct cmd *c)
{
	cmd_unset(c, BAN_SHUN, PRIV_SHUN);
}

void
cmd_except(struct cmd *c)
{
	cmd_set(c, BAN_EXCEPT, PRIV_EXCEPT);
}

void
cmd_unexcept(struct cmd *c)
{
	cmd_unset(c, BAN_EXCEPT, PRIV_EXCEPT);
}
