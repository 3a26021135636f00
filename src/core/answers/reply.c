#include "core/answers/reply.h"

#include "base/invariant.h"
#include "core/part/clean.h"
#include "core/sessions/line.h"
#include "core/sessions/source.h"

#define NUM_MAX 20 /* digits of a number of 64 bits */

struct span
num(struct step *st, uint64_t v)
{
	struct writer w;

	writer_init(&w, arena_alloc(st->arena, NUM_MAX), NUM_MAX);
	writer_u64(&w, v);
	return writer_done(&w);
}

struct span
session_nick(const struct session *s)
{
	if (s->user != NULL && user_nick(s->user).p != NULL)
		return user_nick(s->user);
	if (s->registration != NULL && s->registration->nick != NULL)
		return rcbuf_span(s->registration->nick);
	return SPAN("*");
}

static void
put_answer(struct step *st, struct span line)
{
	struct out out = {
		.kind = OUT_ANSWER, .id = st->question, .dst = st->asker
	};

	out.owned = span_dup(line);
	out.line = span_make(out.owned, line.n);
	st->bytes += line.n;
	core_out_put(st->core, &out);
}

/* Make ":- 311 * nick …" into "311 nick …": the asker's server adds the rest.
 * */
static void
reply_answer(struct step *st, const struct numeric_row *row,
    const struct span *arg, size_t narg)
{
	struct writer w, line;
	struct span built, number;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX + 2);
	numeric_build(&w, row, SPAN("-"), SPAN("*"), arg, narg);
	built = writer_done(&w);
	built.n -= 2;
	(void)span_word(&built);
	number = span_word(&built);
	(void)span_word(&built);
	writer_init_arena(&line, st->arena, LINE_BODY_MAX);
	writer_span(&line, number);
	writer_span(&line, built);
	put_answer(st, writer_done(&line));
}

void
reply_question(struct step *st, struct span text)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, "NOTICE :");
	writer_span(&w, text);
	put_answer(st, writer_done(&w));
}

void
reply_refusal(struct step *st, struct span command, struct span text)
{
	reply(st, NULL, ERR_UNKNOWNERROR, command, text);
}

void
reply_args(struct step *st, struct session *s, const struct numeric_row *row,
    const struct span *arg, size_t narg)
{
	char buf[NUMERIC_ROOM];
	struct line l = { 0 };

	if (st->record != NULL) {
		numeric_build(st->record, row, st->core->settings->name,
		    SPAN("*"), arg, narg);
		return;
	}
	if (s == NULL) {
		reply_answer(st, row, arg, narg);
		return;
	}
	l.body = numeric_line(buf, row, st->core->settings->name,
	    session_nick(s), arg, narg);
	line_send(st, s, &l);
}

static struct rcbuf *
record(struct step *st, struct session *s,
    void (*send)(struct step *, struct session *))
{
	struct writer w;

	writer_init_arena(&w, st->arena, UINT32_MAX);
	st->record = &w;
	send(st, s);
	st->record = NULL;
	invariant(!w.over);
	return rcbuf_new(writer_done(&w));
}

/* A recorded line is ":server 001 * …": the nick takes the place of the `*`. */
void
reply_recorded(struct step *st, struct session *s, struct recording *r,
    void (*send)(struct step *, struct session *))
{
	size_t head = st->core->settings->name.n + sizeof(": 001 ") - 1;
	char buf[2 * LINE_BODY_MAX];
	struct span lines, one;
	struct line l = { 0 };
	struct writer w;

	if (s == NULL) {
		send(st, NULL);
		return;
	}
	if (r->lines == NULL)
		r->lines = record(st, s, send);
	for (lines = rcbuf_span(r->lines); lines.n > 0;) {
		one = span_cut(&lines, '\n');
		writer_init(&w, buf, sizeof(buf));
		writer_span(&w, span_head(one, head));
		writer_span(&w, session_nick(s));
		writer_span(&w, span_tail(one, head + 1));
		l.body = writer_done(&w);
		l.body.n -= 1; /* the CR */
		line_send(st, s, &l);
	}
}

void
recording_drop(struct recording *r)
{
	rcbuf_unref(r->lines);
	r->lines = NULL;
}

/* "This capability allows servers to send arbitrary standard replies other than
 * ones enabled by a specific specification" (standard-replies). */
void
reply_fail(struct step *st, struct session *s, struct span command,
    struct span code, struct span text)
{
	struct line l = { 0 };
	struct writer w;

	body_begin(st, &w, st->core->settings->name);
	writer_str(&w, "FAIL ");
	writer_span(&w, command);
	writer_char(&w, ' ');
	writer_span(&w, code);
	writer_str(&w, " :");
	writer_span(&w, text);
	l.body = writer_done(&w);
	line_send(st, s, &l);
}

/* Return the word, or `*` if it cannot be a word of a line. */
static struct span
as_word(struct span s)
{
	bool fits = s.n > 0 && s.n <= CLEAN_CHAN_MAX && s.p[0] != ':' &&
		    span_find(s, ' ') == s.n;

	return fits ? s : SPAN("*");
}

void
reply_fail_about(struct step *st, struct session *s, struct span command,
    const struct fail *f, struct span text)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_span(&w, f->code);
	for (unsigned i = 0; i < 2; i++) {
		writer_char(&w, ' ');
		writer_span(&w, as_word(f->about[i]));
	}
	reply_fail(st, s, command, writer_done(&w), text);
}

void
reply_notice(struct step *st, struct session *s, struct span text)
{
	struct line l = { 0 };
	struct writer w;

	body_begin(st, &w, st->core->settings->name);
	writer_str(&w, "NOTICE ");
	writer_span(&w, session_nick(s));
	writer_str(&w, " :");
	writer_span(&w, text);
	l.body = writer_done(&w);
	line_send(st, s, &l);
}

void
reply_fail_or_notice(struct step *st, struct session *s, struct span command,
    struct span code, struct span text)
{
	struct line l = { 0 };
	struct writer w;

	if (s->caps & CAPB(STANDARD_REPLIES)) {
		reply_fail(st, s, command, code, text);
		return;
	}
	body_begin(st, &w, st->core->settings->name);
	writer_str(&w, "NOTICE ");
	writer_span(&w, session_nick(s));
	writer_str(&w, " :");
	writer_span(&w, command);
	writer_str(&w, ": ");
	writer_span(&w, text);
	l.body = writer_done(&w);
	line_send(st, s, &l);
}
