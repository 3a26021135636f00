#include "core/query.h"

#include <stdlib.h>

#include "core/client.h"
#include "core/line.h"
#include "core/reply.h"
#include "core/whois.h"

void
query_answer(struct step *st, uint64_t id, struct uid from, struct sid asker,
    struct span command)
{
	struct out done = { .kind = OUT_DONE, .id = id, .dst = asker };
	const struct user *who = facts_find_uid(st->facts, from), *u = NULL;
	struct uid uid;

	st->question = id;
	st->asker = asker;
	if (span_eq(span_word(&command), SPAN("WHOIS")) &&
	    uid_parse(span_word(&command), &uid))
		u = facts_find_uid(st->facts, uid);
	if (who != NULL && u != NULL && u->shown)
		whois_reply(st, NULL, who, u);
	core_out_put(st->core, &done);
}

/* Sends within the response of the question, if it has a label. */
static void
send_within(struct step *st, struct session *s, struct response *r,
    const struct line *l)
{
	struct response *own = s->response;

	s->response = r;
	line_send(st, s, l);
	s->response = own;
}

void
query_line(struct step *st, uint64_t id, struct span text)
{
	struct pending *p = pending_find(st->core, id);
	struct conn *x = p == NULL ? NULL : core_find_conn(st->core, p->conn);
	struct line l = { 0 };
	struct writer w;

	if (x == NULL || x->closing || x->session->user == NULL)
		return;
	body_begin(st, &w, server_name(st->core, p->home));
	writer_span(&w, span_word(&text));
	writer_char(&w, ' ');
	writer_span(&w, session_nick(x->session));
	writer_span(&w, text);
	l.body = writer_done(&w);
	p->answered = true;
	send_within(st, x->session, p->response, &l);
}

/* The end of WHOIS, after the local answer if no other came. */
static void
finish(struct step *st, struct pending *p)
{
	struct span nick = arena_span_dup(st->arena, rcbuf_span(p->what));
	const struct user *u = facts_find_nick(st->facts, nick);
	bool answered = p->answered;
	struct response *r, *own;
	struct session *s = pending_take(st, p, &r);

	if (s == NULL)
		return;
	own = s->response;
	s->response = r;
	if (!answered && u != NULL)
		whois_reply(st, s, s->user, u);
	reply(st, s, RPL_ENDOFWHOIS, nick);
	s->response = own;
	response_end(st, s, r);
}

void
query_done(struct step *st, uint64_t id)
{
	struct pending *p = pending_find(st->core, id);

	if (p != NULL && !mono_is_never(p->expires))
		finish(st, p);
}

void
query_expired(struct step *st, struct pending *p)
{
	finish(st, p);
}
