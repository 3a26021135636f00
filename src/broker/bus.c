/*
 * A bus holds one pair for each member: its keys, and the link with it. hear.c
 * takes datagrams apart, say.c makes them; this file has what lies between
 * them, and the interface.
 *
 * Keys. A bus makes three secrets from its seed: one of X25519, whose public
 * key it signs; and a key of its own, with which it seals what it publishes. It
 * gives that key to each member under the keys of their pair. A bus signs once
 * and not for each member: the keys of a pair come from both public keys, so
 * nobody can make use of what another one has signed. Public keys are ordered
 * by the inc of the server and the time at which they were made. A member
 * forgets an older one.
 *
 * A link is a stream of bytes in each direction (outq.h, inbox.h), under a
 * number that the dialler counts up. All times here are retries: nothing ends a
 * link because of time but the node itself.
 *
 * Rejected: one stream for all members, with numbers of datagrams. A member
 * that is slow, or lacks one datagram, would hold all others up.
 */
#include "broker/bus.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "broker/state.h"

#define PER_KEY (UINT64_C(1) << 40)

/* ---- small things -------------------------------------------------------- */

bool
seen_add(struct seen *s, uint64_t counter)
{
	uint64_t bit = UINT64_C(1) << counter % 64;
	uint64_t *word = &s->bits[counter / 64 % (SEEN / 64)];

	if (counter == 0 || counter + SEEN - 64 <= s->top)
		return false;
	/* words that come into the window are those of older counters */
	for (uint64_t i = s->top / 64 + 1, n = 0;
	     i <= counter / 64 && n < SEEN / 64; i++, n++)
		s->bits[(counter / 64 - n) % (SEEN / 64)] = 0;
	if (counter > s->top)
		s->top = counter;
	else if ((*word & bit) != 0)
		return false;
	*word |= bit;
	return true;
}

uint64_t
bus_mac(const unsigned char key[SIPHASH_KEY],
    const unsigned char hash[SEAL_KEY], uint64_t round)
{
	char text[SEAL_KEY + 8];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_span(&w, span_make(hash, SEAL_KEY));
	form_write_number(&w, round, 8);
	return siphash(key, writer_done(&w));
}

void
bus_stir(struct bus *b, struct pair *p)
{
	if (p->queued)
		return;
	p->queued = true;
	b->ready[(b->first + b->nready++) % BUS_MEMBERS] =
	    (uint16_t)(p - b->pair);
}

void
bus_report(struct pair *p, struct mono at)
{
	p->report_at = mono_min(p->report_at, at);
}

static struct pair *
pair_of(const struct bus *b, unsigned slot)
{
	if (slot >= b->npair || !b->pair[slot].used)
		return NULL;
	return &b->pair[slot];
}

static unsigned
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + 10 : SIDS;
}

/* Return the place of a sid in slot_of, or SIDS if it is none. */
static unsigned
place_of(struct span sid)
{
	unsigned a, b, c;

	if (sid.n != BUS_SID)
		return SIDS;
	a = digit(sid.p[0]);
	b = digit(sid.p[1]);
	c = digit(sid.p[2]);
	return a > 9 || b > 35 || c > 35 ? SIDS : (a * 36 + b) * 36 + c;
}

unsigned
bus_slot(const struct bus *b, struct span sid)
{
	unsigned place = place_of(sid);

	return place == SIDS ? BUS_NO_SLOT : b->slot_of[place];
}

struct span
bus_sid(const struct bus *b, unsigned slot)
{
	const struct pair *p = pair_of(b, slot);

	return p == NULL ? SPAN_NONE : span_make(p->sid, BUS_SID);
}

const unsigned char *
bus_pin(const struct bus *b, unsigned slot)
{
	const struct pair *p = pair_of(b, slot);

	return p == NULL ? NULL : p->pin;
}

void
bus_subject(const struct bus *b, unsigned slot, struct writer *w)
{
	writer_str(w, b->prefix);
	writer_char(w, '.');
	writer_span(w, slot == BUS_ALL ? SPAN("all") : bus_sid(b, slot));
}

void
bus_own(const struct bus *b, struct writer *w)
{
	writer_str(w, b->prefix);
	writer_char(w, '.');
	writer_str(w, b->sid);
}

bool
bus_dials(const struct bus *b, struct span sid)
{
	return span_cmp(span_make(b->sid, BUS_SID), sid) < 0;
}

