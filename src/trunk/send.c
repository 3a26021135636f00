/*
 * The effects of a whole step are read once, in their order, when the step is
 * over. An effect may still grow within the step (effects_send_more), so none
 * is read before.
 *
 * The receivers of a line are shared out to their trunks in one pass, and the
 * numbers of each trunk's streams are hashed in the same pass. Several effects
 * in a row mostly have the same receivers, in one place of the arena: then
 * nothing is shared out again.
 */
#include <string.h>

#include "base/mem.h"
#include "core/types/cost.h"
#include "trunk/state.h"
#include "wire/utf8.h"

/* ---- lines for clients --------------------------------------------------- */

static void
add_share(struct trunk_net *net, struct trunk *t, uint32_t number)
{
	struct trunk_share *x = &t->share;

	if (x->n == 0) {
		if (net->nshares == net->capshares)
			net->shares = mem_grow(net->shares, &net->capshares, 8,
			    sizeof(struct trunk *));
		net->shares[net->nshares++] = t;
		x->hash = LIST_HASH_BEGIN;
	}
	if (x->n == x->cap)
		x->v = mem_grow(x->v, &x->cap, 64, sizeof(*x->v));
	x->v[x->n++] = number;
	x->hash = list_hash(x->hash, net->mix, number);
}

static void
forget_shares(struct trunk_net *net)
{
	for (size_t i = 0; i < net->nshares; i++)
		net->shares[i]->share.n = 0;
	net->nshares = 0;
	net->to = NULL;
	net->nto = 0;
}

static void
get_list(const struct trunk_step *st, struct trunk *t)
{
	struct trunk_share *x = &t->share;
	const struct list_of of = { .v = x->v,
		.n = x->n,
		.hash = core_mutated(st->net, LIST_COLLIDES) ? 0 : x->hash };
	uint64_t lines = 0;

	x->list = 0;
	if (x->n == 1)
		return;
	x->list = lists_get(&t->lists, trunk_out(st, t), &of, &lines);
	t->lines_out += lines;
	st->net->counts.lines_out += lines;
	st->net->counts.lists += lines > 0;
}

/* Return true if something may be said of the stream (gate-protocol.md,
 * 5.6). */
static bool
is_told(const struct trunk_stream *s)
{
	return s->trunk->state == TRUNK_UP && !s->left;
}

static void
share_out(const struct trunk_step *st, const struct conn_id *to, size_t nto)
{
	struct trunk_net *net = st->net;
	const struct trunk_stream *s;

	forget_shares(net);
	for (size_t i = 0; i < nto; i++) {
		s = trunk_stream_find(&net->streams, to[i]);
		if (s != NULL && is_told(s))
			add_share(net, s->trunk, s->number);
	}
	for (size_t i = 0; i < net->nshares; i++)
		get_list(st, net->shares[i]);
	net->to = to;
	net->nto = nto;
}

/* Send each line of the buffer to the trunk's share of the receivers. */
static void
send_lines(const struct trunk_step *st, struct trunk *t, struct span lines)
{
	const struct trunk_share *x = &t->share;
	struct span line;
	struct writer *w;

	while (lines.n > 0) {
		line = span_cut(&lines, '\n');
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		w = trunk_line(st, t, x->list != 0 ? "L *" : "L ");
		writer_u64(w, x->list != 0 ? x->list : x->v[0]);
		writer_str(w, " :");
		writer_span(w, line);
		trunk_line_end(w);
	}
}

static void
on_send(const struct trunk_step *st, const struct effect *e)
{
	struct trunk_net *net = st->net;

	if (e->u.send.to != net->to || e->u.send.nto != net->nto)
		share_out(st, e->u.send.to, e->u.send.nto);
	for (size_t i = 0; i < net->nshares; i++)
		send_lines(st, net->shares[i], rcbuf_span(e->u.send.buf));
}

/* ---- grants -------------------------------------------------------------- */

#define READ_ROOM 11 /* bytes of a number, with the space */

