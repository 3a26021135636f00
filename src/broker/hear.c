/*
 * Datagrams that come. The broker is a stranger: it may make any bytes, change
 * datagrams, keep them for years, and give them to anybody. A datagram with a
 * right seal and mac comes from the member itself; another member may lie only
 * about its own links.
 *
 * The order of the checks is that of their price, except that nothing is noted
 * before it is proved.
 */
#include <string.h>

#include "broker/state.h"

static void
drop(struct bus *b, enum bus_drop why)
{
	b->counts.dropped[why]++;
}

/* ---- public keys --------------------------------------------------------- */

/* Return <0, 0 or >0 if the keys are older than those that are known, the same,
 * or newer. */
static int
age(const struct pair *p, uint32_t inc, uint64_t born)
{
	if (inc != p->inc)
		return inc < p->inc ? -1 : 1;
	return (born > p->born) - (born < p->born);
}

static void
write_side(struct writer *w, const char *sid, uint64_t born,
    const unsigned char *key)
{
	writer_str(w, sid);
	form_write_number(w, born, 8);
	writer_span(w, span_make(key, SEAL_KEY));
}

/* Make the keys of the pair. Both sides write the same text about the two. */
static bool
agree(struct bus *b, struct pair *p)
{
	bool lesser = strcmp(b->sid, p->sid) < 0;
	char text[256];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, "banyan broker 1 pair ");
	if (lesser)
		write_side(&w, b->sid, b->born, b->public);
	write_side(&w, p->sid, p->born, p->public);
	if (!lesser)
		write_side(&w, b->sid, b->born, b->public);
	writer_str(&w, b->network);
	return seal_agree(&p->keys, b->secret, p->public, writer_done(&w),
	    lesser);
}

/* Take the public key of a new run of the peer, or of its new bus. */
static void
take_hi(struct bus *b, struct pair *p, const struct form_head *head,
    const struct form_hi *hi)
{
	bus_end(b, p, "the peer has begun anew");
	p->theirs = p->ours = p->expired = false;
	p->inc = hi->inc;
	p->born = head->born;
	memcpy(p->public, hi->key, SEAL_KEY);
	p->stream = 0;
	p->seen = (struct seen){ 0 };
	p->round_in = ++b->rounds;
	p->round_out = 0;
	p->heard = b->now;
	p->report_at = MONO_NEVER;
	p->known = agree(b, p);
	if (!p->known) {
		drop(b, BUS_DROP_FORGED);
		return;
	}
	p->key_at = b->now;
	/* the peer may be new, and lack ours */
	b->hi_at = mono_min(b->hi_at, mono_add_ms(b->now, HI_SOON_MS));
}

static void
hear_hi(struct bus *b, struct pair *p, const struct form_head *head,
    struct span rest)
{
	struct form_hi hi;
	struct writer w;
	int is;

	if (!form_hi_parse(rest, &hi)) {
		drop(b, BUS_DROP_FORM);
		return;
	}
	is = p->known ? age(p, hi.inc, head->born) : 1;
	if (is == 0 && memcmp(hi.key, p->public, SEAL_KEY) == 0) {
		p->heard = b->now;
		p->expired = false;
		return;
	}
	if (is < 0 && !p->expired) {
		drop(b, BUS_DROP_OLD);
		return;
	}
	if (is == 0 || mono_sub_ms(b->now, p->verified) < VERIFY_MS) {
		drop(b, is == 0 ? BUS_DROP_FORGED : BUS_DROP_EARLY);
		return;
	}
	p->verified = b->now;
	writer_init(&w, b->parts, sizeof(b->parts));
	if (b->signer.verify(b->signer.ctx, p->pin, hi.spki,
		bus_signed(b, head, &hi, &w), hi.signature))
		take_hi(b, p, head, &hi);
	else
		drop(b, BUS_DROP_FORGED);
}

/* ---- the key of a member ------------------------------------------------- */

static bool
is_for_us(struct bus *b, struct span *rest)
{
	struct span sid;
	uint64_t born;

	if (!form_bytes(rest, BUS_SID, &sid) || !form_number(rest, 8, &born)) {
		drop(b, BUS_DROP_FORM);
		return false;
	}
	if (!span_eq(sid, span_of(b->sid))) {
		drop(b, BUS_DROP_STRANGER);
		return false;
	}
	if (born != b->born) {
		drop(b, BUS_DROP_OLD);
		return false;
	}
	return true;
}

