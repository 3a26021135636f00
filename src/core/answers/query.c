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

#define ANSWERS_MAX ((size_t)256 * 1024) /* bytes that wait of a session */
#define LINE_COST 64 /* bytes of a line that waits, beside its own */

/* ---- the rows ------------------------------------------------------- */

struct query {
	const struct query_row *row;
	struct uid uid;		   /* the user that the question names */
	struct sid asked;	   /* the server that is asked */
	struct response *response; /* of the command; it waits, too */
	bool answered;
	bool late; /* no DONE came in time */
	bool cut;  /* there was no room for all of the answer */
	/* bytes of the answer so far; a part of session->answers */
	uint32_t bytes;
};

struct query_row {
	struct span name;
	void (*answer)(struct step *, struct uid from, struct span rest);
	void (*end)(struct step *, struct session *, const struct query *,
	    struct span what);
};

static void
answer_whois(struct step *st, struct uid from, struct span rest)
{
	const struct user *who = facts_find_uid(st->facts, from), *u = NULL;
	struct uid uid;

	if (uid_parse(span_word(&rest), &uid))
		u = facts_find_uid(st->facts, uid);
	if (who == NULL || u == NULL || !u->shown || !core_is_home(st->core, u))
		return;
	whois_record(st, who, u);
	whois_answer(st, who, u);
}

/* End the question with the answer of this server if no other answer came. */
static void
end_whois(struct step *st, struct session *s, const struct query *q,
    struct span what)
{
	const struct user *u = facts_find_uid(st->facts, q->uid);

	if (!q->answered && u != NULL && u->shown)
		whois_reply(st, s, u, what);
	else
		reply(st, s, RPL_ENDOFWHOIS, what);
}

static void
answer_motd(struct step *st, struct uid from, struct span rest)
{
	(void)from;
	(void)rest;
	reply_motd(st, NULL);
}

static void
end_motd(struct step *st, struct session *s, const struct query *q,
    struct span what)
{
	if (q->cut)
		reply0(st, s, RPL_ENDOFMOTD);
	else if (!q->answered)
		reply(st, s, ERR_NOSUCHSERVER, what);
}

static void
answer_version(struct step *st, struct uid from, struct span rest)
{
	(void)from;
	(void)rest;
	reply_version(st, NULL);
}

static void
answer_admin(struct step *st, struct uid from, struct span rest)
{
	(void)from;
	(void)rest;
	reply_admin(st, NULL);
}

static void
answer_info(struct step *st, struct uid from, struct span rest)
{
	(void)from;
	(void)rest;
	reply_info(st, NULL);
}

static void
answer_lusers(struct step *st, struct uid from, struct span rest)
{
	(void)from;
	(void)rest;
	reply_lusers(st, NULL);
}

static void
answer_time(struct step *st, struct uid from, struct span rest)
{
	(void)from;
	(void)rest;
	reply_time(st, NULL);
}

/* The answers that this ends are short, or have no last line. */
static void
end_server(struct step *st, struct session *s, const struct query *q,
    struct span what)
{
	if (!q->cut && !q->answered)
		reply(st, s, ERR_NOSUCHSERVER, what);
}

static void
answer_die(struct step *st, struct uid from, struct span rest)
{
	stop_asked(st, from, rest, false);
}

static void
answer_restart(struct step *st, struct uid from, struct span rest)
{
	stop_asked(st, from, rest, true);
}

static void
end_order(struct step *st, struct session *s, const struct query *q,
    struct span what)
{
	if (!q->answered && !q->cut)
		reply(st, s, ERR_NOSUCHSERVER, what);
}

static void
answer_rehash(struct step *st, struct uid from, struct span rest)
{
	(void)rest;
	st->done_later = rehash_asked(st, from);
}

/* The reading may take longer than a question waits. */
static void
end_rehash(struct step *st, struct session *s, const struct query *q,
    struct span what)
{
	struct writer w;

