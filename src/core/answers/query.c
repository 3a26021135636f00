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

#include "core/sessions/line.h"
#include "core/sessions/listing.h"
#include "core/answers/reply.h"
#include "core/sessions/response.h"
#include "core/answers/welcome.h"
#include "core/answers/whois.h"
#include "core/part/clean.h"
#include "core/sessions/source.h"

#define QUERIES_MAX 16			 /* of one session under way */
#define ANSWERS_MAX ((size_t)256 * 1024) /* bytes that wait of a session */
#define LINE_COST 64 /* bytes of a line that waits, beside its own */

/* ---- the rows ------------------------------------------------------- */

struct query_row {
	struct span name;
	void (*answer)(struct step *, struct uid from, struct span rest);
	void (*end)(struct step *, struct session *, const struct pending *,
	    struct span what);
};

static void
answer_whois(struct step *st, struct uid from, struct span rest)
{
	const struct user *who = facts_find_uid(st->facts, from), *u = NULL;
	struct uid uid;

	if (uid_parse(span_word(&rest), &uid))
		u = facts_find_uid(st->facts, uid);
	if (who != NULL && u != NULL && u->shown)
		whois_reply(st, NULL, who, u);
}

/* End the question with the answer of this server if no other answer came. */
static void
end_whois(struct step *st, struct session *s, const struct pending *p,
    struct span what)
{
	const struct user *u = facts_find_uid(st->facts, p->uid);

	if (!p->answered && u != NULL && u->shown)
		whois_reply(st, s, s->user, u);
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
end_motd(struct step *st, struct session *s, const struct pending *p,
    struct span what)
{
	if (p->cut)
		reply0(st, s, RPL_ENDOFMOTD);
	else if (!p->answered)
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
end_version(struct step *st, struct session *s, const struct pending *p,
    struct span what)
{
	if (!p->cut && !p->answered)
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

void
query_ask(struct step *st, struct session *s, struct sid to,
    enum query_kind kind, struct span question, struct span what)
{
	struct out out = { .kind = OUT_QUERY, .from = s->user->uid, .dst = to };
	struct pending *p;
	struct span words = question;

	if (s->npending >= QUERIES_MAX) {
		reply(st, s, RPL_TRYAGAIN, rows[kind].name);
		return;
	}
	response_collect(st, s);
	p = pending_add(st, s, what, mono_add_ms(st->awake, QUERY_MS));
	p->query = &rows[kind];
	p->home = to;
	(void)span_word(&words);
	(void)uid_parse(span_word(&words), &p->uid);
	out.id = p->id;
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
	if (row != NULL)
		row->answer(st, from, command);
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

static void
finish(struct step *st, struct pending *p)
{
	struct span what = arena_span_dup(st->arena, rcbuf_span(p->what));
	struct pending was = *p;
	struct response *r, *own;
	struct session *s = pending_take(st, p, &r);

	if (s == NULL)
		return;
	own = open_response(st, s, r);
	if (was.cut)
		reply(st, s, RPL_TRYAGAIN, was.query->name);
	was.query->end(st, s, &was, what);
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
	struct pending *p = pending_find(st->core, id);
	struct conn *x = p == NULL ? NULL : core_find_conn(st->core, p->conn);
	struct response *own;
	struct line l = { 0 };
	struct writer w;
	struct span number;
	size_t before = st->bytes;
	uint32_t n;

	if (x == NULL || x->closing || x->session->user == NULL)
		return;
	number = span_word(&text);
	if (!clean_is_numeric(number))
		return;
	text = clean_text(st->arena, text);
	if (!has_room(x->session)) {
		p->cut = true;
		finish(st, p);
		return;
	}
	body_begin(st, &w, server_name(st->core, p->home));
	writer_span(&w, number);
	writer_char(&w, ' ');
	writer_span(&w, session_nick(x->session));
	writer_span(&w, text);
	l.body = writer_done(&w);
	p->answered = true;
	own = open_response(st, x->session, p->response);
	line_send(st, x->session, &l);
	close_response(st, x->session, own);
	n = (uint32_t)(st->bytes - before) + LINE_COST;
	p->bytes += n;
	x->session->answers += n;
}

void
query_done(struct step *st, uint64_t id)
{
	struct pending *p = pending_find(st->core, id);

	if (p != NULL)
		finish(st, p);
}

void
query_tick(struct step *st)
{
	struct pending *p, *next;

	/* all wait equally long, so the first that has not expired ends it */
	TAILQ_FOREACH_SAFE(p, &st->core->pending, link, next) {
		if (mono_cmp(p->expires, st->awake) > 0)
			break;
		finish(st, p);
	}
}