static void
take_key(struct bus *b, struct pair *p, const unsigned char *key)
{
	struct span rest = span_make(key + SEAL_KEY, FORM_KEY_TEXT - SEAL_KEY);
	bool first = !p->theirs;
	uint64_t flags, round;

	if (!form_number(&rest, 1, &flags) || !form_number(&rest, 8, &round))
		return;

	if (!first && memcmp(p->group, key, SEAL_KEY) != 0) {
		drop(b, BUS_DROP_FORGED);
		return;
	}
	/* one that comes again, and late, says an earlier round */
	if (round < p->round_out) {
		drop(b, BUS_DROP_OLD);
		return;
	}
	p->round_out = round;
	p->heard = b->now;
	p->theirs = true;
	p->ours = p->ours || (flags & FORM_HAS) != 0;
	memcpy(p->group, key, SEAL_KEY);
	if (first || (flags & FORM_SURE) == 0)
		p->key_at =
		    first ? b->now : mono_add_ms(p->key_sent, KEY_SOON_MS);
	bus_begin_dial(b, p);
}

static void
hear_key(struct bus *b, struct pair *p, const struct form_head *head,
    struct span datagram)
{
	struct span rest = span_tail(datagram, FORM_HEAD);
	const size_t n = FORM_KEY_TEXT + SEAL_TAG;
	unsigned char text[FORM_KEY_TEXT + SEAL_TAG];
	uint64_t counter;

	if (!is_for_us(b, &rest))
		return;
	if (!form_number(&rest, 8, &counter) || rest.n != n)
		drop(b, BUS_DROP_FORM);
	else if (!p->known)
		drop(b, BUS_DROP_EARLY);
	else if (head->born != p->born)
		drop(b, BUS_DROP_OLD);
	else {
		memcpy(text, rest.p, n);
		if (seal_open(text, n, span_head(datagram, FORM_KEY_HEAD),
			counter, p->keys.in))
			take_key(b, p, text);
		else
			drop(b, BUS_DROP_FORGED);
		seal_wipe(text, sizeof(text));
	}
}

/* ---- what links are sent ------------------------------------------------- */

/* Return the index of the record about this server, or nreceivers. The slots of
 * all receivers are left in b->also. */
static size_t
find_us(struct bus *b, const struct form_data *d, struct form_record *ours)
{
	struct span rest = d->records;
	size_t at = d->nreceivers;
	struct form_record r;

	for (size_t i = 0; i < d->nreceivers; i++) {
		if (!form_record_parse(&rest, &r))
			return d->nreceivers;
		b->also[i] = (uint16_t)bus_slot(b, span_make(r.sid, BUS_SID));
		if (strcmp(r.sid, b->sid) != 0)
			continue;
		at = i;
		*ours = r;
	}
	return at;
}

static bool
has_mac(const struct pair *p, const struct form_data *d, size_t index,
    struct span text)
{
	struct span mac = span_tail(d->macs, index * FORM_MAC);
	unsigned char hash[SEAL_KEY];
	uint64_t said;

	seal_hash(hash, text);
	return form_number(&mac, FORM_MAC, &said) &&
	       said == bus_mac(p->keys.mac_in, hash, p->round_in);
}

/* Publish again what the peer says it lacks. */
static void
take_hole(struct bus *b, struct pair *p, const struct form_record *r)
{
	if (r->got >= p->out.sent ||
	    mono_sub_ms(b->now, p->again_sent) < NACK_MS)
		return;
	p->again_from = r->got;
	p->again_to =
	    r->miss < p->out.sent - r->got ? r->got + r->miss : p->out.sent;
}

static void
take_ack(struct bus *b, struct pair *p, const struct form_record *r)
{
	uint64_t before = p->out.got;

	if (!outq_acked(&p->out, r->got, r->room))
		return;
	if (p->out.got > before) {
		p->again_ms = AGAIN_MS;
		p->again_at = mono_add_ms(b->now, AGAIN_MS);
	}
	if ((r->flags & FORM_HOLE) != 0)
		take_hole(b, p, r);
}

/* The peer has ended the link: when all has come, it is over. */
static void
take_fin(struct bus *b, struct pair *p, const struct form_record *r)
{
	if (p->state == STREAM_CLOSING) {
		if (p->out.got == p->out.end)
			bus_end(b, p, "");
		return;
	}
	p->fin = true;
	p->in_end = r->end;
	bus_stir(b, p);
}

/* Return true if the record is about the link that is open here. */
static bool
take_record(struct bus *b, struct pair *p, const struct form_record *r)
{
	bool opens = (r->flags & FORM_OPEN) != 0;

	if (r->stream == 0 || r->stream < p->stream)
		return false;
	if (r->stream > p->stream) {
		if (!opens || bus_dials(b, span_make(p->sid, BUS_SID)))
			return false;
		bus_end(b, p, "the peer has begun a new link");
		bus_begin(b, p, r->stream, false);
	}
	if ((r->flags & FORM_GONE) != 0) {
		bus_end(b, p, "closed by the other side");
		p->report_at = MONO_NEVER;
		return false;
	}
	if ((p->state == STREAM_NONE && opens) || (r->flags & FORM_ASK) != 0)
		bus_report(p, mono_add_ms(b->now, HOLE_MS));
	if (p->state == STREAM_NONE || !opens)
		return false;
	if (p->state == STREAM_OPENING) {
		p->state = STREAM_OPEN;
		p->tell_open = true;
		b->counts.opened++;
		bus_stir(b, p);
	}
	take_ack(b, p, r);
	if ((r->flags & FORM_FIN) != 0)
		take_fin(b, p, r);
	return p->state == STREAM_OPEN;
}