bool
bus_is_present(const struct bus *b, unsigned slot)
{
	const struct pair *p = pair_of(b, slot);

	return p != NULL && pair_is_ready(p);
}

const struct bus_counts *
bus_counts(const struct bus *b)
{
	return &b->counts;
}

const char *
bus_drop_name(enum bus_drop drop)
{
	switch (drop) {
	case BUS_DROP_FORM:
		return "form";
	case BUS_DROP_STRANGER:
		return "stranger";
	case BUS_DROP_OLD:
		return "old";
	case BUS_DROP_FORGED:
		return "forged";
	case BUS_DROP_AGAIN:
		return "again";
	case BUS_DROP_EARLY:
		return "early";
	case BUS_DROP_COUNT:
		break;
	}
	return "";
}

/* ---- the life of a link -------------------------------------------------- */

static void
clear_stream(struct pair *p)
{
	outq_fini(&p->out);
	p->out.limit = WINDOW;
	inbox_fini(&p->in);
	p->hold = p->fin = p->tell_open = false;
	p->taken = 0;
	p->reported = 0;
	p->again_at = MONO_NEVER;
	p->again_ms = AGAIN_MS;
	p->again_from = p->again_to = 0;
}

void
bus_end(struct bus *b, struct pair *p, const char *reason)
{
	bool told = p->open;

	if (p->state == STREAM_NONE)
		return;
	if (p->state == STREAM_OPENING) {
		p->failed = p->dial;
		p->dial = 0;
	}
	b->counts.closed++;
	clear_stream(p);
	p->state = STREAM_NONE;
	p->open = false;
	bus_report(p, b->now);
	if (told)
		p->closed = reason;
	if (told || p->failed != 0)
		bus_stir(b, p);
}

void
bus_begin(struct bus *b, struct pair *p, uint32_t stream, bool dialled)
{
	clear_stream(p);
	p->stream = stream;
	p->dialled = dialled;
	p->state = dialled ? STREAM_OPENING : STREAM_OPEN;
	p->tell_open = !dialled;
	bus_report(p, b->now);
	if (dialled)
		return;
	b->counts.opened++;
	bus_stir(b, p);
}

void
bus_begin_dial(struct bus *b, struct pair *p)
{
	if (p->dial == 0 || !pair_is_ready(p))
		return;
	if (p->state == STREAM_NONE)
		bus_begin(b, p, p->stream + 1, true);
	else if (p->state == STREAM_OPENING && mono_is_never(p->report_at))
		bus_report(p, b->now);
}

bool
bus_dial(struct bus *b, unsigned slot, uint64_t dial, struct mono now)
{
	struct pair *p = pair_of(b, slot);

	b->now = now;
	if (p == NULL || !bus_dials(b, bus_sid(b, slot)) || dial == 0)
		return false;
	if (p->state == STREAM_CLOSING || p->state == STREAM_OPENING) {
		clear_stream(p); /* the new link ends it at the peer */
		p->state = STREAM_NONE;
	}
	p->dial = dial;
	bus_begin_dial(b, p);
	return true;
}

void
bus_send(struct bus *b, unsigned slot, struct rcbuf *buf)
{
	struct pair *p = pair_of(b, slot);

	if (p == NULL || p->state != STREAM_OPEN || !p->open)
		return;
	if (p->out.end - p->out.got + buf->n > QUEUE_MAX) {
		bus_end(b, p, "too much is unsent");
		return;
	}
	outq_add(&p->out, buf);
}

void
bus_close(struct bus *b, unsigned slot, struct mono now)
{
	struct pair *p = pair_of(b, slot);

	b->now = now;
	if (p == NULL)
		return;
	p->closed = NULL;
	if (p->state != STREAM_OPEN || !p->open)
		return;
	p->open = false;
	p->taken = 0;
	inbox_fini(&p->in);
	p->state = STREAM_CLOSING;
	p->linger = mono_add_ms(now, LINGER_MS);
	bus_report(p, now);
}

void
bus_hold(struct bus *b, unsigned slot, bool on)
{
	struct pair *p = pair_of(b, slot);

	if (p == NULL || p->hold == on)
		return;
	p->hold = on;
	if (!on)
		bus_stir(b, p);
}

/* ---- events -------------------------------------------------------------- */