static void
flush_reads(const struct trunk_step *st, struct trunk *t)
{
	const size_t per = (TRUNK_LINE_MAX - 32) / READ_ROOM;
	struct writer *w = NULL;

	for (size_t i = 0; i < t->nread; i++) {
		if (i % per == 0) {
			if (w != NULL)
				trunk_line_end(w);
			w = trunk_line(st, t, "READ ");
			writer_u64(w, t->read_lines);
		}
		writer_char(w, ' ');
		writer_u64(w, t->read[i]);
	}
	if (w != NULL)
		trunk_line_end(w);
	t->nread = 0;
}

static void
grant_now(const struct trunk_step *st, struct trunk_stream *s, uint32_t lines)
{
	struct trunk *t = s->trunk;

	if (t->nread > 0 && t->read_lines != lines)
		flush_reads(st, t);
	if (t->nread == t->capread)
		t->read = mem_grow(t->read, &t->capread, 16, sizeof(*t->read));
	t->read[t->nread++] = s->number;
	t->read_lines = lines;
	s->granted = (uint8_t)(s->granted + lines);
	t->lines += lines;
}

/* Return how much may be unsent while grants go on. Tests may stop the pump
 * earlier, and so this, too. */
static size_t
unsent_max(const struct trunk_net *net)
{
	size_t max = net->set->pump_bytes;

	return max == 0 || max > TRUNK_READ_MAX ? TRUNK_READ_MAX : max;
}

bool
trunk_reads(const struct trunk_net *net, const struct trunk *t)
{
	return t->unsent + (t->writes ? t->out.n : 0) <= unsent_max(net);
}

#define LINE_MEAN 512 /* bytes, with CR LF */

/* Return how many lines a stream may be ahead: all streams have the same share
 * of what the trunk may be, and each of them has one. */
static uint32_t
ahead_max(const struct trunk_net *net, const struct trunk *t)
{
	size_t n = TRUNK_AHEAD_ALL / (t->nstreams + 1),
	       few = unsent_max(net) / LINE_MEAN;

	n = n < few ? n : few;
	return n > TRUNK_AHEAD ? TRUNK_AHEAD : n < 1 ? 1 : (uint32_t)n;
}

/* Return how many lines to grant the stream. Several are granted at once: none
 * before half of them are used. */
static uint32_t
lines_due(const struct trunk_net *net, const struct trunk_stream *s)
{
	const struct trunk *t = s->trunk;
	uint32_t has = s->granted + trunk_ahead_lines(s),
		 most = ahead_max(net, t);

	if (has > most / 2)
		return 0;
	if (t->lines + most - has > TRUNK_AHEAD_ALL)
		return has == 0 ? 1 : 0;
	return most - has;
}

/* Grant the stream lines, now or later. */
static void
grant(const struct trunk_step *st, struct trunk_stream *s)
{
	struct trunk *t = s->trunk;
	uint32_t lines = lines_due(st->net, s);

	if (lines == 0 || s->owed || s->closing)
		return;
	if (TAILQ_EMPTY(&t->owed) && trunk_reads(st->net, t)) {
		grant_now(st, s, lines);
		return;
	}
	if (core_mutated(st->net, READ_LOST))
		return;
	TAILQ_INSERT_TAIL(&t->owed, s, owed_link);
	s->owed = true;
}

bool
trunk_send_owed(const struct trunk_step *st, struct trunk *t)
{
	struct core *core = st->net->core;
	struct trunk_stream *s;
	uint32_t lines;
	unsigned n = 0;

	while ((s = TAILQ_FIRST(&t->owed)) != NULL && trunk_reads(st->net, t)) {
		if (n++ > 0 && !core_has_units(core))
			return true;
		core_spend(core, COST_SEND);
		TAILQ_REMOVE(&t->owed, s, owed_link);
		s->owed = false;
		if ((lines = lines_due(st->net, s)) > 0)
			grant_now(st, s, lines);
	}
	return false;
}

/* ---- the other effects --------------------------------------------------- */

