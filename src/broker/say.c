/*
 * Datagrams to publish, in this order: public keys, keys, what links were sent,
 * what is sent again, and reports of what has come.
 *
 * A step of the node sends the same buffer on many links. Their queues then
 * begin with the same bytes, and a part of a datagram takes them from all of
 * them at once. One link may be sent a line of its own before that, which goes
 * into a part of its own first. Lines with equal bytes in different buffers
 * count as the same.
 */
#include <string.h>

#include "broker/state.h"

#define DEPTH 8 /* buffers of a queue that are looked through */

/* A datagram that is made. Its receivers are in b->also. */
struct build {
	struct bus *b;
	struct writer parts;
	size_t n, max; /* receivers */
	bool full;
};

static bool
finish(struct bus *b, struct writer *w, unsigned slot, struct bus_datagram *out)
{
	out->slot = slot;
	out->bytes = writer_done(w);
	b->counts.sent++;
	b->counts.sent_bytes += out->bytes.n;
	return true;
}

static void
begin(const struct bus *b, enum form_kind kind, struct writer *w)
{
	struct form_head head = { .kind = kind, .born = b->born };

	memcpy(head.sid, b->sid, sizeof(head.sid));
	form_write_head(w, &head);
}

/* ---- keys ---------------------------------------------------------------- */

static bool
all_ready(const struct bus *b)
{
	for (unsigned i = 0; i < b->npair; i++)
		if (b->pair[i].used && !pair_is_ready(&b->pair[i]))
			return false;
	return true;
}

static bool
say_hi(struct bus *b, struct bus_datagram *out)
{
	struct form_hi hi = { .inc = b->inc, .spki = b->signer.spki };
	struct writer w;

	if (b->npair == 0 || mono_cmp(b->hi_at, b->now) > 0)
		return false;
	b->hi_at = mono_add_ms(b->now, all_ready(b) ? HI_IDLE_MS : HI_MS);
	memcpy(hi.key, b->public, SEAL_KEY);
	hi.signature = span_make(b->signature, b->nsignature);
	writer_init(&w, b->buf, sizeof(b->buf));
	begin(b, FORM_HI, &w);
	form_write_hi(&w, &hi);
	return finish(b, &w, BUS_ALL, out);
}

static bool
say_key(struct bus *b, struct pair *p, struct bus_datagram *out)
{
	const size_t n = FORM_KEY_TEXT;
	struct writer w;

	p->key_sent = b->now;
	p->key_at = pair_is_ready(p) ? MONO_NEVER : mono_add_ms(b->now, KEY_MS);
	writer_init(&w, b->buf, sizeof(b->buf));
	begin(b, FORM_KEY, &w);
	writer_str(&w, p->sid);
	form_write_number(&w, p->born, 8);
	form_write_number(&w, ++b->key_counter, 8);
	writer_span(&w, span_make(b->group, SEAL_KEY));
	writer_char(&w, (char)((p->theirs ? FORM_HAS : 0) |
			       (pair_is_ready(p) ? FORM_SURE : 0)));
	form_write_number(&w, p->round_in, 8);
	(void)writer_room(&w, SEAL_TAG);
	seal((unsigned char *)b->buf + FORM_KEY_HEAD, n,
	    span_make(b->buf, FORM_KEY_HEAD), b->key_counter, p->keys.out);
	return finish(b, &w, (unsigned)(p - b->pair), out);
}

static bool
say_keys(struct bus *b, struct bus_datagram *out)
{
	for (unsigned i = 0; i < b->npair; i++) {
		struct pair *p = &b->pair[i];

		if (p->used && p->known && mono_cmp(p->key_at, b->now) <= 0)
			return say_key(b, p, out);
	}
	return false;
}

/* ---- DATA ---------------------------------------------------------------- */

static void
build_init(struct build *x, struct bus *b)
{
	*x = (struct build){ .b = b };
	writer_init(&x->parts, b->parts, sizeof(b->parts));
	x->max = b->datagram_max / 2 / FORM_RECORD_MAX;
	if (x->max > BUS_MEMBERS)
		x->max = BUS_MEMBERS;
	for (unsigned i = 0; i < b->npair; i++)
		b->pair[i].chosen = false;
}

/* Return how many bytes are left for a part with so many places, of which some
 * are of new receivers. */
static size_t
room(const struct build *x, size_t places, size_t fresh)
{
	size_t used = FORM_DATA_HEAD + SEAL_TAG + 2 + x->parts.n +
		      FORM_PART_MAX + places * FORM_PLACE_MAX +
		      (x->n + fresh) * FORM_RECORD_MAX;

	return used < x->b->datagram_max ? x->b->datagram_max - used : 0;
}

