/*
 * BATCH of clients: draft/multiline (ircv3 client-batch, multiline).
 *
 *	BATCH +ref draft/multiline target
 *	@batch=ref PRIVMSG target :text
 *	@batch=ref;draft/multiline-concat PRIVMSG target :text
 *	BATCH -ref
 *
 * The lines are kept until the end, and are then one message. A fault is told
 * at once, and ends the batch; the lines of it that follow are dropped. FAIL is
 * the answer to BATCH +, and so has its label.
 *
 * A line that is not part of the open batch is a fault of the batch, not of the
 * line: "Once a client has opened a batch, it MUST NOT send any messages that
 * are not part of the batch" (client-batch). So the line is carried out. PING,
 * PONG and QUIT are no faults: programs send them by themselves.
 *
 * Differs from multiline, "Errors", where an unknown type of batch has no code:
 * it has one of our own. Differs from "Message tags", where lines may not have
 * labels: the bot Limnoria labels each line that it sends. Such a label is
 * answered by ACK.
 */
#include "core/cmd/multiline.h"

#include "base/ascii.h"
#include "core/answers/usage.h"
#include "core/banned.h"
#include "core/cmd/message.h"
#include "core/sessions/client_batch.h"
#include "core/sessions/response.h"
#include "wire/casemap.h"
#include "wire/tags.h"

#define CODE_MAX 640 /* bytes of a code and two targets */

#define CONCAT "draft/multiline-concat"
#define INVALID "MULTILINE_INVALID"

/* ---- faults ---------------------------------------------------------- */

static bool
knows_batches(const struct session *s)
{
	return (s->caps & BATCH_CAPS) == BATCH_CAPS;
}

static bool
is_open(const struct client_batch *b)
{
	return b != NULL && b->phase == CLIENT_BATCH_OPEN;
}

static void
send_fail(struct step *st, struct session *s, struct span code,
    const char *text)
{
	reply_fail(st, s, SPAN("BATCH"), code, span_of(text));
}

/* End the batch that is open, and answer its first line by FAIL. The answer to
 * the line that runs goes on behind it. */
static void
end_by_fail(struct step *st, struct session *s, struct span code,
    const char *text)
{
	struct response *now = s->response;

	s->response = NULL;
	if (!response_begin(s, rcbuf_span(session_more(s)->batch->tags)))
		s->response = now;
	send_fail(st, s, code, text);
	if (s->response != now) {
		response_end(st, s, s->response);
		s->response = now;
	}
	client_batch_fail(session_more(s)->batch);
}

/* Tell the client of a fault. It ends the batch that is open. */
static void
fail(struct cmd *c, struct span code, const char *text)
{
	if (is_open(session_more(c->s)->batch))
		end_by_fail(c->st, c->s, code, text);
	else
		send_fail(c->st, c->s, code, text);
}

static void
fail_invalid(struct cmd *c, const char *text)
{
	fail(c, SPAN(INVALID), text);
}

/* Return the code with a number behind it. */
static struct span
code_of(struct cmd *c, const char *code, uint32_t limit)
{
	struct writer w;

	writer_init_arena(&w, c->st->arena, CODE_MAX);
	writer_str(&w, code);
	writer_char(&w, ' ');
	writer_u64(&w, limit);
	return writer_done(&w);
}

static struct span
code_of_target(struct cmd *c, struct span target, struct span given)
{
	struct writer w;

	writer_init_arena(&w, c->st->arena, CODE_MAX + given.n);
	writer_str(&w, "MULTILINE_INVALID_TARGET ");
	writer_span(&w, target);
	writer_char(&w, ' ');
	writer_span(&w, msg_is_word(given) ? given : SPAN("*"));
	return writer_done(&w);
}

void
multiline_spoil(struct step *st, struct session *s)
{
	if (is_open(session_more(s)->batch))
		end_by_fail(st, s, SPAN(INVALID),
		    "A line that may belong to the batch cannot be read");
}

/* End the batch of a client that is shunned since it began it. The client is
 * answered by nothing, as to any line (doc/decisions/0043), and if it has
 * labelled the first line, by ACK. */
static void
end_unheard(struct step *st, struct session *s)
{
	struct client_batch *b = session_more(s)->batch;
	struct response *now = s->response;

	st->answering = s;
	s->response = NULL;
	if (response_begin(s, rcbuf_span(b->tags)))
		response_end(st, s, s->response);
	s->response = now;
	st->answering = NULL;
	client_batch_fail(b);
}

