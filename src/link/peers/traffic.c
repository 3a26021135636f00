/*
 * RFC 2812, RPL_STATSLINKINFO: "<linkname> <sendq> <sent messages> <sent
 * Kbytes> <received messages> <received Kbytes> <time open>". Messages are
 * entries here. There are few links (auth.c), so the answer is one step.
 */
#include "link/peers/traffic.h"

#include "core/types/privilege.h"
#include "link/msg/msg.h"
#include "link/state.h"
#include "wire/utf8.h"

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

/* Begin a line about the link with a server. The numeric and the letter are
 * those of Solanum's list of servers. */
static void
begin_state(const struct link_step *st, struct writer *w, struct span name,
    const char *state)
{
	writer_init_arena(w, st->fx->arena, 2 * LINE_MAX);
	writer_str(w, "249 v :");
	writer_span(w, name.n > 0 ? name : SPAN("*"));
	writer_str(w, ": ");
	writer_str(w, state);
}

static void
tell_state(const struct link_step *st, const struct question *q,
    const struct link *l)
{
	int64_t ms = mono_sub_ms(st->ev->now, l->opened);
	struct writer w;

	begin_state(st, &w, link_name(l), link_state_name(l->state));
	writer_str(&w, l->dialled ? ", dialled at " : ", accepted from ");
	addr_build(&w, &l->addr);
	writer_str(&w, l->proof.tls ? ", TLS, for " : ", plaintext, for ");
	writer_i64(&w, ms > 0 ? ms / MS_PER_S : 0);
	writer_str(&w, " s");
	answer(st, q, &w);
}

static bool
has_link(const struct link_net *net, const struct peer *peer)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->peer == peer)
			return true;
	return false;
}

/* Tell why a configured server is not linked. */
static void
tell_down(const struct link_step *st, const struct question *q,
    const struct peer *peer)
{
	struct writer w;

	begin_state(st, &w, peer->set->name,
	    peer->dial != 0 ? "dialling" : "down");
	if (peer->set->naddress == 0)
		writer_str(&w, ", that server has to dial");
	if (peer->nwhy > 0)
		writer_str(&w, ", ");
	writer_span(&w,
	    utf8_cut(span_make(peer->why, peer->nwhy), LINE_MAX / 2));
	answer(st, q, &w);
}

static void
tell_links(const struct link_step *st, const struct question *q)
{
	for (size_t i = 0; i < st->net->nlink; i++)
		tell_state(st, q, st->net->link[i]);
	for (size_t i = 0; i < st->net->npeer; i++)
		if (!has_link(st->net, &st->net->peer[i]))
			tell_down(st, q, &st->net->peer[i]);
}

static void
tell_traffic(const struct link_step *st, const struct question *q)
{
	for (size_t i = 0; i < st->net->nlink; i++)
		tell(st, q, st->net->link[i]);
}

static bool
is_ours(struct span letter)
{
	return span_eq(letter, SPAN("l")) || span_eq(letter, SPAN("L")) ||
	       span_eq(letter, SPAN("v"));
}

bool
traffic_asked(const struct link_step *st, const struct question *q)
{
	struct question done = question_reply(q);
	struct span rest = q->text, verb = span_word(&rest);
	struct span letter = span_word(&rest);
	struct writer w;

	/* with the uid of a user it is the core's */
	if (!span_eq(verb, SPAN("STATS")) || !is_ours(letter) || rest.n > 0)
		return false;
	if (core_asker_may(st->net->core, q->asker, q->from, PRIV_STATS))
		(span_eq(letter, SPAN("v")) ? tell_links : tell_traffic)(st, q);
	writer_init_arena(&w, st->fx->arena, LINE_MAX);
	writer_str(&w, "219 ");
	writer_span(&w, letter);
	writer_str(&w, " :End of /STATS report");
	answer(st, q, &w);
	done_pass(st, &done);
	return true;
}
