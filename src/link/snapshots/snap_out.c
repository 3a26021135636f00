/*
 * A snapshot has the facts at v = max(done, merged), and those entries of the
 * log up to v that the peer lacks. So the receiver jumps only to the sender's
 * floor. Without these entries, a server would lose messages that are still in
 * flight to it, although no server died: the snapshot would let it jump over
 * them, and it would drop them as duplicates when they come.
 *
 * While a cut is made, no entry is processed (link_net_pending), so v and the
 * facts are those of one moment. floor and entries are those of the moment at
 * which the link begins. The cut is new enough for a link as long as the log
 * holds everything after v.
 *
 * The log may be long, so the entries are gathered in slices before SNAP is
 * sent. floor, ph and the end of the log are noted when the link begins, and
 * nothing is trimmed that was not gathered yet (snap_out_stay). So the entries
 * are those that one step would find, whatever comes meanwhile.
 *
 * The cut is packed when it is made (pack.h): that takes a tenth of the memory,
 * and all peers that know PACK are sent the same buffers. For a peer that does
 * not, each piece is unpacked when it is sent.
 *
 * Both ends raise ph after END. Otherwise they would send each other snapshots
 * without end.
 */
#include "link/snapshots/snap_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/types/cost.h"
#include "link/pump.h"
#include "link/snapshots/pack.h"
#include "link/snapshots/snap_wait.h"
#include "link/snapshots/trash.h"
#include "link/state.h"
#include "link/words.h"

#define CHUNK (PACK_TEXT_MAX - ENTRY_LINE_MAX)
#define GATHER_MIN 64 /* places of the log that each tick looks at */

/* Whole lines, in the order in which they are sent. */
struct pieces {
	struct rcbuf **v;
	size_t n, cap;
	uint64_t bytes;
	/* the last piece while it grows; room for CHUNK and a line */
	char *text;
	size_t ntext, chunk;
	struct packer *packer; /* or NULL: pieces are plain lines */
};

static void
pieces_init(struct pieces *p, const struct link_net *net)
{
	*p = (struct pieces){ .text = mem_alloc(PACK_TEXT_MAX) };
	p->chunk = pump_bytes(net) < CHUNK ? pump_bytes(net) : CHUNK;
}

static void
pieces_fini(struct pieces *p, struct link_net *net)
{
	trash_bufs(net, p->v, p->n);
	free(p->text);
	packer_free(p->packer);
}

/* The reference moves to the pieces. */
static void
add_piece(struct pieces *p, struct rcbuf *piece)
{
	if (p->n == p->cap)
		p->v = mem_grow(p->v, &p->cap, 64, sizeof(struct rcbuf *));
	p->v[p->n++] = piece;
	p->bytes += piece->n;
}

static void
flush(struct pieces *p)
{
	struct span text = span_make(p->text, p->ntext);
	struct rcbuf *piece = NULL;

	if (p->ntext > 0 && p->packer != NULL)
		piece = pack_text(p->packer, text);
	if (p->ntext > 0)
		add_piece(p, piece != NULL ? piece : rcbuf_new(text));
	p->ntext = 0;
}

static void
pieces_end(struct pieces *p)
{
	flush(p);
	free(p->text);
	packer_free(p->packer);
	p->text = NULL;
	p->packer = NULL;
}

static struct writer
line_begin(struct pieces *p)
{
	struct writer w;

	if (p->ntext >= p->chunk)
		flush(p);
	writer_init(&w, p->text + p->ntext, LINK_LINE_MAX);
	return w;
}

static void
line_end(struct pieces *p, const struct writer *w)
{
	/* core/part/part.h bounds the words and the text of a fact */
	invariant(!w->over);
	memcpy(p->text + p->ntext + w->n, "\r\n", 2);
	p->ntext += w->n + 2;
}

/* ---- the cut --------------------------------------------------------- */

struct snap_cut {
	struct link_net *net; /* borrowed */
	unsigned refs;
	struct pieces pieces;
	struct vector v;
	uint64_t forgets; /* core_forget_count() when it began */
	uint64_t facts;
};

static void
cut_unref(struct snap_cut *cut)
{
	if (cut == NULL || --cut->refs > 0)
		return;
	pieces_fini(&cut->pieces, cut->net);
	vector_fini(&cut->v);
	free(cut);
}

static void
cut_fact(void *ctx, const struct snap_item *item)
{
	struct snap_cut *cut = ctx;
	struct writer w = line_begin(&cut->pieces);

	snap_item_build(&w, item);
	line_end(&cut->pieces, &w);
	cut->facts++;
}

static void
cut_begin(struct link_net *net)
{
	struct snap_cut *cut = mem_zalloc(sizeof(*cut));
	struct writer w;

	cut->net = net;
	cut->refs = 1;
	net->counts.cuts++;
	cut->forgets = core_forget_count(net->core);
	log_covered_all(&net->log, &cut->v);
	pieces_init(&cut->pieces, net);
	w = line_begin(&cut->pieces);
	writer_str(&w, "SNAP ");
	write_origin(&w, net->self);
	line_end(&cut->pieces, &w);
	flush(&cut->pieces);
	cut->pieces.packer = packer_new();
	net->cut = cut;
	core_walk_begin(net->core, cut_fact, cut);
}

