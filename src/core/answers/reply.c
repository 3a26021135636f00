#include "core/answers/reply.h"

#include "core/sessions/line.h"
#include "core/sessions/source.h"

struct span
num(struct step *st, uint64_t v)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 20);
	writer_u64(&w, v);
	return writer_done(&w);
}

struct span
session_nick(const struct session *s)
{
	if (s->user != NULL && s->user->nick != NULL)
		return rcbuf_span(s->user->nick);
	if (s->registration != NULL && s->registration->nick != NULL)
		return rcbuf_span(s->registration->nick);
	return SPAN("*");
}

/* Make ":- 311 * nick …" into "311 nick …": the asker's server adds the rest.
 * */
static void
reply_answer(struct step *st, const struct numeric_row *row,
    const struct span *arg, size_t narg)
{
	struct out out = {
		.kind = OUT_ANSWER, .id = st->question, .dst = st->asker
	};
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
	out.owned = span_dup(writer_done(&line));
	out.line = span_make(out.owned, writer_done(&line).n);
	core_out_put(st->core, &out);
}

void
reply_args(struct step *st, struct session *s, const struct numeric_row *row,
    const struct span *arg, size_t narg)
{
	struct line l = { 0 };
	struct writer w;

	if (s == NULL) {
		reply_answer(st, row, arg, narg);
		return;
	}
	writer_init_arena(&w, st->arena, LINE_BODY_MAX + 2);
	numeric_build(&w, row, st->core->settings->name, session_nick(s), arg,
	    narg);
	l.body = writer_done(&w);
	l.body.n -= 2; /* the renderer ends the line */
	line_send(st, s, &l);
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
