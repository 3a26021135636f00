/*
 * RFC 2812, RPL_STATSLINKINFO: "<linkname> <sendq> <sent messages> <sent
 * Kbytes> <received messages> <received Kbytes> <time open>". Messages are
 * entries here. There are few links (auth.c), so the answer is one step.
 */
#include "link/peers/traffic.h"

#include "core/types/privilege.h"
#include "link/msg/msg.h"
#include "link/state.h"

#define LINE_MAX 512

static void
answer(const struct link_step *st, const struct question *q, struct writer *w)
{
	struct question a = question_reply(q);

	a.text = writer_done(w);
	answer_pass(st, &a);
}

static void
number(struct writer *w, uint64_t n)
{
	writer_char(w, ' ');
	writer_u64(w, n);
}

static void
tell(const struct link_step *st, const struct question *q, const struct link *l)
{
	int64_t ms = mono_sub_ms(st->ev->now, l->opened);
	struct writer w;

	writer_init_arena(&w, st->fx->arena, LINE_MAX);
	writer_str(&w, "211 ");
	writer_span(&w, link_name(l).n > 0 ? link_name(l) : SPAN("*"));
	number(&w, l->unsent);
	number(&w, l->entries_out);
	number(&w, l->bytes_out / 1024);
	number(&w, l->entries_in);
	number(&w, l->bytes_in / 1024);
	number(&w, ms > 0 ? (uint64_t)ms / MS_PER_S : 0);
	answer(st, q, &w);
}

bool
traffic_asked(const struct link_step *st, const struct question *q)
{
	struct question done = question_reply(q);
	struct span rest = q->text, verb = span_word(&rest);
	struct span letter = span_word(&rest);
	struct writer w;

	if (!span_eq(verb, SPAN("STATS")) ||
	    (!span_eq(letter, SPAN("l")) && !span_eq(letter, SPAN("L"))))
		return false;
	if (core_asker_may(st->net->core, q->asker, q->from, PRIV_STATS))
		for (size_t i = 0; i < st->net->nlink; i++)
			tell(st, q, st->net->link[i]);
	writer_init_arena(&w, st->fx->arena, LINE_MAX);
	writer_str(&w, "219 ");
	writer_span(&w, letter);
	writer_str(&w, " :End of /STATS report");
	answer(st, q, &w);
	done_pass(st, &done);
	return true;
}