/* The members with an open link, as the event tells them. */
static void
tell_also(struct bus *b, const struct pair *p, const struct slots *also,
    struct bus_event *ev)
{
	for (unsigned i = 0; i < b->npair; i++)
		if (slots_has(also, i) && &b->pair[i] != p && b->pair[i].open)
			b->also[ev->nalso++] = (uint16_t)i;
	ev->also = b->also;
}

static bool
next_line(struct bus *b, struct pair *p, struct bus_event *ev)
{
	uint64_t before = p->in.taken;
	enum frame_result r;
	struct slots also;

	if (!p->open || p->hold)
		return false;
	r = inbox_line(&p->in, &ev->line, &also);
	if (p->in.taken != before)
		bus_report(p, mono_add_ms(b->now, REPORT_MS));
	if (r != FRAME_MORE) {
		ev->kind = BUS_LINE;
		ev->too_long = r == FRAME_LONG;
		ev->bad = r == FRAME_BAD;
		tell_also(b, p, &also, ev);
		return true;
	}
	if (p->fin && p->in.next == p->in_end)
		bus_end(b, p, "closed by the other side");
	return false;
}

/* Get the next event of a pair, in the order in which the node must hear
 * them. */
static bool
next_of(struct bus *b, struct pair *p, struct bus_event *ev)
{
	*ev = (struct bus_event){ .slot = (unsigned)(p - b->pair) };
	if (p->closed != NULL) {
		ev->kind = BUS_CLOSED;
		ev->reason = p->closed;
		p->closed = NULL;
		return true;
	}
	if (p->failed != 0) {
		ev->kind = BUS_DIAL_FAILED;
		ev->dial = p->failed;
		ev->reason = "the peer has ended the link";
		p->failed = 0;
		return true;
	}
	if (p->tell_open) {
		ev->kind = BUS_OPENED;
		ev->dialled = p->dialled;
		ev->dial = p->dialled ? p->dial : 0;
		p->dial = p->dialled ? 0 : p->dial;
		p->tell_open = false;
		p->open = true;
		return true;
	}
	if (p->taken > 0 && p->open) {
		ev->kind = BUS_TAKEN;
		ev->taken = p->taken;
		p->taken = 0;
		return true;
	}
	return next_line(b, p, ev);
}

bool
bus_next(struct bus *b, struct bus_event *ev)
{
	while (b->nready > 0) {
		struct pair *p = &b->pair[b->ready[b->first]];

		if (next_of(b, p, ev))
			return true;
		/* next_line() may have ended the link */
		if (p->closed != NULL)
			continue;
		p->queued = false;
		b->first = (b->first + 1) % BUS_MEMBERS;
		b->nready--;
	}
	return false;
}

/* ---- members ------------------------------------------------------------- */

static void
pair_init(struct pair *p)
{
	*p = (struct pair){ 0 };
	p->key_at = p->report_at = MONO_NEVER;
	p->heard = p->key_sent = p->verified = p->again_sent =
	    (struct mono){ INT64_MIN };
	outq_init(&p->out);
	inbox_init(&p->in);
	clear_stream(p);
}

static void
pair_drop(struct bus *b, struct pair *p, const char *reason)
{
	uint64_t dial = p->dial;

	bus_end(b, p, reason);
	if (dial != 0) {
		p->failed = dial;
		p->dial = 0;
		bus_stir(b, p);
	}
	seal_wipe(&p->keys, sizeof(p->keys));
	seal_wipe(p->group, sizeof(p->group));
	b->slot_of[place_of(span_make(p->sid, BUS_SID))] = BUS_NO_SLOT;
	p->used = p->known = p->theirs = p->ours = false;
	p->stream = 0;
	p->born = 0;
	p->inc = 0;
	p->report_at = p->key_at = MONO_NEVER;
}

static const struct bus_member *
member_of(const struct bus_member *m, size_t n, const struct pair *p)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(m[i].sid, span_make(p->sid, BUS_SID)) &&
		    memcmp(m[i].pin, p->pin, BUS_PIN) == 0)
			return &m[i];
	return NULL;
}

static void
pair_take(struct bus *b, const struct bus_member *m)
{
	struct pair *p;
	unsigned i = 0;

	while (i < b->npair && (b->pair[i].used || b->pair[i].queued))
		i++;
	if (i == BUS_MEMBERS)
		return;
	p = &b->pair[i];
	if (i == b->npair)
		b->npair++;
	pair_init(p);
	p->used = true;
	b->slot_of[place_of(m->sid)] = (uint16_t)i;
	memcpy(p->sid, m->sid.p, BUS_SID);
	memcpy(p->pin, m->pin, BUS_PIN);
	b->hi_at = b->now;
}