void
multiline_tick(struct step *st, struct session *s)
{
	struct writer w;

	if (!client_batch_is_due(st, s))
		return;
	if (banned_ignores(st, s, SPAN("BATCH"))) {
		end_unheard(st, s);
		return;
	}
	writer_init_arena(&w, st->arena, CODE_MAX);
	writer_str(&w, "TIMEOUT ");
	writer_span(&w, rcbuf_span(session_more(s)->batch->ref));
	st->answering = s;
	end_by_fail(st, s, writer_done(&w), "The batch was open for too long");
	st->answering = NULL;
}

/* ---- lines ------------------------------------------------------------- */

/* Return true if the verb may be that of a line of the batch. All lines have
 * the verb of the first one. */
static bool
has_verb(const struct cmd *c, const struct client_batch *b)
{
	bool notice = casemap_eq(c->m->verb, SPAN("NOTICE"));

	if (!notice && !casemap_eq(c->m->verb, SPAN("PRIVMSG")))
		return false;
	return b->n == 0 || b->notice == notice;
}

/* Add the line to the batch, or tell the client why not. */
static void
take(struct cmd *c, struct client_batch *b)
{
	static const struct span known[] = { SPAN_INIT("batch"),
		SPAN_INIT(CONCAT), SPAN_INIT("label") };
	const struct settings *g = c->settings;
	struct span target = cmd_arg(c, 0), text = cmd_arg(c, 1), value;
	bool joined = tags_find(c->m->tags, SPAN(CONCAT), &value);

	if (!has_verb(c, b))
		fail_invalid(c, "A batch has lines of PRIVMSG, or of NOTICE");
	else if (!tags_are_among(c->m->tags, known, 3))
		fail_invalid(c, "Other tags belong to the first line, BATCH");
	else if (!casemap_eq(target, rcbuf_span(b->target)))
		fail(c, code_of_target(c, rcbuf_span(b->target), target),
		    "The line has another target than its batch");
	else if (joined && text.n == 0)
		fail_invalid(c, "A blank line cannot be joined");
	else if (b->n >= g->multiline_lines)
		fail(c, code_of(c, "MULTILINE_MAX_LINES", g->multiline_lines),
		    "The batch has too many lines");
	else if (client_batch_size(b, text, joined) > g->multiline_bytes)
		fail(c, code_of(c, "MULTILINE_MAX_BYTES", g->multiline_bytes),
		    "The lines of the batch are too long together");
	else {
		b->notice = casemap_eq(c->m->verb, SPAN("NOTICE"));
		client_batch_add(c->st, b, text, joined);
		usage_count(c->st->core,
		    b->notice ? SPAN("NOTICE") : SPAN("PRIVMSG"),
		    c->m->verb.n + c->m->rest.n);
	}
}

static bool
is_no_fault(struct span verb)
{
	return casemap_eq(verb, SPAN("PING")) ||
	       casemap_eq(verb, SPAN("PONG")) || casemap_eq(verb, SPAN("QUIT"));
}

bool
multiline_takes(struct cmd *c)
{
	struct client_batch *b = session_more(c->s)->batch;
	struct span ref;

	if (b == NULL && (c->m->tags.n == 0 || !knows_batches(c->s)))
		return false;
	if (c->user == NULL)
		return false;
	if (casemap_eq(c->m->verb, SPAN("BATCH"))) {
		/* without a parameter, cmd_batch() is not called */
		if (is_open(b) && cmd_arg(c, 0).n == 0)
			fail_invalid(c, "Another line came within the batch");
		return false;
	}
	if (!tags_find(c->m->tags, SPAN("batch"), &ref)) {
		if (is_open(b) && !is_no_fault(c->m->verb))
			fail_invalid(c, "Another line came within the batch");
		return false;
	}
	if (b == NULL || !span_eq(ref, rcbuf_span(b->ref)))
		fail_invalid(c, "The line belongs to no batch that is open");
	else if (is_open(b) && !knows_batches(c->s))
		fail_invalid(c, "There are no such batches any more");
	else if (is_open(b))
		take(c, b);
	return true;
}

/* ---- BATCH ------------------------------------------------------------- */

/* "Reference tag MUST contain only ASCII letters, numbers, and/or hyphen"
 * (batch). */
