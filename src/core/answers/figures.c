/*
 * A client waits for the answer as for that of OPER, so that its label is on
 * all lines. A question of another server is kept with the request, as that of
 * REHASH (core/answers/rehash.c).
 */
#include "core/answers/figures.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/answers/reply.h"
#include "core/sessions/line.h"
#include "core/sessions/request.h"

struct asked {
	uint64_t question;
	struct sid asker;
};

/* The numeric is that of Solanum and ircd-hybrid. */
static void
send_port(struct step *st, struct session *s, struct span line)
{
	struct span port = span_word(&line), address = span_word(&line),
		    clients = span_word(&line);

	reply(st, s, RPL_STATSPLINE, port, address, clients,
	    span_skip_spaces(line));
}

static void
send_lines(struct step *st, struct session *s, struct span letter,
    struct span lines)
{
	struct span line;

	while (lines.n > 0) {
		line = span_cut(&lines, '\n');
		if (span_eq(letter, SPAN("P")))
			send_port(st, s, line);
		else
			reply(st, s, RPL_STATSDEBUG, letter, line);
	}
}

static void
answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	const struct asked *a = r->data;
	struct span letter = rcbuf_span(r->what);
	struct out done = { .kind = OUT_DONE };

	if (a != NULL) {
		st->question = done.id = a->question;
		st->asker = done.dst = a->asker;
	}
	if (status != ANSWER_OK)
		reply(st, s, RPL_TRYAGAIN, SPAN("STATS"));
	send_lines(st, s, letter, bytes);
	reply(st, s, RPL_ENDOFSTATS, letter);
	if (a != NULL)
		core_out_put(st->core, &done);
}

static const struct request_use use_own = {
	.kind = REQUEST_FIGURES, .hold = HOLD_LINE, .answered = answered
};
static const struct request_use use_asked = { .kind = REQUEST_FIGURES,
	.hold = HOLD_NOTHING,
	.answered = answered,
	.free_data = free };

void
reply_figures(struct step *st, struct session *s, struct span letter)
{
	/* the bytes are wiped by whoever answers */
	if (request_ask(st, s, &use_own, arena_span_dup(st->arena, letter),
		letter))
		return;
	reply(st, s, RPL_TRYAGAIN, SPAN("STATS"));
	reply(st, s, RPL_ENDOFSTATS, letter);
}

/* Ask for a question of a server; the bytes begin with the letter. */
static bool
ask(struct step *st, struct span letter, struct span bytes)
{
	struct request *r = request_begin(st, NULL, &use_asked, letter);
	const struct addr nobody = { .b = { 0 } };
	struct asked *a;

	if (r == NULL)
		return false;
	a = mem_zalloc(sizeof(*a));
	*a = (struct asked){ st->question, st->asker };
	r->data = a;
	/* the bytes are wiped by whoever answers */
	effects_ask(st->fx, r->token, REQUEST_FIGURES, &nobody,
	    arena_span_dup(st->arena, bytes));
	return true;
}

bool
figures_asked(struct step *st, struct span letter)
{
	return ask(st, letter, letter);
}

/* The core knows the class, and the bytes of its own objects. */
static void
send_client(struct step *st, struct span letter, const struct session *s)
{
	size_t bytes = sizeof(*s) + sizeof(*s->conn);
	struct writer w;

	if (s->more != NULL)
		bytes += sizeof(*s->more);
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_span(&w, session_nick(s));
	writer_str(&w, ": class ");
	writer_span(&w, s->conn->class->name);
	writer_str(&w, ", ");
	writer_u64(&w, bytes);
	writer_str(&w, " bytes of its session, ");
	writer_u64(&w, s->answers);
	writer_str(&w, " bytes of answers that it waits for");
	reply(st, NULL, RPL_STATSDEBUG, letter, writer_done(&w));
}

bool
figures_of_client(struct step *st, struct span letter, const struct user *u)
{
	const struct session *s = LIST_FIRST(&u->sessions);
	struct writer w;

	if (s == NULL || s->conn == NULL)
		return false;
	writer_init_arena(&w, st->arena, 64);
	writer_span(&w, letter);
	writer_char(&w, ' ');
	writer_u64(&w, s->conn->id.slot);
	writer_char(&w, ' ');
	writer_u64(&w, s->conn->id.gen);
	if (!ask(st, letter, writer_done(&w)))
		return false;
	send_client(st, letter, s);
	return true;
}