void
trunk_send_queues(const struct trunk_step *st, struct trunk_stream *s,
    uint32_t sendq, uint32_t recvq)
{
	struct writer *w = trunk_line(st, s->trunk, "QUEUES ");

	writer_u64(w, sendq);
	writer_char(w, ' ');
	writer_u64(w, recvq);
	writer_char(w, ' ');
	writer_u64(w, s->number);
	trunk_line_end(w);
}

static void
on_drain(const struct trunk_step *st, struct trunk_stream *s, size_t n)
{
	struct writer *w = trunk_line(st, s->trunk, "DRAIN ");

	writer_u64(w, s->number);
	writer_char(w, ' ');
	writer_u64(w, n);
	trunk_line_end(w);
	s->drains = true;
}

/* A client may have chosen the reason, so its bytes are mended. */
static struct span
clean_reason(const struct trunk_step *st, struct span reason)
{
	struct span cut = utf8_cut(reason, TRUNK_REASON_MAX);
	char *text = arena_alloc(st->fx->arena, cut.n);

	if (cut.n > 0)
		memcpy(text, cut.p, cut.n);
	utf8_mend(text, cut.n, '?');
	return span_make(text, cut.n);
}

static void
write_gone(const struct trunk_step *st, struct trunk_stream *s,
    struct span reason)
{
	struct writer *w = trunk_line(st, s->trunk, "GONE ");

	writer_u64(w, s->number);
	writer_str(w, " :");
	writer_span(w, clean_reason(st, reason));
	trunk_line_end(w);
}

static void
on_close(const struct trunk_step *st, struct trunk_stream *s,
    struct span reason)
{
	flush_reads(st, s->trunk); /* nothing of the stream comes behind GONE */
	if (!s->left)
		write_gone(st, s, reason);
	if (core_mutated(st->net, GONE_TWICE))
		write_gone(st, s, reason);
	forget_shares(st->net);
	trunk_stream_free(&st->net->streams, s);
}

/* Return the stream of the effect, or NULL if it is for something else, or if
 * its trunk is not up any more. */
static struct trunk_stream *
stream_for(const struct trunk_step *st, struct conn_id conn)
{
	struct trunk_stream *s = trunk_stream_find(&st->net->streams, conn);

	return s != NULL && s->trunk->state == TRUNK_UP ? s : NULL;
}

/* Return the stream, likewise, if something may be said of it. */
static struct trunk_stream *
told(const struct trunk_step *st, struct conn_id conn)
{
	struct trunk_stream *s = stream_for(st, conn);

	return s != NULL && is_told(s) ? s : NULL;
}

static void
send_effect(const struct trunk_step *st, const struct effect *e)
{
	struct trunk_stream *s;

	switch (e->kind) {
	case EFF_SEND:
		on_send(st, e);
		break;
	case EFF_CLOSE:
		if ((s = stream_for(st, e->u.close.conn)) != NULL)
			on_close(st, s, e->u.close.reason);
		break;
	case EFF_READ:
		if ((s = told(st, e->u.read.conn)) != NULL)
			grant(st, s);
		break;
	case EFF_QUEUES:
		if ((s = told(st, e->u.queues.conn)) != NULL)
			trunk_send_queues(st, s, e->u.queues.sendq,
			    e->u.queues.recvq);
		break;
	case EFF_DRAIN:
		if ((s = told(st, e->u.drain.conn)) != NULL)
			on_drain(st, s, e->u.drain.n);
		break;
	case EFF_HOLD:
	case EFF_ASK:
	case EFF_DIAL:
	case EFF_RENEW:
	case EFF_STOP:
	case EFF_STORE:
	case EFF_LOG:
	case EFF_CONTROL:
	case EFF_COUNT:
		break;
	}
}

void
trunk_send(const struct trunk_step *st, size_t from, size_t to)
{
	if (trunk_streams_count(&st->net->streams) == 0)
		return;
	for (size_t i = from; i < to; i++)
		send_effect(st, &st->fx->v[i]);
	forget_shares(st->net);
}

/* ---- the end of a step --------------------------------------------------- */

