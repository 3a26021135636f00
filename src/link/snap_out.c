/*
 * A snapshot has the facts at v = max(done, merged), and those entries of the
 * log up to v that the peer lacks. So the receiver jumps only to the sender's
 * floor. Without these entries, a server would lose messages that are still in
 * flight to it, although no server died: the snapshot would let it jump over
 * them, and it would drop them as duplicates when they come.
 *
 * Facts, v, floor and entries are taken at one moment. Rejected: to cut the
 * facts in slices at different moments, as later slices would be ahead of v.
 * The price is that a link holds its whole snapshot while it is sent.
 *
 * Both ends raise ph after END. Otherwise they would send each other snapshots
 * without end.
 */
#include "link/snap_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "link/pump.h"
#include "link/state.h"
#include "link/words.h"

#define CHUNK ((size_t)32 * 1024)

struct snap_out {
	struct rcbuf **piece;
	size_t n, cap, next;
	uint64_t bytes; /* of the pieces that were sent */
	struct vector v;
};

/* Writes the pieces while the facts are walked. */
struct cutter {
	struct snap_out *out;
	char *text; /* room for CHUNK and a line */
	size_t n, chunk;
	uint64_t facts, entries, bytes;
};

void
snap_out_free(struct snap_out *out)
{
	if (out == NULL)
		return;
	for (size_t i = out->next; i < out->n; i++)
		rcbuf_unref(out->piece[i]);
	free(out->piece);
	vector_fini(&out->v);
	free(out);
}

/* The reference moves to the snapshot. */
static void
add_piece(struct cutter *c, struct rcbuf *piece)
{
	struct snap_out *out = c->out;

	if (out->n == out->cap)
		out->piece =
		    mem_grow(out->piece, &out->cap, 64, sizeof(struct rcbuf *));
	out->piece[out->n++] = piece;
	c->bytes += piece->n;
}

static void
flush(struct cutter *c)
{
	if (c->n > 0)
		add_piece(c, rcbuf_new(span_make(c->text, c->n)));
	c->n = 0;
}

static struct writer
cut_line(struct cutter *c)
{
	struct writer w;

	if (c->n >= c->chunk)
		flush(c);
	writer_init(&w, c->text + c->n, LINK_LINE_MAX);
	return w;
}

static void
cut_line_done(struct cutter *c, const struct writer *w)
{
	/* core/part/part.h bounds the words and the text of a fact */
	invariant(!w->over);
	memcpy(c->text + c->n + w->n, "\r\n", 2);
	c->n += w->n + 2;
}

static void
cut_fact(void *ctx, const struct snap_item *item)
{
	struct cutter *c = ctx;
	struct writer w = cut_line(c);

	snap_item_build(&w, item);
	cut_line_done(c, &w);
	c->facts++;
}

static void
cut_log(const struct link_step *st, const struct link *l, struct cutter *c)
{
	const struct log *log = &st->net->log;

	flush(c);
	for (uint64_t p = log_begin(log); p < log_end(log); p++) {
		const struct entry *e = log_at(log, p)->entry;

		if (e->n <= vector_get(&l->ph, e->o) ||
		    e->n > vector_get(&c->out->v, e->o))
			continue;
		add_piece(c, rcbuf_ref(e->text));
		c->entries++;
	}
}

static void
cut_end(const struct link_step *st, struct cutter *c)
{
	const struct vector *v = &c->out->v;
	const struct log *log = &st->net->log;
	size_t i = 0;

	do {
		struct writer w = cut_line(c);
		size_t to = v->n - i > 200 ? i + 200 : v->n;

		writer_str(&w, to < v->n ? "END *" : "END");
		for (; i < to; i++) {
			uint64_t f = vector_get(&log->floor, v->v[i].o);

			if (mutated(st->net, MUT_SNAP_JUMP_TO_V))
				f = v->v[i].n;
			writer_char(&w, ' ');
			write_vector_item(&w, &v->v[i]);
			writer_char(&w, '/');
			writer_u64(&w, f);
		}
		cut_line_done(c, &w);
	} while (i < v->n);
	flush(c);
}

void
snap_cut(const struct link_step *st, struct link *l)
{
	struct link_net *net = st->net;
	struct cutter c = { .out = mem_zalloc(sizeof(struct snap_out)) };
	struct writer w;

	log_covered_all(&net->log, &c.out->v);
	c.chunk = pump_bytes(net) < CHUNK ? pump_bytes(net) : CHUNK;
	c.text = mem_alloc(CHUNK + ENTRY_LINE_MAX);
	w = cut_line(&c);
	writer_str(&w, "SNAP ");
	write_origin(&w, net->self);
	cut_line_done(&c, &w);
	core_walk(net->core, cut_fact, &c);
	if (!mutated(net, MUT_SNAP_JUMP_TO_V))
		cut_log(st, l, &c);
	cut_end(st, &c);
	free(c.text);
	l->out = c.out;
	l->forgets = core_forgets(net->core);
	l->snaps_out++;
	net->counts.snaps_out++;
	effects_logf(st->fx, LOG_SNAPSHOT_SENT, { "server", link_name(l) },
	    { "facts", num_text(st, c.facts) },
	    { "entries", num_text(st, c.entries) },
	    { "bytes", num_text(st, c.bytes) });
}

void
snap_send(const struct link_step *st, struct link *l)
{
	struct snap_out *out = l->out;

	out->bytes += out->piece[out->next]->n;
	link_send_buf(st, l, out->piece[out->next++]);
	if (out->next < out->n)
		return;
	if (!mutated(st->net, MUT_SNAP_PH_SENDER))
		vector_raise_all(&l->ph, &out->v);
	l->out = NULL;
	snap_out_free(out);
	pump_rewind(st, l);
}

/* The row SNAPSHOT_SENT was logged when the snapshot was cut, so log that it
 * was not sent to its end. */
void
snap_out_lost(const struct link_step *st, const struct link *l)
{
	if (l->out == NULL)
		return;
	effects_logf(st->fx, LOG_SNAPSHOT_LOST, { "server", link_name(l) },
	    { "way", SPAN("out") }, { "bytes", num_text(st, l->out->bytes) });
}