void
bus_members(struct bus *b, const struct bus_member *m, size_t n,
    struct mono now)
{
	b->now = now;
	for (unsigned i = 0; i < b->npair; i++)
		if (b->pair[i].used && member_of(m, n, &b->pair[i]) == NULL)
			pair_drop(b, &b->pair[i],
			    "the peer is not configured any more");
	for (size_t i = 0; i < n; i++)
		if (place_of(m[i].sid) != SIDS &&
		    !span_eq(m[i].sid, span_make(b->sid, BUS_SID)) &&
		    bus_slot(b, m[i].sid) == BUS_NO_SLOT)
			pair_take(b, &m[i]);
}

/* ---- keys, and the bus --------------------------------------------------- */

struct span
bus_signed(const struct bus *b, const struct form_head *head,
    const struct form_hi *hi, struct writer *w)
{
	writer_str(w, "banyan broker 1");
	writer_char(w, '\0');
	writer_str(w, b->network);
	writer_char(w, '\0');
	form_write_head(w, head);
	form_write_number(w, hi->inc, 4);
	writer_span(w, span_make(hi->key, SEAL_KEY));
	return writer_done(w);
}

bool
bus_renew(struct bus *b)
{
	struct form_head head = { .kind = FORM_HI };
	struct form_hi hi = { .inc = b->inc };
	struct writer w;

	b->born++;
	b->counter = 0;
	seal_derive(b->secret, b->seed, "x25519", b->born);
	seal_derive(b->group, b->seed, "group", b->born);
	seal_public(b->secret, b->public);
	memcpy(head.sid, b->sid, sizeof(head.sid));
	head.born = b->born;
	memcpy(hi.key, b->public, SEAL_KEY);
	writer_init(&w, b->scratch, sizeof(b->scratch));
	b->nsignature = b->signer.sign(b->signer.ctx,
	    bus_signed(b, &head, &hi, &w), b->signature);
	for (unsigned i = 0; i < b->npair; i++) {
		struct pair *p = &b->pair[i];

		bus_end(b, p, "the keys of this server are made anew");
		p->known = p->theirs = p->ours = false;
		p->expired = true;
		p->born = 0;
		p->stream = 0;
		p->key_at = p->report_at = MONO_NEVER;
	}
	b->hi_at = b->now;
	return b->nsignature > 0 && b->nsignature <= BUS_SIGNATURE_MAX;
}

static bool
fits(const struct bus_settings *s)
{
	return place_of(s->sid) != SIDS && s->inc > 0 &&
	       s->network.n <= BUS_WORD_MAX && s->prefix.n <= BUS_WORD_MAX &&
	       s->signer.spki.n <= BUS_SPKI_MAX && s->wall.ms > 0 &&
	       (s->datagram_max == 0 ||
		   (s->datagram_max >= BUS_DATAGRAM_MIN &&
		       s->datagram_max <= BUS_DATAGRAM_MAX));
}

struct bus *
bus_new(const struct bus_settings *s, struct mono now)
{
	struct bus *b;

	if (!fits(s))
		return NULL;
	b = mem_zalloc(sizeof(*b));
	b->pair = mem_array(NULL, BUS_MEMBERS, sizeof(*b->pair));
	memset(b->pair, 0, BUS_MEMBERS * sizeof(*b->pair));
	for (size_t i = 0; i < SIDS; i++)
		b->slot_of[i] = BUS_NO_SLOT;
	memcpy(b->sid, s->sid.p, BUS_SID);
	b->inc = s->inc;
	b->born = (uint64_t)s->wall.ms;
	if (s->network.n > 0)
		memcpy(b->network, s->network.p, s->network.n);
	if (s->prefix.n > 0)
		memcpy(b->prefix, s->prefix.p, s->prefix.n);
	memcpy(b->seed, s->seed, BUS_SEED);
	b->per_key = s->per_key > 0 ? s->per_key : PER_KEY;
	b->datagram_max =
	    s->datagram_max > 0 ? s->datagram_max : BUS_DATAGRAM_MAX;
	b->signer = s->signer;
	b->now = now;
	if (bus_renew(b))
		return b;
	bus_free(b);
	return NULL;
}