void
trunk_send_beat(const struct trunk_step *st, struct trunk *t)
{
	uint64_t ms = (uint64_t)(st->ev->now.ns / NS_PER_MS) + 1;
	const struct trunk_beat *last =
	    &t->beats[(t->nbeats + TRUNK_BEATS - 1) % TRUNK_BEATS];
	bool first = !t->writes;
	struct writer *w = trunk_line(st, t, "BEAT ");
	int64_t held;

	if (ms <= last->t)
		ms = last->t + 1;
	writer_u64(w, ms);
	if (t->beat.t != 0) {
		held = mono_sub_ms(st->ev->now, t->beat.at);
		writer_char(w, ' ');
		writer_u64(w, t->beat.t);
		writer_char(w, ' ');
		writer_i64(w, held > 0 ? held : 0);
	}
	trunk_line_end(w);
	t->beat_end = first ? w->n : 0;
	t->beats[t->nbeats++ % TRUNK_BEATS] =
	    (struct trunk_beat){ ms, st->ev->now };
}

#define ITEM_MAX (1 + SID_LEN + 1 + 10 + 1 + 20) /* bytes of " o=n" */

/* Write a POS of the items, which may need several lines. */
static void
write_pos(const struct trunk_step *st, struct trunk *t,
    const struct vector_item *v, size_t n)
{
	const size_t per = (TRUNK_LINE_MAX - 16) / ITEM_MAX;
	struct writer *w;
	size_t i = 0, to;

	do {
		to = n - i > per ? i + per : n;
		w = trunk_line(st, t, to < n ? "POS *" : "POS");
		for (; i < to; i++) {
			writer_char(w, ' ');
			write_origin(w, v[i].o);
			writer_char(w, '=');
			writer_u64(w, v[i].n);
		}
		trunk_line_end(w);
	} while (i < n);
}

/* Say which numbers have changed. Both vectors are sorted. */
static void
send_pos(const struct trunk_step *st, struct trunk *t,
    const struct trunk_position *pos)
{
	const struct vector *done = pos->done, *told = &t->told;
	struct vector_item *v;
	size_t n = 0, k = 0;

	if (t->told_any && t->told_serial == pos->serial) {
		write_pos(st, t, NULL, 0);
		return;
	}
	core_spend(st->net->core, done->n / 2);
	v = arena_alloc(st->fx->arena, done->n * sizeof(*v) + 1);
	for (size_t i = 0; i < done->n; i++) {
		while (k < told->n &&
		       origin_cmp(told->v[k].o, done->v[i].o) < 0)
			k++;
		if (core_mutated(st->net, POS_WHOLE) || k == told->n ||
		    origin_cmp(told->v[k].o, done->v[i].o) != 0 ||
		    told->v[k].n != done->v[i].n)
			v[n++] = done->v[i];
	}
	write_pos(st, t, v, n);
	vector_copy(&t->told, done);
	t->told_serial = pos->serial;
	t->told_any = true;
}

/* Return true if the step has a position to say: there are lines that belong to
 * it, or the position has changed. */
static bool
needs_pos(const struct trunk *t, const struct trunk_position *pos)
{
	return t->state == TRUNK_UP &&
	       (t->out.n != t->beat_end || t->told_serial != pos->serial);
}

void
trunk_flush(const struct trunk_step *st, struct trunk *t,
    const struct trunk_position *pos)
{
	struct rcbuf *buf;

	if (t->state != TRUNK_DEAD)
		flush_reads(st, t);
	t->nread = 0;
	if (!t->writes)
		return;
	if (needs_pos(t, pos) &&
	    !(core_mutated(st->net, POS_LOST) && t->told_any &&
		t->told_serial == pos->serial))
		send_pos(st, t, pos);
	buf = rcbuf_new(writer_done(&t->out));
	t->writes = false;
	t->beat_end = 0;
	t->unsent += buf->n;
	t->bytes_out += buf->n;
	st->net->counts.bytes_out += buf->n;
	effects_send(st->fx, buf, &t->conn, 1);
	if (t->state == TRUNK_DEAD)
		effects_close(st->fx, t->conn, span_of(t->why));
}
