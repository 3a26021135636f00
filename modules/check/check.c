/*
 * CHECK nick tells operators what only the home of a user knows of the client:
 * its capabilities, its allowance, what waits for it (InspIRCd "check", whose
 * number 802 is). The home is asked by a question; a home without the module
 * does not know it, and the operator is told so.
 *
 * An answer is some lines of 802, each with the nick, a key and a text, and the
 * key `end` at last, which this server adds.
 */
#include "core/module.h"

#include "core/answers/query.h"
#include "core/answers/whois.h"
#include "core/cmd/cmd.h"
#include "core/sessions/access.h"
#include "core/sessions/flood.h"
#include "core/sessions/sight.h"
#include "core/sessions/source.h"

#define CAPS_BYTES 300	  /* of capabilities in a line */
#define ANSWER_BYTES 8192 /* some 20 lines, and more with many capabilities */
#define SESSIONS_MAX 8	  /* of the user that are told of */
#define TEXT_BYTES 400

static const struct numeric_row told = { 802, "RPL_CHECK", "$ $ :$" };

/* ---- one session --------------------------------------------------------- */

/* The lines of an answer: s is NULL if another server asks. */
struct check {
	struct step *st;
	struct session *s;
	const struct user *user;
};

static void
tell(const struct check *x, const char *key, struct span text)
{
	reply_row(x->st, x->s, &told, user_nick(x->user), span_of(key), text);
}

/* Tell a number and words behind it. */
static void
tell_number(const struct check *x, const char *key, uint64_t n,
    const char *words)
{
	struct writer w;

	writer_init_arena(&w, x->st->arena, TEXT_BYTES);
	writer_u64(&w, n);
	writer_str(&w, words);
	tell(x, key, writer_done(&w));
}

static uint64_t
seconds_since(struct mono now, struct mono then)
{
	int64_t ms = mono_sub_ms(now, then);

	return ms > 0 ? (uint64_t)(ms / MS_PER_S) : 0;
}

static void
tell_client(const struct check *x, const struct session *s)
{
	const struct conn *conn = s->conn;
	int64_t idle = (x->st->wall.ms - s->spoke.ms) / MS_PER_S;

	tell(x, "class", conn->class->name);
	tell_number(x, "connected", seconds_since(x->st->awake, conn->opened),
	    " seconds");
	tell_number(x, "idle", idle > 0 ? (uint64_t)idle : 0, " seconds");
	tell_number(x, "heard", seconds_since(x->st->awake, conn->heard),
	    conn->pinged ? " seconds ago, PING has no answer yet"
			 : " seconds ago");
	tell(x, "tls",
	    conn->cipher != NULL ? rcbuf_span(conn->cipher)
	    : conn->tls		 ? SPAN("yes, by a gateway")
				 : SPAN("no"));
}

static void
tell_caps(const struct check *x, const struct session *s)
{
	const struct tables *t = x->st->tables;
	struct span rest;
	struct writer w;

	tell(x, "asked",
	    s->cap_302 ? SPAN("CAP LS 302") : SPAN("no CAP LS 302"));
	writer_init_arena(&w, x->st->arena, t->ncap * CAP_VALUES_MAX);
	for (unsigned i = 0; i < t->ncap; i++) {
		if ((s->caps >> i & 1) == 0 || cap_is_gap(cap_row(t, i)))
			continue;
		writer_str(&w, cap_row(t, i)->name);
		writer_char(&w, ' ');
	}
	rest = writer_done(&w);
	do
		tell(x, "capabilities", cap_line(&rest, CAPS_BYTES));
	while (rest.n > 0);
}

/* Tell how many lines the client is ahead of the clock, and when it may send
 * the next. */
static void
tell_flood(const struct check *x, const struct session *s)
{
	const struct conn *conn = s->conn;
	const struct class_settings *c = conn->class;
	int64_t ahead = mono_sub_ms(conn->flood_tat, x->st->now);
	int64_t wait = mono_sub_ms(flood_until(conn), x->st->now);
	struct writer w;

	if (c->flood_burst == 0) {
		tell(x, "flood", SPAN("no limit"));
		return;
	}
	writer_init_arena(&w, x->st->arena, TEXT_BYTES);
	writer_u64(&w,
	    ahead > 0
		? ((uint64_t)ahead * c->flood_rate + MS_PER_S - 1) / MS_PER_S
		: 0);
	writer_str(&w, " of ");
	writer_u64(&w, c->flood_burst);
	writer_str(&w, " lines used, the next is read in ");
	writer_u64(&w, wait > 0 ? (uint64_t)wait : 0);
	writer_str(&w, " ms");
	tell(x, "flood", writer_done(&w));
}

