/*
 * The session goes on meanwhile; the answer waits with the question, until it
 * is whole: a labelled one for its batch (labeled-response.md: also what comes
 * from elsewhere), any for the client to read it.
 *
 * The bytes that wait are bounded, for all questions of a session together and
 * for answers that it has not read yet. A line beyond ANSWERS_MAX ends its
 * question as DONE would; the rest is not listened to, and 263 says that
 * something is missing (labeled-response.md, "the batched response ends
 * early"). No server can have a client closed by what it asked, nor fill us.
 *
 * Rejected: opening the batch with the second line and passing on each as it
 * comes. A client that reads slowly would be closed for having asked; as it is,
 * a long answer is given as it is read (core/sessions/listing.h). A part of the
 * sendq as the bound: what waits here is not in it, and a small one would cut
 * each MOTD.
 */
#include "core/answers/query.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/sessions/line.h"
#include "core/sessions/listing.h"
#include "core/answers/rehash.h"
#include "core/answers/reply.h"
#include "core/answers/stats.h"
#include "core/answers/stop.h"
#include "core/answers/trace.h"
#include "core/sessions/response.h"
#include "core/answers/server_info.h"
#include "core/answers/welcome.h"
#include "core/answers/whois.h"
#include "core/part/clean.h"
#include "core/sessions/source.h"
#include "core/sessions/access.h"
#include "wire/utf8.h"
#include "wire/mask.h"

#define ANSWERS_MAX ((size_t)256 * 1024) /* bytes that wait of a session */
#define LINE_COST 64 /* bytes of a line that waits, beside its own */

/* ---- the rows ------------------------------------------------------- */

struct query {
	struct rcbuf *name; /* of its row */
	size_t most;	    /* likewise */
	struct query_end end;
	struct sid asked;	   /* the server that is asked */
	struct response *response; /* of the command; it waits, too */
	/* the operator at the control socket asks: where the answer goes */
	uint64_t control;
	bool json;
	/* bytes of the answer so far; a part of session->answers */
	uint32_t bytes;
};

static void
answer_whois(struct step *st, const struct query_in *q)
{
	if (q->by == NULL)
		return;
	whois_record(st, q->by, q->about);
	whois_answer(st, q->by, q->about);
}

/* End the question with the answer of this server if no other answer came. */
static void
end_whois(struct step *st, struct session *s, const struct query_end *q)
{
	const struct user *u = facts_find_uid(st->facts, q->uid);

	if (!q->answered && u != NULL && u->shown)
		whois_reply(st, s, u, q->what);
	else
		reply(st, s, RPL_ENDOFWHOIS, q->what);
}

static void
answer_motd(struct step *st, const struct query_in *q)
{
	(void)q;
	reply_motd(st, NULL);
}

static void
end_motd(struct step *st, struct session *s, const struct query_end *q)
{
	if (q->cut)
		reply0(st, s, RPL_ENDOFMOTD);
	else if (!q->answered)
		reply(st, s, ERR_NOSUCHSERVER, q->what);
}

static void
answer_version(struct step *st, const struct query_in *q)
{
	(void)q;
	reply_version(st, NULL);
}

static void
answer_admin(struct step *st, const struct query_in *q)
{
	(void)q;
	reply_admin(st, NULL);
}

static void
answer_info(struct step *st, const struct query_in *q)
{
	(void)q;
	reply_info(st, NULL);
}

static void
answer_lusers(struct step *st, const struct query_in *q)
{
	(void)q;
	reply_lusers(st, NULL);
}

static void
answer_time(struct step *st, const struct query_in *q)
{
	(void)q;
	reply_time(st, NULL);
}

/* The answers that this ends are short, or have no last line. */
static void
end_server(struct step *st, struct session *s, const struct query_end *q)
{
	if (!q->cut && !q->answered)
		reply(st, s, ERR_NOSUCHSERVER, q->what);
}

