/*
 * The files under msg/ share these functions: they send lines, send and read
 * vectors, and end links.
 *
 * A line is written into the step's arena, and copied once into a buffer. An
 * entry is a buffer already, and is sent as it is on each link.
 */
#include "link/link.h"

#include "link/map/doubt.h"
#include "link/trust/defer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/snapshots/snap_in.h"
#include "link/snapshots/snap_out.h"
#include "link/state.h"
#include "link/words.h"

struct link *
link_new(struct conn_id conn)
{
	struct link *l = mem_zalloc(sizeof(*l));

	l->conn = conn;
	l->rtt_ms = -1;
	l->words_of = VERB_COUNT;
	return l;
}

void
link_free(struct link *l)
{
	vector_fini(&l->ph);
	vector_fini(&l->told);
	vector_fini(&l->words);
	vector_fini(&l->snap_v);
	vector_fini(&l->skip);
	vector_fini(&l->lacks);
	lsa_fini(&l->lsa);
	rcbuf_unref(l->modules);
	differ_fini(&l->limits_differ);
	differ_fini(&l->modules_differ);
	doubt_free(l);
	defer_free(l);
	snap_out_free(l->out);
	snap_in_free(l->in);
	free(l->entry.text);
	free(l->entry.also);
	fork_fini(&l->entry.fork);
	free(l);
}

bool
link_is_edge(const struct link *l)
{
	return l->state == LINK_SYNCING || l->state == LINK_UP;
}

const char *
link_state_name(enum link_state state)
{
	switch (state) {
	case LINK_HELLO:
		return "hello";
	case LINK_SYNCING:
		return "syncing";
	case LINK_UP:
		return "up";
	case LINK_DEAD:
		return "dead";
	}
	return "";
}

struct span
link_name(const struct link *l)
{
	return l->peer != NULL ? l->peer->set->name : SPAN("");
}

/* ---- lines out ----------------------------------------------------------- */

bool
link_knows(const struct link *l, enum verb verb)
{
	return (verb_row(verb)->needs & ~l->caps) == 0;
}

struct link_line
link_line(const struct link_step *st, enum verb verb)
{
	struct link_line line = { .verb = verb };

	writer_init_arena(&line.w, st->fx->arena, LINK_LINE_MAX);
	writer_span(&line.w, verb_row(verb)->name);
	return line;
}

void
link_send_buf(const struct link_step *st, struct link *l, struct rcbuf *buf)
{
	if (l->unsent == 0)
		l->taken = event_awake(st->ev);
	l->unsent += buf->n;
	l->bytes_out += buf->n;
	effects_send(st->fx, buf, &l->conn, 1);
}

void
link_send(const struct link_step *st, struct link *l,
    const struct link_line *line)
{
	struct span text = writer_done(&line->w);
	struct rcbuf *buf;

	if (line->w.over || !link_knows(l, line->verb))
		return;
	buf = rcbuf_alloc(text.n + 2);
	memcpy(buf->p, text.p, text.n);
	memcpy(buf->p + text.n, "\r\n", 2);
	link_send_buf(st, l, buf);
}

/* Bytes of the longest word "o=n", with the space before it. */
#define ITEM_MAX (SID_LEN + 1 + 10 + 1 + 20 + 1)

void
link_send_vector(const struct link_step *st, struct link *l, enum verb verb,
    const struct vector *x)
{
	const size_t room = LINK_LINE_MAX - 16; /* behind the verb and "*" */
	const size_t per = room / ITEM_MAX;
	size_t i = 0;

	do {
		struct link_line line = link_line(st, verb);
		size_t to = x->n - i > per ? i + per : x->n;

		if (to < x->n)
			writer_str(&line.w, " *");
		for (; i < to; i++) {
			writer_char(&line.w, ' ');
			write_vector_item(&line.w, &x->v[i]);
		}
		link_send(st, l, &line);
	} while (i < x->n);
}

int
link_read_vector(struct link *l, enum verb verb, struct span rest)
{
	struct span more = rest;
	bool last = !span_eq(span_word(&more), SPAN("*"));

	if (l->words_of == VERB_COUNT) {
		vector_clear(&l->words);
		l->words_of = verb;
	} else if (l->words_of != verb)
		return -1;
	if (!vector_parse(last ? rest : more, LINK_ORIGINS_MAX, &l->words))
		return -1;
	if (!last)
		return 0;
	l->words_of = VERB_COUNT;
	return 1;
}

/* ---- the end ------------------------------------------------------------- */

struct span
link_address(const struct link_step *st, const struct link *l)
{
	struct writer w;

	writer_init_arena(&w, st->fx->arena, ADDR_TEXT);
	addr_build(&w, &l->addr);
	return writer_done(&w);
}

/* Mark the link; net.c buries it at the end of the step. */
static void
mark_dead(struct link *l, enum link_by by, struct span code, struct span reason)
{
	l->end = (struct link_end){ .by = by,
		.code = code,
		.reason = reason,
		.was_edge = link_is_edge(l) };
	l->state = LINK_DEAD;
}

void
link_refuse(const struct link_step *st, struct link *l, const char *code,
    const char *reason)
{
	link_refuse_for(st, l, code, span_of(reason));
}

void
link_refuse_for(const struct link_step *st, struct link *l, const char *code,
    struct span reason)
{
	struct span word = span_of(code); /* an inc may follow it: error.c */
	struct link_line line;

	if (l->state == LINK_DEAD)
		return;
	line = link_line(st, VERB_ERROR);
	writer_char(&line.w, ' ');
	writer_str(&line.w, code);
	writer_str(&line.w, " :");
	writer_span(&line.w, reason);
	link_send(st, l, &line);
	effects_close(st->fx, l->conn, reason);
	st->net->counts.refused++;
	mark_dead(l, LINK_BY_US, span_word(&word), reason);
}

void
link_refuse_bounds(const struct link_step *st, struct link *l, const char *what,
    uint64_t max, const char *unit)
{
	struct writer w;

	writer_init_arena(&w, st->fx->arena, LINK_REASON_MAX);
	writer_str(&w, what);
	writer_str(&w, ": more than ");
	writer_u64(&w, max);
	writer_char(&w, ' ');
	writer_str(&w, unit);
	link_refuse_for(st, l, "bounds", writer_done(&w));
}

void
link_end_by_peer(const struct link_step *st, struct link *l, struct span code,
    struct span reason)
{
	effects_close(st->fx, l->conn, reason);
	mark_dead(l, LINK_BY_PEER, code, reason);
}

void
link_end_by_conn(struct link *l, struct span reason)
{
	mark_dead(l, LINK_BY_CONNECTION, SPAN("closed"), reason);
}