	if (!q->late || !q->answered) {
		end_order(st, s, q, what);
		return;
	}
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "REHASH: ");
	writer_span(&w, what);
	writer_str(&w, ": ");
	writer_span(&w, rehash_end(ANSWER_EXPIRED));
	reply_notice(st, s, writer_done(&w));
}

static void
answer_stats(struct step *st, struct uid from, struct span rest)
{
	stats_answer(st, from, span_word(&rest));
}

static void
end_stats(struct step *st, struct session *s, const struct query *q,
    struct span what)
{
	if (q->cut)
		reply(st, s, RPL_ENDOFSTATS, SPAN("*"));
	else if (!q->answered)
		reply(st, s, ERR_NOSUCHSERVER, what);
}

static void
answer_trace(struct step *st, struct uid from, struct span rest)
{
	trace_answer(st, from, span_word(&rest));
}

static void
end_trace(struct step *st, struct session *s, const struct query *q,
    struct span what)
{
	if (q->cut)
		reply(st, s, RPL_TRACEEND, what, SPAN("*"));
	else if (!q->answered)
		reply(st, s, ERR_NOSUCHSERVER, what);
}

static const struct query_row rows[] = {
#define QUERY(ID, name, answer, end, scenario) \
	[QUERY_##ID] = { SPAN_INIT(name), answer, end },
#include "core/answers/query.def"
#undef QUERY
};

static const struct query_row *
row_find(struct span name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (span_eq(name, rows[i].name))
			return &rows[i];
	return NULL;
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
	free(q);
}

void
query_ask(struct step *st, struct session *s, struct sid to,
    enum query_kind kind, struct span question, struct span what)
{
	struct out out = { .kind = OUT_QUERY, .from = s->user->uid, .dst = to };
	struct request *r = request_begin(st, s, &use_query, what);
	struct span words = question;
	struct query *q;

	if (r == NULL) {
		reply(st, s, RPL_TRYAGAIN, rows[kind].name);
		return;
	}
	response_collect(st, s);
	r->data = q = mem_zalloc(sizeof(*q));
	q->response = s->response;
	s->response = NULL;
	q->row = &rows[kind];
	q->asked = to;
	(void)span_word(&words);
	(void)uid_parse(span_word(&words), &q->uid);
	out.id = r->token;
	out.owned = span_dup(question);
	out.line = span_make(out.owned, question.n);
	core_out_put(st->core, &out);
}

/* ---- answering ------------------------------------------------------ */

void
query_answer(struct step *st, uint64_t id, struct uid from, struct sid asker,
    struct span command)
{
	struct out done = { .kind = OUT_DONE, .id = id, .dst = asker };
	const struct query_row *row = row_find(span_word(&command));

	st->question = id;
	st->asker = asker;
	st->done_later = false;
	if (row != NULL && row->answer != NULL)
		row->answer(st, from, command);
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

/* End the answer as far as it has come: it is whole, was cut, or did not come
 * in time. */
static void
ended(struct step *st, struct session *s, const struct request *request,
    enum answer_status status, struct span bytes)
{
	struct query *q = request->data;
	struct response *r = q->response, *own = open_response(st, s, r);

	(void)bytes;
	q->late = status == ANSWER_EXPIRED;
	q->response = NULL;
	s->answers -= q->bytes;
	if (q->cut)
		reply(st, s, RPL_TRYAGAIN, q->row->name);
	q->row->end(st, s, q, rcbuf_span(request->what));
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
	if (!has_room(s)) {
		q->cut = true;
		request_end(st, r, ANSWER_OK, SPAN_NONE);
		return;
	}
	body_begin(st, &w, server_name(st->core, q->asked));
	writer_span(&w, number);
	writer_char(&w, ' ');
	writer_span(&w, session_nick(s));
	writer_span(&w, text);
	l.body = writer_done(&w);
	q->answered = true;
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