static void
answer_die(struct step *st, const struct query_in *q)
{
	stop_asked(st, q->from, q->words, false);
}

static void
answer_restart(struct step *st, const struct query_in *q)
{
	stop_asked(st, q->from, q->words, true);
}

static void
end_order(struct step *st, struct session *s, const struct query_end *q)
{
	if (!q->answered && !q->cut)
		reply(st, s, ERR_NOSUCHSERVER, q->what);
}

static void
answer_rehash(struct step *st, const struct query_in *q)
{
	st->done_later = rehash_asked(st, q->from);
}

/* The reading may take longer than a question waits. */
static void
end_rehash(struct step *st, struct session *s, const struct query_end *q)
{
	struct writer w;

	if (!q->late || !q->answered) {
		end_order(st, s, q);
		return;
	}
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "REHASH: ");
	writer_span(&w, q->what);
	writer_str(&w, ": ");
	writer_span(&w, rehash_end(ANSWER_EXPIRED));
	reply_notice(st, s, writer_done(&w));
}

static void
answer_stats(struct step *st, const struct query_in *q)
{
	struct span words = q->words, letter = span_word(&words);

	st->done_later = stats_answer(st, q->from, letter, span_word(&words));
}

static void
end_stats(struct step *st, struct session *s, const struct query_end *q)
{
	if (q->cut)
		reply(st, s, RPL_ENDOFSTATS, SPAN("*"));
	else if (!q->answered)
		reply(st, s, ERR_NOSUCHSERVER, q->what);
}

static void
answer_trace(struct step *st, const struct query_in *q)
{
	struct span words = q->words;

	trace_answer(st, q->from, span_word(&words));
}

static void
end_trace(struct step *st, struct session *s, const struct query_end *q)
{
	if (q->cut)
		reply(st, s, RPL_TRACEEND, q->what, SPAN("*"));
	else if (!q->answered)
		reply(st, s, ERR_NOSUCHSERVER, q->what);
}

/* The links of a server answer it before the core is asked
 * (link/peers/order.h). */
static void
answer_by_links(struct step *st, const struct query_in *q)
{
	(void)st;
	(void)q;
}

