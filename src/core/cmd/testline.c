/*
 * TESTLINE says which ban hits a user, an address or a name, and TESTMASK how
 * many users a mask hits, before a ban is set (as on Solanum, help/testline and
 * help/testmask).
 *
 *	TESTLINE [nick!]user@host | address | nick | #channel | server
 *	TESTMASK [nick!]user@host [real name]
 *
 * An operator without the privilege see-address could find out a hidden address
 * by masks. So these commands compare with what everybody sees for them, and
 * may miss hits. (A ban is compared with everything, and removes whom it hits.)
 */
#include "core/answers/ban_lines.h"
#include "core/cmd/cmd.h"
#include "core/facts/bans.h"
#include "core/sessions/access.h"
#include "core/sessions/mask_who.h"
#include "core/types/cost.h"
#include "wire/name.h"

static void
tell(struct cmd *c, const struct ban *b)
{
	char letter = ban_letter(b);
	int64_t left =
	    b->expiry.ms == 0 ? 0 : (b->expiry.ms - c->st->wall.ms) / 1000;

	reply(c->st, c->s, RPL_TESTLINE, span_make(&letter, 1),
	    num(c->st, (uint64_t)left / 60), b->mask, ban_words(c->st, b));
}

/* Return the ban that reserves a name, or NULL. */
static const struct ban *
reserves(struct cmd *c, enum ban_kind kind, struct span name)
{
	const struct ban *b;
	size_t steps = 0;

	b = bans_reserve(c->facts, kind, name, c->st->wall, &steps);
	step_spend(c->st, steps);
	return b;
}

/* Return what the caller may know of the user. */
static struct mask_who
known(const struct cmd *c, const struct user *u)
{
	return c->s == NULL || u == c->user ||
		       (privileges_of(c->facts, c->user) &
			   PRIVB(SEE_ADDRESS)) != 0
		   ? user_mask_who(u)
		   : user_mask_seen(u);
}

/* Set the query to the user that the text names or describes. */
static void
describe(struct cmd *c, struct span text, struct ban_query *q)
{
	const struct user *u = facts_find_nick(c->facts, text);
	size_t bang, at;

	if (u != NULL) {
		q->who = known(c, u);
		q->realname = user_realname(u);
		return;
	}
	bang = span_find(text, '!');
	if (bang < text.n) {
		q->who.nick = span_head(text, bang);
		text = span_tail(text, bang + 1);
	}
	at = span_find(text, '@');
	q->who.user = at < text.n ? span_head(text, at) : SPAN_NONE;
	q->who.host = at < text.n ? span_tail(text, at + 1) : text;
	if (addr_parse(q->who.host, &q->who.addr))
		q->who.ip = q->who.host;
}

/* Tell all bans that hit the user. Return how many there are. */
static unsigned
tell_hits(struct cmd *c, struct span text)
{
	struct ban_query q = { .now = c->st->wall,
		.kinds = BANB(KLINE) | BANB(DLINE) | BANB(XLINE) | BANB(SHUN) };
	const struct ban *hit[BAN_KINDS];
	size_t steps = 0;
	unsigned n = 0;

	describe(c, text, &q);
	bans_ask(c->facts, &q, hit, &steps);
	step_spend(c->st, steps);
	for (unsigned i = 0; i < BAN_KINDS; i++)
		if (hit[i] != NULL) {
			tell(c, hit[i]);
			n++;
		}
	return n;
}

void
cmd_testline(struct cmd *c)
{
	struct span text = cmd_arg(c, 0);
	const struct ban *b = NULL;
	unsigned n = 0;

	if (!cmd_may(c, PRIV_TESTLINE))
		return;
	if (name_is_channel(text))
		b = reserves(c, BAN_RESV_CHANNEL, text);
	else {
		n = tell_hits(c, text);
		b = bans_jupe(c->facts, text, text, c->st->wall);
		if (name_nick_valid(text, c->settings->nick_len))
			b = reserves(c, BAN_RESV_NICK, text);
	}
	if (b != NULL)
		tell(c, b);
	else if (n == 0)
		reply(c->st, c->s, RPL_NOTESTLINE, text);
}

struct mask_hits {
	struct span mask, realname;
};

/* Return the mask of a real name as a word: spaces are `\s`, as in XLINE. */
static struct span
as_word(struct cmd *c, struct span realname)
{
	struct writer w;
	size_t i = 0;

	if (realname.n == 0)
		return SPAN("*");
	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	/* a word does not begin with a colon */
	if (realname.p[0] == ':') {
		writer_char(&w, '?');
		i++;
	}
	for (; i < realname.n; i++)
		if (realname.p[i] == ' ')
			writer_str(&w, "\\s");
		else
			writer_char(&w, realname.p[i]);
	return writer_done(&w);
}

static bool
is_hit(const struct cmd *c, const struct user *u, const void *ctx,
    size_t *steps)
{
	struct mask_who who = known(c, u);
	const struct mask_hits *t = ctx;

	return mask_match(t->mask, &who, steps) &&
	       mask_glob(t->realname, user_realname(u), steps);
}

void
cmd_testmask(struct cmd *c)
{
	struct span word = as_word(c, cmd_arg(c, 1));
	struct mask_hits t = { .mask = cmd_arg(c, 0) };
	struct rcbuf *realname;
	struct user_count n;
	bool done;

	if (!cmd_may(c, PRIV_TESTLINE))
		return;
	realname = ban_real_name(word);
	t.realname = rcbuf_span(realname);
	done = judge_users(c, is_hit, &t, &n);
	rcbuf_unref(realname);
	if (done)
		reply(c->st, c->s, RPL_TESTMASKGECOS, num(c->st, n.local),
		    num(c->st, n.all - n.local), t.mask, word);
}