static void
cut_drop(struct link_net *net)
{
	if (net->cut != NULL && net->cut->pieces.text != NULL)
		core_walk_end(net->core);
	cut_unref(net->cut);
	net->cut = NULL;
}

void
snap_cut_fini(struct link_net *net)
{
	cut_unref(net->cut);
	net->cut = NULL;
}

bool
snap_cut_is_made(const struct link_net *net)
{
	return net->cut != NULL && !core_walk_is_done(net->core);
}

void
snap_cut_abort(struct link_net *net)
{
	if (snap_cut_is_made(net))
		cut_drop(net);
}

void
snap_cut_drop(const struct link_step *st)
{
	struct link_net *net = st->net;

	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->awaits && net->link[i]->state == LINK_UP)
			return;
	if (net->cut != NULL && net->cut->refs == 1)
		cut_drop(net);
}

/* Return true if the log holds everything after v, and the cut knows the runs
 * that are forgotten. */
static bool
is_new_enough(const struct link_net *net, const struct snap_cut *cut)
{
	return cut->forgets == core_forget_count(net->core) &&
	       vector_le(&net->log.floor, &cut->v);
}

/* Return a cut that is made and new enough, borrowed; or NULL if it is not made
 * yet. */
static struct snap_cut *
cut_get(struct link_net *net)
{
	if (core_is_partial(net->core) || snap_wait_any(net))
		return NULL;
	if (net->cut != NULL && !is_new_enough(net, net->cut))
		cut_drop(net);
	if (net->cut == NULL)
		cut_begin(net);
	if (!core_walk_is_done(net->core))
		return NULL;
	if (net->cut->pieces.text != NULL)
		pieces_end(&net->cut->pieces);
	return net->cut;
}

/* ---- a snapshot for one link --------------------------------------------- */

struct snap_out {
	struct snap_cut *cut;	   /* a reference */
	uint64_t at, end;	   /* places of the log, not gathered yet */
	struct vector ph, floor;   /* when the link began */
	struct pieces more;	   /* of this link: entries, END */
	size_t next;		   /* of the pieces of the cut, then of more */
	uint64_t entries;	   /* pieces of more */
	struct packer *packer;	   /* of the entries; NULL before the first */
	struct unpacker *unpacker; /* for a peer that does not know PACK */
	uint64_t bytes;		   /* that were sent */
};

void
snap_out_free(struct snap_out *out)
{
	if (out == NULL)
		return;
	pieces_fini(&out->more, out->cut->net);
	packer_free(out->packer);
	unpacker_free(out->unpacker);
	cut_unref(out->cut);
	vector_fini(&out->ph);
	vector_fini(&out->floor);
	free(out);
}

static bool
is_gathered(const struct snap_out *out)
{
	return out->at == out->end;
}

bool
snap_out_gathers(const struct link_net *net)
{
	return snap_out_stay(net) < UINT64_MAX;
}

uint64_t
snap_out_stay(const struct link_net *net)
{
	uint64_t stay = UINT64_MAX;

	if (mutated(net, MUT_GATHER_TRIMMED))
		return stay;
	for (size_t i = 0; i < net->nlink; i++) {
		const struct snap_out *out = net->link[i]->out;

		if (out != NULL && !is_gathered(out) && out->at < stay)
			stay = out->at;
	}
	return stay;
}

/* Take the next entry of the log, if the peer lacks it. An entry that was dead
 * when the link began is not in (floor, v]. */
static void
gather_one(const struct link_net *net, struct snap_out *out)
{
	const struct entry *e = log_at(&net->log, out->at++)->entry;

	if (e->n <= vector_get(&out->ph, e->o) ||
	    e->n <= vector_get(&out->floor, e->o) ||
	    e->n > vector_get(&out->cut->v, e->o))
		return;
	add_piece(&out->more, rcbuf_ref(e->text));
	out->entries++;
}

/* Gather as many entries as the turn has room for. Each tick gathers some. */
static void
gather(const struct link_step *st, struct snap_out *out)
{
	const struct link_net *net = st->net;
	unsigned n = st->ev->kind == EV_TICK ? GATHER_MIN : 0;

	if (mutated(net, MUT_GATHER_TRIMMED) && out->at < log_begin(&net->log))
		out->at = log_begin(&net->log);
	while (!is_gathered(out) &&
	       (n > 0 || core_may_apply(net->core, st->ev))) {
		n -= n > 0;
		core_spend(net->core, COST_VISIT);
		gather_one(net, out);
	}
}