static void
choose(struct build *x, struct pair *p)
{
	if (p->chosen)
		return;
	p->chosen = true;
	p->index = (uint16_t)x->n;
	x->b->also[x->n++] = (uint16_t)(p - x->b->pair);
}

static void
write_record(const struct pair *p, struct writer *w)
{
	struct form_record r = { .stream = p->stream };

	memcpy(r.sid, p->sid, sizeof(r.sid));
	if (p->state != STREAM_NONE)
		r.flags |= FORM_OPEN;
	else if (p->stream != 0)
		r.flags |= FORM_GONE;
	r.got = p->in.next;
	r.room = inbox_room(&p->in);
	r.miss = inbox_missing(&p->in);
	if (r.miss > 0)
		r.flags |= FORM_HOLE;
	r.end = p->out.end;
	if (p->state == STREAM_CLOSING)
		r.flags |= FORM_FIN;
	if (p->state == STREAM_OPENING || p->state == STREAM_CLOSING)
		r.flags |= FORM_ASK;
	form_write_record(w, &r);
}

/* Note that the receiver is told all that there is to report. */
static void
reported(const struct bus *b, struct pair *p)
{
	p->reported = p->in.next;
	p->report_at = p->state == STREAM_OPENING || p->state == STREAM_CLOSING
			   ? mono_add_ms(b->now, OPENING_MS)
			   : MONO_NEVER;
}

/* Write the datagram, with its macs, and seal it. */
static bool
say_data(struct build *x, struct bus_datagram *out)
{
	struct bus *b = x->b;
	unsigned char hash[SEAL_KEY];
	size_t n;
	struct writer w;

	writer_init(&w, b->buf, sizeof(b->buf));
	begin(b, FORM_DATA, &w);
	form_write_number(&w, ++b->counter, 8);
	form_write_short(&w, x->n);
	for (size_t i = 0; i < x->n; i++) {
		write_record(&b->pair[b->also[i]], &w);
		reported(b, &b->pair[b->also[i]]);
	}
	writer_span(&w, writer_done(&x->parts));
	seal_hash(hash, writer_done(&w));
	for (size_t i = 0; i < x->n; i++) {
		const struct pair *p = &b->pair[b->also[i]];

		form_write_number(&w,
		    bus_mac(p->keys.mac_out, hash, p->round_out), FORM_MAC);
	}
	n = w.n - FORM_DATA_HEAD;
	(void)writer_room(&w, SEAL_TAG);
	seal((unsigned char *)b->buf + FORM_DATA_HEAD, n,
	    span_make(b->buf, FORM_DATA_HEAD), b->counter, b->group);
	return finish(b, &w, x->n == 1 ? b->also[0] : BUS_ALL, out);
}

/* ---- what links are sent ------------------------------------------------- */

static bool
has_waiting(const struct pair *p)
{
	return pair_is_ready(p) &&
	       (p->state == STREAM_OPEN || p->state == STREAM_CLOSING) &&
	       outq_room(&p->out, WINDOW) > 0;
}

/* Return true if the bytes that wait in that item are these. */
static bool
is_same(const struct pair *p, size_t depth, struct span bytes)
{
	const struct rcbuf *buf;
	struct span s = outq_waiting(&p->out, depth, &buf);

	return s.n >= bytes.n && (s.p == bytes.p || span_eq(s, bytes));
}

/* Collect the pairs whose next bytes are these, in list, as far as there is
 * room for them. The first one is there already. Return how many there are. */
static size_t
collect(const struct build *x, struct span bytes, uint16_t *list, size_t *fresh)
{
	struct bus *b = x->b;
	size_t n = 1;

	*fresh = !b->pair[list[0]].chosen;
	for (unsigned i = 0; i < b->npair; i++) {
		const struct pair *q = &b->pair[i];

		if (i == list[0] || !has_waiting(q) ||
		    outq_room(&q->out, WINDOW) < bytes.n ||
		    !is_same(q, 0, bytes))
			continue;
		if (!q->chosen && (x->n + *fresh >= x->max ||
				      room(x, n + 1, *fresh + 1) < bytes.n))
			continue;
		*fresh += !q->chosen;
		list[n++] = (uint16_t)i;
	}
	return n;
}

static void
published(struct bus *b, struct pair *p, size_t n)
{
	if (p->out.got == p->out.sent) {
		p->again_ms = AGAIN_MS;
		p->again_at = mono_add_ms(b->now, AGAIN_MS);
	}
	outq_published(&p->out, n);
	p->taken += n;
	b->counts.link_bytes += n;
	bus_stir(b, p);
}

/* Write one part, with the next bytes of the pair, for all that are sent the
 * same. */