static void
tell_queue(const struct check *x, const struct session *s)
{
	struct writer w;

	writer_init_arena(&w, x->st->arena, TEXT_BYTES);
	writer_u64(&w, s->listed);
	writer_str(&w, " bytes of long answers, ");
	writer_u64(&w, s->owed);
	writer_str(&w, " of a split or heal and ");
	writer_u64(&w, s->answers);
	writer_str(&w, " of other servers are not read; the sendq is ");
	writer_u64(&w, s->conn->class->sendq);
	writer_str(&w, s->lag != NULL ? ", and the client lags" : "");
	tell(x, "queue", writer_done(&w));
}

static void
tell_user(const struct check *x)
{
	const struct session *s;
	unsigned n = 0;

	LIST_FOREACH(s, &x->user->sessions, user_link) {
		if (s->conn == NULL || n++ >= SESSIONS_MAX)
			continue;
		tell_client(x, s);
		tell_caps(x, s);
		tell_flood(x, s);
		tell_queue(x, s);
	}
	if (n == 0)
		tell(x, "sessions", SPAN("none"));
}

/* A look at what others do not see is in the log (doc/decisions/0042). */
static void
record(struct step *st, const struct user *by, const struct user *u)
{
	struct sight x = { .by = by, .used = true };

	sight_record(st, &x, SPAN("CHECK"), user_source(st, u));
}

/* ---- the question -------------------------------------------------------- */

static void
answer(struct step *st, const struct query_in *q)
{
	if (q->by == NULL || !q->by->shown ||
	    (privileges_of(st->facts, q->by) & PRIVB(STATS)) == 0) {
		reply_question(st, SPAN("you lack the privilege for this"));
		return;
	}
	record(st, q->by, q->about);
	tell_user(&(struct check){ st, NULL, q->about });
}

/* Tell the operator that there is no answer: "NICK: the server of the user
 * ...". */
static void
fail(struct step *st, struct session *s, const struct query_end *q,
    const char *code, const char *why)
{
	struct writer w;

	writer_init_arena(&w, st->arena, TEXT_BYTES);
	writer_span(&w, q->what);
	writer_str(&w, ": the server of the user ");
	writer_str(&w, why);
	reply_fail_or_notice(st, s, SPAN("CHECK"), span_of(code),
	    writer_done(&w));
}

static void
end(struct step *st, struct session *s, const struct query_end *q)
{
	const struct user *u = facts_find_uid(st->facts, q->uid);

	if (q->answered || q->cut)
		reply_row(st, s, &told, q->what, SPAN("end"),
		    SPAN("End of CHECK"));
	else if (u == NULL || !u->shown)
		reply(st, s, ERR_NOSUCHNICK, q->what);
	else if (q->late)
		fail(st, s, q, "NO_ANSWER", "has not answered in time");
	else
		fail(st, s, q, "UNKNOWN_QUESTION", "does not know CHECK");
}

static const struct query_row query = {
	.name = SPAN_INIT("CHECK"),
	.of_user = true,
	.most = ANSWER_BYTES,
	.answer = answer,
	.end = end,
};

/* ---- the command --------------------------------------------------------- */

static void
check(struct cmd *c)
{
	const struct user *u;
	struct writer w;

	if (!cmd_may(c, PRIV_STATS) ||
	    (u = cmd_find_user(c, cmd_arg(c, 0))) == NULL)
		return;
	record(c->st, c->user, u);
	if (core_is_home(c->core, u)) {
		tell_user(&(struct check){ c->st, c->s, u });
		reply_row(c->st, c->s, &told, user_nick(u), SPAN("end"),
		    SPAN("End of CHECK"));
		return;
	}
	writer_init_arena(&w, c->st->arena, TEXT_BYTES);
	writer_str(&w, "CHECK ");
	writer_span(&w, uid_span(&u->uid));
	query_ask(c->st, c->s, user_home(u).sid, &query, writer_done(&w),
	    user_nick(u));
}

static const struct command_row command = {
	.name = SPAN_INIT("CHECK"),
	.run = check,
	.min = 1,
	.when = COMMAND_USERS,
	.syntax = "nick",
	.help =
	    "Shows operators with the privilege stats what the server of a "
	    "user "
	    "knows of the client: capabilities, TLS, idle time, allowance and "
	    "queue.",
};

/* ---- the module ---------------------------------------------------------- */

static const struct rows rows = {
	.of = "check",
	.command = &command,
	.ncommand = 1,
	.numeric = &told,
	.nnumeric = 1,
	.query = &query,
	.nquery = 1,
};

MODULE(check) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "check",
	.version = "1",
	.purpose = "CHECK: what only the server of a user knows of the client",
	.rows = &rows,
};