/* Add the bytes of a part that are for this server, if there are any. */
static void
take_part(struct bus *b, struct pair *p, const struct form_part *part,
    size_t us)
{
	struct span rest = part->places;
	struct slots also = { { 0 } };
	uint64_t index, place, at = UINT64_MAX;

	while (rest.n > 0 && form_place_parse(&rest, &index, &place))
		if (index == us)
			at = place;
		else if (b->also[index] < BUS_MEMBERS)
			slots_add(&also, b->also[index]);
	if (at != UINT64_MAX)
		inbox_add(&p->in, at, part->bytes, &also);
}

static void
take_parts(struct bus *b, struct pair *p, const struct form_data *d, size_t us)
{
	struct span rest = d->parts;
	uint64_t before = p->in.next;
	struct form_part part;

	while (rest.n > 0 && form_part_parse(&rest, d->nreceivers, &part))
		take_part(b, p, &part, us);
	if (p->in.next > before)
		bus_stir(b, p);
	if (d->parts.n == 0)
		return;
	/* also if it was here already: the peer does not know that */
	bus_report(p,
	    mono_add_ms(b->now, p->in.next - p->reported > WINDOW / 4 ? 0
				: inbox_missing(&p->in) > 0	      ? HOLE_MS
							    : REPORT_MS));
}

/* Open the datagram, which is in b->scratch, in place. */
static bool
open_data(struct bus *b, const struct pair *p, size_t n, uint64_t counter)
{
	return seal_open((unsigned char *)b->scratch + FORM_DATA_HEAD,
	    n - FORM_DATA_HEAD, span_make(b->scratch, FORM_DATA_HEAD), counter,
	    p->group);
}

static void
take_data(struct bus *b, struct pair *p, size_t n, uint64_t counter)
{
	struct span text = span_make(b->scratch + FORM_DATA_HEAD,
	    n - FORM_DATA_HEAD - SEAL_TAG);
	struct form_record record = { .flags = 0 };
	struct form_data d;
	size_t us;

	if (!form_data_parse(text, &d)) {
		drop(b, BUS_DROP_FORM);
		return;
	}
	us = find_us(b, &d, &record);
	if (us == d.nreceivers)
		return; /* it is for others */
	if (!has_mac(p, &d, us,
		span_make(b->scratch, FORM_DATA_HEAD + d.signed_.n))) {
		drop(b, BUS_DROP_FORGED);
		return;
	}
	(void)seen_add(&p->seen, counter);
	p->heard = b->now;
	p->ours = true; /* it says something to members that it knows only */
	if (take_record(b, p, &record))
		take_parts(b, p, &d, us);
	bus_begin_dial(b, p);
}

static void
hear_data(struct bus *b, struct pair *p, const struct form_head *head,
    struct span datagram)
{
	struct span rest = span_tail(datagram, FORM_HEAD);
	struct seen seen = p->seen;
	uint64_t counter;

	if (!form_number(&rest, 8, &counter) || rest.n < SEAL_TAG)
		drop(b, BUS_DROP_FORM);
	else if (!p->known || !p->theirs)
		drop(b, BUS_DROP_EARLY);
	else if (head->born != p->born)
		drop(b, BUS_DROP_OLD);
	else if (!seen_add(&seen, counter))
		drop(b, BUS_DROP_AGAIN);
	else {
		memcpy(b->scratch, datagram.p, datagram.n);
		if (open_data(b, p, datagram.n, counter))
			take_data(b, p, datagram.n, counter);
		else
			drop(b, BUS_DROP_FORGED);
	}
}

void
bus_heard(struct bus *b, struct span datagram, struct mono now)
{
	struct span rest = datagram;
	struct form_head head;
	unsigned slot;

	b->now = now;
	b->counts.heard++;
	b->counts.heard_bytes += datagram.n;
	if (datagram.n > BUS_DATAGRAM_MAX || !form_head_parse(&rest, &head)) {
		drop(b, BUS_DROP_FORM);
		return;
	}
	if (strcmp(head.sid, b->sid) == 0)
		return; /* brokers give us what we publish */
	slot = bus_slot(b, span_make(head.sid, BUS_SID));
	if (slot == BUS_NO_SLOT)
		drop(b, BUS_DROP_STRANGER);
	else if (head.kind == FORM_HI)
		hear_hi(b, &b->pair[slot], &head, rest);
	else if (head.kind == FORM_KEY)
		hear_key(b, &b->pair[slot], &head, datagram);
	else
		hear_data(b, &b->pair[slot], &head, datagram);
}