static void
add_end(const struct link_step *st, struct snap_out *out)
{
	const struct vector *v = &out->cut->v;
	size_t i = 0;

	do {
		struct writer w = line_begin(&out->more);
		size_t to = v->n - i > 200 ? i + 200 : v->n;

		writer_str(&w, to < v->n ? "END *" : "END");
		for (; i < to; i++) {
			uint64_t f = vector_get(&out->floor, v->v[i].o);

			if (mutated(st->net, MUT_SNAP_JUMP_TO_V))
				f = v->v[i].n;
			writer_char(&w, ' ');
			write_vector_item(&w, &v->v[i]);
			writer_char(&w, '/');
			writer_u64(&w, f);
		}
		line_end(&out->more, &w);
	} while (i < v->n);
	pieces_end(&out->more);
}

bool
snap_begin(const struct link_step *st, struct link *l)
{
	struct link_net *net = st->net;
	struct snap_cut *cut = cut_get(net);
	struct snap_out *out;

	if (cut == NULL)
		return false;
	out = mem_zalloc(sizeof(*out));
	out->cut = cut;
	cut->refs++;
	out->at = log_begin(&net->log);
	out->end = log_end(&net->log);
	if (mutated(net, MUT_SNAP_JUMP_TO_V))
		out->at = out->end;
	vector_copy(&out->ph, &l->ph);
	vector_copy(&out->floor, &net->log.floor);
	pieces_init(&out->more, net);
	l->out = out;
	l->forgets = cut->forgets;
	vector_copy(&l->snap_v, &cut->v);
	return true;
}

/* The entries are gathered: note that SNAP is sent. */
static void
begin_sending(const struct link_step *st, struct link *l)
{
	struct snap_out *out = l->out;
	const struct snap_cut *cut = out->cut;

	add_end(st, out);
	l->snaps_out++;
	st->net->counts.snaps_out++;
	effects_logf(st->fx, LOG_SNAPSHOT_SENT, { "server", link_name(l) },
	    { "facts", num_text(st, cut->facts) },
	    { "entries", num_text(st, out->entries) },
	    { "bytes", num_text(st, cut->pieces.bytes + out->more.bytes) });
}

/* Return a piece as lines. The caller owns the reference. */
static struct rcbuf *
unpack(struct snap_out *out, struct rcbuf *piece)
{
	struct span rest, text;
	const char *why;

	if (!pack_is(rcbuf_span(piece), &rest))
		return rcbuf_ref(piece);
	if (out->unpacker == NULL)
		out->unpacker = unpacker_new();
	why = pack_decode(out->unpacker, rest, &text);
	invariant(why == NULL);
	return rcbuf_new(text);
}

/* Take as many entries from *i on as fit a PACK, and return them as one; or
 * return NULL if they do not fit, or are not less by it. */
static struct rcbuf *
pack_entries(struct snap_out *out, size_t *i)
{
	struct pieces *more = &out->more;
	char text[PACK_TEXT_MAX];
	size_t n = 0, end = *i;
	struct rcbuf *packed;

	for (; end < out->entries && more->v[end]->n <= sizeof(text) - n;
	     end++) {
		memcpy(text + n, more->v[end]->p, more->v[end]->n);
		n += more->v[end]->n;
	}
	if (n == 0)
		return NULL;
	if (out->packer == NULL)
		out->packer = packer_new();
	packed = pack_text(out->packer, span_make(text, n));
	if (packed != NULL)
		*i = end;
	return packed;
}

/* Return what is sent next. The caller owns the reference. */
static struct rcbuf *
next_piece(struct snap_out *out, bool packs)
{
	const struct pieces *cut = &out->cut->pieces, *more = &out->more;
	struct rcbuf *buf = NULL;
	size_t i;

	if (out->next < cut->n) {
		buf = cut->v[out->next++];
		return packs ? rcbuf_ref(buf) : unpack(out, buf);
	}
	i = out->next - cut->n;
	if (packs)
		buf = pack_entries(out, &i);
	if (buf == NULL)
		buf = rcbuf_ref(more->v[i++]);
	out->next = cut->n + i;
	return buf;
}

bool
snap_send(const struct link_step *st, struct link *l)
{
	struct snap_out *out = l->out;
	const struct pieces *cut = &out->cut->pieces, *more = &out->more;
	struct rcbuf *buf;

	gather(st, out);
	if (!is_gathered(out))
		return false;
	if (out->next == 0)
		begin_sending(st, l);
	buf = next_piece(out, link_knows(l, VERB_PACK));
	out->bytes += buf->n;
	link_send_buf(st, l, buf);
	if (out->next < cut->n + more->n)
		return true;
	if (!mutated(st->net, MUT_SNAP_PH_SENDER))
		vector_raise_all(&l->ph, &l->snap_v);
	l->out = NULL;
	snap_out_free(out);
	pump_rewind(st, l);
	return true;
}

/* The row SNAPSHOT_SENT was logged before the first line was sent, so log that
 * the snapshot was not sent to its end. */
void
snap_out_lost(const struct link_step *st, const struct link *l)
{
	if (l->out == NULL || l->out->next == 0)
		return;
	effects_logf(st->fx, LOG_SNAPSHOT_LOST, { "server", link_name(l) },
	    { "way", SPAN("out") },
	    { "facts", num_text(st, l->out->cut->facts) },
	    { "entries", num_text(st, l->out->entries) });
}