static bool
is_ref(struct span ref)
{
	for (size_t i = 0; i < ref.n; i++)
		if (!ascii_is_letter(ref.p[i]) && !ascii_is_digit(ref.p[i]) &&
		    ref.p[i] != '-')
			return false;
	return ref.n > 0 && ref.n <= CLIENT_BATCH_REF_MAX;
}

/* BATCH +ref type target. After a fault, lines with the reference are dropped.
 */
static void
begin(struct cmd *c, struct span ref)
{
	struct span target = cmd_arg(c, 2);
	struct response *now = c->s->response;

	/* the label of this line is not that of the batch before */
	c->s->response = NULL;
	if (is_open(session_more(c->s)->batch))
		fail_invalid(c, "Another batch has begun");
	c->s->response = now;
	if (!cmd_need(c, 2))
		return;
	if (!is_ref(ref)) {
		fail_invalid(c, "That is no reference of a batch");
		return;
	}
	client_batch_begin(c->st, c->s, ref, target, c->m->tags);
	if (!span_eq(cmd_arg(c, 1), SPAN("draft/multiline"))) {
		client_batch_fail(session_more(c->s)->batch);
		reply_fail_or_notice(c->st, c->s, c->name, SPAN("UNKNOWN_TYPE"),
		    SPAN("There is no such type of batch"));
	} else if (!msg_is_word(target) || span_find(target, ',') < target.n) {
		client_batch_fail(session_more(c->s)->batch);
		fail_invalid(c, "A batch has one target");
	} else {
		/* the end of the batch, or a fault, answers its label */
		response_free(c->s->response);
		c->s->response = NULL;
	}
}

/* Return the lines of the batch. */
static const struct lines *
lines_of(struct cmd *c, const struct client_batch *b)
{
	struct lines *x = arena_alloc(c->st->arena, sizeof(*x));
	bool *joined = arena_alloc(c->st->arena, b->n * sizeof(*joined));

	x->v = arena_alloc(c->st->arena, b->n * sizeof(*x->v));
	x->joined = joined;
	x->n = b->n;
	for (uint32_t i = 0; i < b->n; i++) {
		x->v[i] = text_of(arena_span_dup(c->st->arena,
		    rcbuf_span(b->line[i].text)));
		joined[i] = b->line[i].joined;
	}
	return x;
}

/* Let what is sent from now on answer the line that began the batch. */
static void
answer_begin(struct cmd *c, struct client_batch *b)
{
	struct response *now = c->s->response;

	b->phase = CLIENT_BATCH_ENDING;
	c->s->response = NULL;
	if (response_begin(c->s, rcbuf_span(b->tags)))
		response_end(c->st, c->s, now);
	else
		c->s->response = now;
}

/* BATCH -ref. If the line waits for verdicts, it comes here again. */
static void
end(struct cmd *c, struct span ref)
{
	struct client_batch *b = session_more(c->s)->batch;

	if (b == NULL || !span_eq(ref, rcbuf_span(b->ref))) {
		fail_invalid(c, "That batch is not open");
		return;
	}
	if (is_open(b)) {
		if (!knows_batches(c->s))
			fail_invalid(c, "There are no such batches any more");
		else if (client_batch_is_blank(b))
			fail_invalid(c, "The batch has no line with text");
		else
			answer_begin(c, b);
	}
	if (b->phase == CLIENT_BATCH_ENDING) {
		c->tags = arena_span_dup(c->st->arena, rcbuf_span(b->tags));
		if (!message_lines(c, b->notice,
			arena_span_dup(c->st->arena, rcbuf_span(b->target)),
			lines_of(c, b)))
			return;
	}
	client_batch_drop(c->s);
}

void
cmd_batch(struct cmd *c)
{
	struct span ref = span_tail(cmd_arg(c, 0), 1), value;
	char sign = cmd_arg(c, 0).p[0];

	/* "Clients SHOULD NOT send `BATCH` commands to servers, unless they
	 * negotiated a capability that allows them to do so" (client-batch) */
	if (session_more(c->s)->batch == NULL && !knows_batches(c->s))
		reply(c->st, c->s, ERR_UNKNOWNCOMMAND, c->name);
	else if (tags_find(c->m->tags, SPAN("batch"), &value))
		fail_invalid(c, "A batch cannot be within another one");
	else if (sign == '+')
		begin(c, ref);
	else if (sign == '-')
		end(c, ref);
	else
		fail_invalid(c, "BATCH is followed by + or - and a reference");
}