void
bus_free(struct bus *b)
{
	if (b == NULL)
		return;
	for (unsigned i = 0; i < b->npair; i++) {
		outq_fini(&b->pair[i].out);
		inbox_fini(&b->pair[i].in);
		seal_wipe(&b->pair[i].keys, sizeof(b->pair[i].keys));
		seal_wipe(b->pair[i].group, SEAL_KEY);
	}
	free(b->pair);
	seal_wipe(b->seed, sizeof(b->seed));
	seal_wipe(b->secret, sizeof(b->secret));
	seal_wipe(b->group, sizeof(b->group));
	free(b);
}

void
bus_broker(struct bus *b, bool up, struct mono now)
{
	b->now = now;
	if (b->up == up)
		return;
	b->up = up;
	b->hi_at = now;
	for (unsigned i = 0; up && i < b->npair; i++) {
		struct pair *p = &b->pair[i];

		p->again_ms = AGAIN_MS;
		if (p->out.got < p->out.sent)
			p->again_at = mono_add_ms(now, AGAIN_MS);
	}
}

/* ---- time ---------------------------------------------------------------- */

static void
pair_tick(struct bus *b, struct pair *p)
{
	if (p->known && !p->expired &&
	    mono_sub_ms(b->now, p->heard) >= EXPIRY_MS) {
		p->expired = true;
		p->ours = p->theirs = false;
		p->key_at = b->now;
		b->hi_at = mono_min(b->hi_at, b->now);
	}
	if (p->state == STREAM_CLOSING && mono_cmp(p->linger, b->now) <= 0)
		bus_end(b, p, "");
	bus_begin_dial(b, p);
	if (b->up && mono_cmp(p->again_at, b->now) <= 0 &&
	    p->out.got < p->out.sent) {
		p->again_from = p->out.got;
		p->again_to = p->out.sent;
		if (p->again_to - p->again_from > b->datagram_max)
			p->again_to = p->again_from + b->datagram_max;
		p->again_ms = p->again_ms * 2 > AGAIN_MAX_MS ? AGAIN_MAX_MS
							     : p->again_ms * 2;
		p->again_at = mono_add_ms(b->now, p->again_ms);
	}
}

void
bus_tick(struct bus *b, struct mono now)
{
	b->now = now;
	for (unsigned i = 0; i < b->npair; i++)
		if (b->pair[i].used)
			pair_tick(b, &b->pair[i]);
}

struct mono
bus_deadline(const struct bus *b)
{
	struct mono at = MONO_NEVER;

	for (unsigned i = 0; i < b->npair; i++) {
		const struct pair *p = &b->pair[i];

		if (!p->used)
			continue;
		if (p->state == STREAM_CLOSING)
			at = mono_min(at, p->linger);
		if (p->known && !p->expired)
			at = mono_min(at, mono_add_ms(p->heard, EXPIRY_MS));
		if (!b->up)
			continue;
		at = mono_min(at, mono_min(p->key_at, p->report_at));
		if (p->out.got < p->out.sent)
			at = mono_min(at, p->again_at);
	}
	return b->up && b->npair > 0 ? mono_min(at, b->hi_at) : at;
}

/* ---- what must hold ------------------------------------------------------ */

static const char *
check_pair(const struct pair *p)
{
	const struct outq *q = &p->out;
	const struct inbox *in = &p->in;

	if (q->got > q->sent || q->sent > q->end)
		return "got <= sent <= end";
	if (q->sent - q->got > WINDOW)
		return "no more than a window is published and not got";
	if (q->n > 0 && q->v[q->head].at > q->got)
		return "bytes that the peer has not got are kept";
	if (in->next != in->taken + in->n && p->state != STREAM_CLOSING)
		return "the bytes in order are those from taken to next";
	if (in->next + inbox_missing(in) > in->taken + INBOX_MAX)
		return "no more than a window is kept";
	if (in->npiece > INBOX_PIECES || in->nrun > INBOX_RUNS)
		return "pieces and runs are bounded";
	if (p->open && p->state != STREAM_OPEN)
		return "only an open link is known to the caller";
	return NULL;
}

const char *
bus_check(const struct bus *b)
{
	const char *why = NULL;

	for (unsigned i = 0; i < b->npair && why == NULL; i++)
		why = check_pair(&b->pair[i]);
	return why;
}