const struct query_row queries_builtin[QUERY_BUILTIN] = {
#define QUERY(ID, name, of_user, answer, end, scenario) \
	[QUERY_##ID] = { SPAN_INIT(name), of_user, 0, answer, end },
#include "core/answers/query.def"
#undef QUERY
};

/* ---- who asks ------------------------------------------------------- */

bool
query_may(const struct step *st, struct uid from, enum privilege p)
{
	return access_asker_may(st->facts, st->asker, from, p);
}

struct span
query_more(const struct step *st)
{
	return sid_cmp(st->asker, st->core->self.sid) == 0
		   ? SPAN("there is more; ask for it as an operator on IRC")
		   : SPAN("there is more; ask for it at this server");
}

struct audit
query_audit(struct step *st, struct uid from)
{
	struct audit a = { .name = SPAN("*") };
	struct sid sid;

	if (uid_is_of_server(from, &sid)) {
		a.name = server_name(st->core, sid);
		a.oper = SPAN("banyanctl");
	} else
		a.by = facts_find_uid(st->facts, from);
	return a;
}

/* ---- asking --------------------------------------------------------- */

static void ended(struct step *, struct session *, const struct request *,
    enum answer_status, struct span bytes);
static void query_free(void *);

static const struct request_use use_query = { .kind = REQUEST_QUESTION,
	.hold = HOLD_NOTHING,
	.answered = ended,
	.free_data = query_free };

static void
query_free(void *p)
{
	struct query *q = p;

	response_free(q->response);
	rcbuf_unref(q->name);
	free(q);
}

static void
send_question(struct step *st, const struct request *r, struct uid from,
    struct span question)
{
	const struct query *q = r->data;
	struct out out = {
		.kind = OUT_QUERY, .id = r->token, .from = from, .dst = q->asked
	};

	out.owned = span_dup(question);
	out.line = span_make(out.owned, question.n);
	core_out_put(st->core, &out);
}

/* Return true if the server is shown, but cannot be reached. */
static bool
is_out_of_reach(const struct step *st, struct sid sid)
{
	const struct server *s = facts_find_server(st->facts, sid);

	return s != NULL && s->limbo;
}

/* End a question that cannot be asked, as if no answer had come. */
static void
end_unasked(struct step *st, struct session *s, const struct query_row *row,
    struct span question, struct span what)
{
	struct query_end end = { .what = what };

	(void)span_word(&question);
	(void)uid_parse(span_word(&question), &end.uid);
	row->end(st, s, &end);
}

void
query_ask(struct step *st, struct session *s, struct sid to,
    const struct query_row *row, struct span question, struct span what)
{
	struct span words = question;
	struct request *r;
	struct query *q;

	if (is_out_of_reach(st, to)) {
		end_unasked(st, s, row, question, what);
		return;
	}
	r = request_begin(st, s, &use_query, what);
	if (r == NULL) {
		reply(st, s, RPL_TRYAGAIN, row->name);
		return;
	}
	response_collect(st, s);
	r->data = q = mem_zalloc(sizeof(*q));
	q->response = s->response;
	s->response = NULL;
	q->name = rcbuf_new(row->name);
	q->most = row->most;
	q->asked = to;
	(void)span_word(&words);
	(void)uid_parse(span_word(&words), &q->end.uid);
	send_question(st, r, s->user->uid, question);
}

/* ---- asking for the operator at the control socket ------------------- */

/* Return the server with that name, or the first that the mask matches. */
static const struct server *
find_server(struct step *st, struct span name)
{
	const struct server *s;
	size_t steps = 0;

	if (span_eq(name, SPAN("*")))
		return facts_find_server(st->facts, st->core->self.sid);
	for (size_t i = 0; (s = map_next(&st->facts->servers, &i)) != NULL;)
		if (s->visible != 0 &&
		    mask_glob(name, rcbuf_span(s->name), &steps))
			break;
	step_spend(st, steps);
	return s;
}

/* TRACE and STATS of a client name the user by the uid. If such a line names a
 * nick, put the uid in its place, and set *u. Return false if nobody has it. */
static bool
name_user(struct step *st, const struct query_row *row, struct span *line,
    const struct user **u)
{
	struct span rest = *line, verb = span_word(&rest), letter = SPAN_NONE,
		    nick;
	struct writer w;

	if (row == &queries_builtin[QUERY_STATS])
		letter = span_word(&rest);
	nick = span_word(&rest);
	if ((row != &queries_builtin[QUERY_TRACE] &&
		!stats_is_of_client(letter)) ||
	    nick.n == 0)
		return true;
	if ((*u = facts_find_nick(st->facts, nick)) == NULL)
		return false;
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_span(&w, verb);
	writer_char(&w, ' ');
	writer_span(&w, letter);
	writer_str(&w, letter.n > 0 ? " " : "");
	writer_span(&w, uid_span(&(*u)->uid));
	*line = writer_done(&w);
	return true;
}

/* Acts are in the log of this server, too. Those on its own links and
 * configuration are logged when they are done. */
static void
log_act(struct step *st, const struct query_row *row, struct span line,
    const struct server *to)
{
	bool own = sid_cmp(to->sid, st->core->self.sid) == 0;
	struct audit a = { .what = { line, rcbuf_span(to->name) },
		.result = own ? "ok" : "sent" };

	if (row == &queries_builtin[QUERY_DIE] ||
	    row == &queries_builtin[QUERY_RESTART])
		audit_log(st, LOG_DIE, &a);
	else if ((row == &queries_builtin[QUERY_SQUIT] ||
		     row == &queries_builtin[QUERY_CONNECT]) &&
		 !own)
		audit_log(st, LOG_ROUTING, &a);
	else if (row == &queries_builtin[QUERY_REHASH] && !own)
		audit_log(st, LOG_REHASH, &a);
}

static const struct query_row *
control_row(const struct step *st, struct span line)
{
	const struct query_row *row = query_find(st->tables, span_word(&line));

	/* the answer would go by the sight of a user who asks */
	return row != NULL && row->of_user ? NULL : row;
}

const char *
query_ask_control(struct step *st, const struct control_question *c)
{
	const struct query_row *row = control_row(st, c->line);
	const struct server *to = find_server(st, c->server);
	const struct user *u = NULL;
	struct span line = c->line;
	struct request *r;
	struct query *q;

	if (row == NULL)
		return "servers cannot be asked that";
	if (to == NULL)
		return "there is no such server on the network";
	if (!name_user(st, row, &line, &u))
		return "no user has that nick";
	if (u != NULL && span_eq(c->server, SPAN("*")))
		to = facts_find_server(st->facts, user_home(u).sid);
	if (to->limbo)
		return "the server cannot be reached";
	r = request_begin(st, NULL, &use_query, rcbuf_span(to->name));
	if (r == NULL)
		return "too many questions at once";
	r->data = q = mem_zalloc(sizeof(*q));
	q->control = c->token;
	q->json = c->json;
	q->name = rcbuf_new(row->name);
	q->most = row->most;
	q->asked = to->sid;
	log_act(st, row, line, to);
	send_question(st, r, uid_of_server(st->core->self.sid), line);
	return NULL;
}

/* ---- answering ------------------------------------------------------ */

const struct user *
query_user(const struct step *st, struct span *words)
{
	const struct user *u = NULL;
	struct uid uid;

	if (uid_parse(span_word(words), &uid))
		u = facts_find_uid(st->facts, uid);
	return u != NULL && u->shown && core_is_home(st->core, u) ? u : NULL;
}

void
query_answer(struct step *st, uint64_t id, struct uid from, struct sid asker,
    struct span command)
{
	struct out done = { .kind = OUT_DONE, .id = id, .dst = asker };
	const struct query_row *row =
	    query_find(st->tables, span_word(&command));
	struct query_in q = { .from = from,
		.by = facts_find_uid(st->facts, from) };

	st->question = id;
	st->asker = asker;
	st->done_later = false;
	if (row != NULL && row->of_user)
		q.about = query_user(st, &command);
	q.words = command;
	if (row != NULL && (q.about != NULL || !row->of_user))
		row->answer(st, &q);
	if (!st->done_later)
		core_out_put(st->core, &done);
}

/* ---- the answer comes ----------------------------------------------- */

/* From here on, collect lines for the question, under its label. */
static struct response *
open_response(struct step *st, struct session *s, struct response *r)
{
	struct response *own = s->response;

	s->response = r;
	st->answering = s;
	return own;
}

static void
close_response(struct step *st, struct session *s, struct response *own)
{
	s->response = own;
	st->answering = NULL;
}

/* Do the same for the operator at the control socket. */
static void
ended_control(struct step *st, const struct query *q)
{
	bool reads =
	    span_eq(rcbuf_span(q->name), queries_builtin[QUERY_REHASH].name) &&
	    q->end.answered;
	struct span end = SPAN("");

	if (q->end.cut)
		end = SPAN("error the answer is too long, and was cut");
	else if (q->end.late && reads)
		end = SPAN("error the reading has not ended yet; the log of "
			   "that server will have the end");
	else if (q->end.late)
		end = SPAN("error the server has not answered in time");
	else if (!q->end.answered)
		end = SPAN("error the server does not answer that; it may run "
			   "an older version");
	effects_control(st->fx, q->control, end, true);
}

/* End the answer as far as it has come: it is whole, was cut, or did not come
 * in time. */
static void
ended(struct step *st, struct session *s, const struct request *request,
    enum answer_status status, struct span bytes)
{
	struct query *q = request->data;
	struct response *r = q->response, *own;
	const struct query_row *row =
	    query_find(st->tables, rcbuf_span(q->name));

	(void)bytes;
	q->end.late = status == ANSWER_EXPIRED;
	q->end.what = rcbuf_span(request->what);
	if (s == NULL) {
		ended_control(st, q);
		return;
	}
	own = open_response(st, s, r);
	q->response = NULL;
	s->answers -= q->bytes;
	if (q->end.cut || row == NULL)
		reply(st, s, RPL_TRYAGAIN, rcbuf_span(q->name));
	if (row != NULL)
		row->end(st, s, &q->end);
	close_response(st, s, own);
	response_end(st, s, r);
}

static bool
has_room(const struct session *s)
{
	size_t n = s->answers;

	for (const struct listing *l = s->listing; l != NULL; l = l->next)
		if (l->response != NULL)
			n += l->response->bytes + l->response->n * LINE_COST;
	return n < ANSWERS_MAX;
}

#define REFUSED "400" /* ERR_UNKNOWNERROR */

/* Pass a line of an answer on to the control socket. A text that stands alone
 * is told without its colon. */
static void
control_line(struct step *st, struct query *q, struct span number,
    struct span text)
{
	struct writer w;

	while (text.n > 0 && (text.p[0] == ' ' || text.p[0] == ':')) {
		bool colon = text.p[0] == ':';

		text = span_tail(text, 1);
		if (colon)
			break;
	}
	text = utf8_cut(text, LINE_BODY_MAX);
	writer_init_arena(&w, st->arena, WRITER_JSON_BYTES(LINE_BODY_MAX) + 64);
	if (span_eq(number, SPAN(REFUSED))) {
		(void)span_cut(&text, ':'); /* the command, which is known */
		writer_str(&w, "error ");
		utf8_write_visible(&w, text);
	} else if (q->json) {
		writer_str(&w, "{\"numeric\":");
		writer_json(&w, number);
		writer_str(&w, ",\"text\":");
		writer_json(&w, text);
		writer_char(&w, '}');
	} else {
		writer_str(&w, "answer ");
		utf8_write_visible(&w, text);
	}
	effects_control(st->fx, q->control, writer_done(&w), false);
	q->end.answered = true;
	q->bytes += (uint32_t)writer_done(&w).n + LINE_COST;
}

void
query_line(struct step *st, uint64_t id, struct span text)
{
	struct request *r = request_find(st->core, id, REQUEST_QUESTION);
	struct session *s;
	struct query *q;
	struct response *own;
	struct line l = { 0 };
	struct writer w;
	struct span number = span_word(&text);
	size_t before = st->bytes;
	uint32_t n;

	if (r == NULL ||
	    (!clean_is_numeric(number) && !span_eq(number, SPAN("NOTICE"))))
		return;
	s = request_owner(st->core, r);
	q = r->data;
	text = clean_text(st->arena, text);
	if (s == NULL && q->bytes < ANSWERS_MAX) {
		control_line(st, q, number, text);
		return;
	}
	if (s == NULL || !has_room(s) || (q->most > 0 && q->bytes >= q->most)) {
		q->end.cut = true;
		request_end(st, r, ANSWER_OK, SPAN_NONE);
		return;
	}
	body_begin(st, &w, server_name(st->core, q->asked));
	writer_span(&w, number);
	writer_char(&w, ' ');
	writer_span(&w, session_nick(s));
	writer_span(&w, text);
	l.body = writer_done(&w);
	q->end.answered = true;
	own = open_response(st, s, q->response);
	line_send(st, s, &l);
	close_response(st, s, own);
	n = (uint32_t)(st->bytes - before) + LINE_COST;
	q->bytes += n;
	s->answers += n;
}

void
query_done(struct step *st, uint64_t id)
{
	struct request *r = request_find(st->core, id, REQUEST_QUESTION);

	if (r != NULL)
		request_end(st, r, ANSWER_OK, SPAN_NONE);
}