static void
add_part(struct build *x, struct pair *p)
{
	struct bus *b = x->b;
	uint16_t list[BUS_MEMBERS] = { (uint16_t)(p - b->pair) };
	const struct rcbuf *buf;
	struct span bytes = outq_waiting(&p->out, 0, &buf);
	size_t n, fresh, free;

	bytes = span_head(bytes, (size_t)outq_room(&p->out, WINDOW));
	if (!p->chosen && x->n == x->max) {
		x->full = true;
		return;
	}
	free = room(x, 1, !p->chosen);
	if (free < bytes.n && x->parts.n > 0) {
		x->full = true;
		return;
	}
	bytes = span_head(bytes, free);
	n = collect(x, bytes, list, &fresh);
	form_write_short(&x->parts, n);
	for (size_t i = 0; i < n; i++) {
		choose(x, &b->pair[list[i]]);
		form_write_short(&x->parts, b->pair[list[i]].index);
		form_write_short(&x->parts, b->pair[list[i]].out.sent);
	}
	form_write_short(&x->parts, bytes.n);
	writer_span(&x->parts, bytes);
	b->counts.bytes += bytes.n;
	for (size_t i = 0; i < n; i++)
		published(b, &b->pair[list[i]], bytes.n);
}

/* If other links are sent the next bytes of this pair a little later, write
 * what they are sent before that. */
static void
bring_forward(struct build *x, const struct pair *p)
{
	struct bus *b = x->b;
	const struct rcbuf *buf;
	struct span bytes = outq_waiting(&p->out, 0, &buf);

	for (unsigned i = 0; buf->refs > 1 && i < b->npair; i++) {
		struct pair *q = &b->pair[i];
		size_t depth = 0;

		if (q == p || !has_waiting(q))
			continue;
		while (depth < DEPTH && !is_same(q, depth, bytes))
			depth++;
		for (; depth < DEPTH && depth > 0 && !x->full && has_waiting(q);
		     depth--)
			add_part(x, q);
	}
}

static bool
say_new(struct bus *b, struct bus_datagram *out)
{
	struct build x;

	build_init(&x, b);
	for (unsigned i = 0; i < b->npair && !x.full; i++)
		while (!x.full && has_waiting(&b->pair[i])) {
			bring_forward(&x, &b->pair[i]);
			if (!x.full && has_waiting(&b->pair[i]))
				add_part(&x, &b->pair[i]);
		}
	return x.n > 0 && say_data(&x, out);
}

/* ---- what is sent again, and reports ------------------------------------- */

static void
add_again(struct build *x, struct pair *p)
{
	struct span bytes = outq_at(&p->out, p->again_from);

	bytes = span_head(bytes, (size_t)(p->again_to - p->again_from));
	bytes = span_head(bytes, room(x, 1, 0));
	if (bytes.n == 0) {
		x->full = true;
		return;
	}
	form_write_short(&x->parts, 1);
	form_write_short(&x->parts, p->index);
	form_write_short(&x->parts, p->again_from);
	form_write_short(&x->parts, bytes.n);
	writer_span(&x->parts, bytes);
	p->again_from += bytes.n;
	x->b->counts.again_bytes += bytes.n;
}

static bool
say_again(struct bus *b, struct bus_datagram *out)
{
	struct build x;

	for (unsigned i = 0; i < b->npair; i++) {
		struct pair *p = &b->pair[i];

		if (p->again_from < p->out.got)
			p->again_from = p->out.got;
		if (p->again_from >= p->again_to || !pair_is_ready(p))
			continue;
		build_init(&x, b);
		choose(&x, p);
		while (!x.full && p->again_from < p->again_to)
			add_again(&x, p);
		p->again_sent = b->now;
		return say_data(&x, out);
	}
	return false;
}

static bool
say_reports(struct bus *b, struct bus_datagram *out)
{
	struct build x;

	build_init(&x, b);
	for (unsigned i = 0; i < b->npair && x.n < x.max; i++) {
		struct pair *p = &b->pair[i];

		if (mono_cmp(p->report_at, b->now) > 0)
			continue;
		if (!pair_is_ready(p) || p->stream == 0)
			p->report_at = MONO_NEVER;
		else
			choose(&x, p);
	}
	return x.n > 0 && say_data(&x, out);
}

bool
bus_datagram(struct bus *b, struct mono now, struct bus_datagram *out)
{
	b->now = now;
	if (!b->up)
		return false;
	if (b->counter >= b->per_key && !bus_renew(b)) {
		b->up = false;
		return false;
	}
	return say_hi(b, out) || say_keys(b, out) || say_new(b, out) ||
	       say_again(b, out) || say_reports(b, out);
}
