/*
 * A datagram comes from the broker, which may make any bytes of it, and what is
 * in a seal from another server, which may lie. So each reader checks all
 * lengths, and each number has one form only.
 */
#include "broker/form.h"

#include <string.h>

#define MAGIC "BB1"
#define MAGIC_LEN 3

void
form_write_number(struct writer *w, uint64_t n, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		writer_char(w, (char)(unsigned char)(n >> 8 * i & 0xff));
}

void
form_write_short(struct writer *w, uint64_t n)
{
	for (; n > 0x7f; n >>= 7)
		writer_char(w, (char)(unsigned char)((n & 0x7f) | 0x80));
	writer_char(w, (char)(unsigned char)n);
}

bool
form_bytes(struct span *rest, size_t n, struct span *out)
{
	if (rest->n < n)
		return false;
	*out = span_head(*rest, n);
	*rest = span_tail(*rest, n);
	return true;
}

bool
form_number(struct span *rest, size_t bytes, uint64_t *n)
{
	struct span s;

	if (!form_bytes(rest, bytes, &s))
		return false;
	*n = 0;
	for (size_t i = 0; i < bytes; i++)
		*n |= (uint64_t)(unsigned char)s.p[i] << 8 * i;
	return true;
}

bool
form_short(struct span *rest, uint64_t *n)
{
	*n = 0;
	for (unsigned i = 0; i < rest->n && i < 9; i++) {
		uint64_t c = (unsigned char)rest->p[i];

		*n |= (c & 0x7f) << 7 * i;
		if ((c & 0x80) != 0)
			continue;
		*rest = span_tail(*rest, i + 1);
		return c != 0 || i == 0;
	}
	return false;
}

void
form_write_head(struct writer *w, const struct form_head *h)
{
	writer_str(w, MAGIC);
	writer_char(w, (char)h->kind);
	writer_span(w, span_make(h->sid, BUS_SID));
	form_write_number(w, h->born, 8);
}

static void
set_sid(char to[BUS_SID + 1], struct span sid)
{
	memcpy(to, sid.p, BUS_SID);
	to[BUS_SID] = '\0';
}

bool
form_head_parse(struct span *rest, struct form_head *h)
{
	struct span magic, kind, sid;

	if (!form_bytes(rest, MAGIC_LEN, &magic) ||
	    !span_eq(magic, SPAN(MAGIC)) || !form_bytes(rest, 1, &kind) ||
	    !form_bytes(rest, BUS_SID, &sid) || !form_number(rest, 8, &h->born))
		return false;
	h->kind = (enum form_kind)(unsigned char)kind.p[0];
	set_sid(h->sid, sid);
	return h->kind == FORM_HI || h->kind == FORM_KEY ||
	       h->kind == FORM_DATA;
}

void
form_write_hi(struct writer *w, const struct form_hi *hi)
{
	form_write_number(w, hi->inc, 4);
	writer_span(w, span_make(hi->key, SEAL_KEY));
	form_write_number(w, hi->spki.n, 2);
	writer_span(w, hi->spki);
	form_write_number(w, hi->signature.n, 2);
	writer_span(w, hi->signature);
}

bool
form_hi_parse(struct span rest, struct form_hi *hi)
{
	struct span key;
	uint64_t inc, n, m;

	if (!form_number(&rest, 4, &inc) ||
	    !form_bytes(&rest, SEAL_KEY, &key) || !form_number(&rest, 2, &n) ||
	    n > BUS_SPKI_MAX || !form_bytes(&rest, (size_t)n, &hi->spki) ||
	    !form_number(&rest, 2, &m) || m > BUS_SIGNATURE_MAX ||
	    !form_bytes(&rest, (size_t)m, &hi->signature))
		return false;
	hi->inc = (uint32_t)inc;
	memcpy(hi->key, key.p, SEAL_KEY);
	return inc > 0 && rest.n == 0;
}

void
form_write_record(struct writer *w, const struct form_record *r)
{
	writer_span(w, span_make(r->sid, BUS_SID));
	writer_char(w, (char)(unsigned char)r->flags);
	form_write_short(w, r->stream);
	form_write_short(w, r->got);
	form_write_short(w, r->room);
	if ((r->flags & FORM_HOLE) != 0)
		form_write_short(w, r->miss);
	if ((r->flags & FORM_FIN) != 0)
		form_write_short(w, r->end);
}

bool
form_record_parse(struct span *rest, struct form_record *r)
{
	struct span sid, flags;
	uint64_t stream;

	*r = (struct form_record){ 0 };
	if (!form_bytes(rest, BUS_SID, &sid) || !form_bytes(rest, 1, &flags))
		return false;
	set_sid(r->sid, sid);
	r->flags = (unsigned char)flags.p[0];
	if (!form_short(rest, &stream) || stream > UINT32_MAX ||
	    !form_short(rest, &r->got) || !form_short(rest, &r->room))
		return false;
	r->stream = (uint32_t)stream;
	if ((r->flags & FORM_HOLE) != 0 && !form_short(rest, &r->miss))
		return false;
	return (r->flags & FORM_FIN) == 0 || form_short(rest, &r->end);
}

bool
form_place_parse(struct span *rest, uint64_t *index, uint64_t *place)
{
	return form_short(rest, index) && form_short(rest, place);
}

bool
form_part_parse(struct span *rest, size_t nreceivers, struct form_part *part)
{
	struct span from;
	uint64_t n, index, place;

	if (!form_short(rest, &n) || n == 0 || n > nreceivers)
		return false;
	part->nplaces = (size_t)n;
	from = *rest;
	for (uint64_t i = 0; i < n; i++)
		if (!form_place_parse(rest, &index, &place) ||
		    index >= nreceivers)
			return false;
	part->places = span_head(from, from.n - rest->n);
	return form_short(rest, &n) && n > 0 && n <= BUS_DATAGRAM_MAX &&
	       form_bytes(rest, (size_t)n, &part->bytes);
}

bool
form_data_parse(struct span text, struct form_data *d)
{
	struct span rest = text, from;
	struct form_record r;
	struct form_part part;
	uint64_t n;

	if (!form_short(&rest, &n) || n == 0 || n > BUS_MEMBERS ||
	    rest.n < n * FORM_MAC)
		return false;
	d->nreceivers = (size_t)n;
	d->signed_ = span_head(text, text.n - (size_t)n * FORM_MAC);
	d->macs = span_tail(text, d->signed_.n);
	rest = span_head(rest, rest.n - d->macs.n);
	from = rest;
	for (uint64_t i = 0; i < n; i++)
		if (!form_record_parse(&rest, &r))
			return false;
	d->records = span_head(from, from.n - rest.n);
	d->parts = rest;
	while (rest.n > 0)
		if (!form_part_parse(&rest, d->nreceivers, &part))
			return false;
	return true;
}
