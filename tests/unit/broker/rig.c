#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/signer.h"
#include "unit/broker/check_broker.h"

#define START_MS INT64_C(1700000000000)

static struct mono
now(const struct rig *r)
{
	return (struct mono){ r->ms * NS_PER_MS };
}

static void
sid_of(char sid[4], unsigned i)
{
	memcpy(sid, "001", 4);
	sid[2] = (char)('1' + i);
}

unsigned
rig_slot(const struct rig *r, unsigned i, unsigned other)
{
	char sid[4];

	sid_of(sid, other);
	return bus_slot(r->bus[i], span_of(sid));
}

/* Return the server that has that slot. */
static unsigned
server_of(const struct rig *r, unsigned i, unsigned slot)
{
	return (unsigned)(bus_sid(r->bus[i], slot).p[2] - '1');
}

void
rig_start(struct rig *r, unsigned i, uint32_t inc)
{
	struct bus_member m[RIG_MAX];
	char sid[RIG_MAX][4];
	struct bus_settings set = { .inc = inc,
		.network = SPAN("Example"),
		.prefix = SPAN("test"),
		.seed = r->seed,
		.wall.ms = START_MS + r->ms,
		.datagram_max = r->datagram_max,
		.signer = signer_of(r->pin[i]) };
	size_t n = 0;

	bus_free(r->bus[i]);
	rng_bytes(&r->rng, r->seed, sizeof(r->seed));
	for (unsigned k = 0; k < r->n; k++) {
		sid_of(sid[k], k);
		r->link[i][k].open = false;
		if (k == i)
			continue;
		m[n].sid = span_of(sid[k]);
		memcpy(m[n++].pin, r->pin[k], BUS_PIN);
	}
	set.sid = span_of(sid[i]);
	r->bus[i] = bus_new(&set, now(r));
	ck_assert_ptr_nonnull(r->bus[i]);
	bus_members(r->bus[i], m, n, now(r));
	bus_broker(r->bus[i], true, now(r));
}

struct rig *
rig_new(unsigned n, uint64_t seed)
{
	struct rig *r = mem_zalloc(sizeof(*r));

	r->n = n;
	rng_seed(&r->rng, seed);
	for (unsigned i = 0; i < n; i++)
		rng_bytes(&r->rng, r->pin[i], BUS_PIN);
	for (unsigned i = 0; i < n; i++)
		rig_start(r, i, 1);
	return r;
}

void
rig_free(struct rig *r)
{
	for (unsigned i = 0; i < r->n; i++) {
		bus_free(r->bus[i]);
		for (unsigned k = 0; k < r->n; k++)
			free(r->link[i][k].text);
	}
	for (size_t k = 0; k < r->npipe; k++)
		free(r->pipe[k].p);
	for (size_t k = 0; k < r->nold; k++)
		free(r->old[k].p);
	free(r);
}

uint64_t
rig_dropped(const struct rig *r, unsigned i, enum bus_drop why)
{
	return bus_counts(r->bus[i])->dropped[why];
}

/* ---- events -------------------------------------------------------------- */

static void
add_line(struct rig_link *l, struct span line)
{
	l->text = mem_realloc(l->text, l->n + line.n + 1);
	if (line.n > 0)
		memcpy(l->text + l->n, line.p, line.n);
	l->n += line.n;
	l->text[l->n++] = '\n';
}

static void
on_event(struct rig *r, unsigned i, const struct bus_event *ev)
{
	struct rig_link *l = &r->link[i][server_of(r, i, ev->slot)];

	switch (ev->kind) {
	case BUS_OPENED:
		ck_assert(!l->open);
		l->open = true;
		l->dialled = ev->dialled;
		l->opened++;
		break;
	case BUS_CLOSED:
		ck_assert(l->open);
		l->open = false;
		l->closed++;
		break;
	case BUS_LINE:
		ck_assert(l->open && !ev->bad && !ev->too_long);
		add_line(l, ev->line);
		l->also = 0;
		for (size_t k = 0; k < ev->nalso; k++)
			l->also |= 1u << server_of(r, i, ev->also[k]);
		break;
	case BUS_TAKEN:
		l->taken += ev->taken;
		break;
	case BUS_DIAL_FAILED:
		l->failed++;
		break;
	}
}

static void
put(struct rig *r, const struct rig_datagram *d)
{
	struct rig_datagram *to;

	ck_assert_uint_lt(r->npipe, RIG_PIPE);
	to = &r->pipe[r->npipe++];
	*to = *d;
	to->p = mem_alloc(d->n);
	memcpy(to->p, d->p, d->n);
	to->at = r->ms + 1;
	if (rng_below(&r->rng, 100) < r->delays)
		to->at += 1 + (int64_t)rng_below(&r->rng, 200);
}

static void
publish(struct rig *r, unsigned i, const struct bus_datagram *out)
{
	struct rig_datagram d = { .from = i,
		.to =
		    out->slot == BUS_ALL ? RIG_MAX : server_of(r, i, out->slot),
		.n = out->bytes.n,
		.p = (char *)(uintptr_t)out->bytes.p };

	ck_assert_uint_le(d.n,
	    r->datagram_max > 0 ? r->datagram_max : BUS_DATAGRAM_MAX);
	r->published[i]++;
	if (r->keeps && r->nold < RIG_PIPE) {
		r->old[r->nold] = d;
		r->old[r->nold].p = mem_alloc(d.n);
		memcpy(r->old[r->nold++].p, d.p, d.n);
	}
	if (rng_below(&r->rng, 100) < r->drops)
		return;
	put(r, &d);
	if (rng_below(&r->rng, 100) < r->doubles)
		put(r, &d);
}

static void
turn(struct rig *r, unsigned i)
{
	struct bus_event ev;
	struct bus_datagram out;
	const char *why;

	while (bus_next(r->bus[i], &ev))
		on_event(r, i, &ev);
	while (bus_datagram(r->bus[i], now(r), &out))
		publish(r, i, &out);
	why = bus_check(r->bus[i]);
	ck_assert_msg(why == NULL, "%s", why);
}

void
rig_give(struct rig *r, unsigned to, struct span s)
{
	bus_heard(r->bus[to], s, now(r));
	turn(r, to);
}

static void
deliver(struct rig *r, struct rig_datagram *d)
{
	for (unsigned i = 0; i < r->n; i++)
		if ((d->to == RIG_MAX || d->to == i) && (r->deaf >> i & 1) == 0)
			rig_give(r, i, span_make(d->p, d->n));
	free(d->p);
}

void
rig_run(struct rig *r, int64_t ms)
{
	for (int64_t until = r->ms + ms; r->ms < until; r->ms++) {
		for (size_t k = 0; k < r->npipe; k++) {
			struct rig_datagram d = r->pipe[k];

			if (d.at > r->ms)
				continue;
			r->pipe[k--] = r->pipe[--r->npipe];
			deliver(r, &d);
		}
		for (unsigned i = 0; i < r->n; i++)
			if (mono_cmp(bus_deadline(r->bus[i]), now(r)) <= 0) {
				bus_tick(r->bus[i], now(r));
				turn(r, i);
			}
	}
}

/* ---- what tests do ------------------------------------------------------- */

void
rig_dial_all(struct rig *r)
{
	for (unsigned i = 0; i < r->n; i++)
		for (unsigned k = i + 1; k < r->n; k++)
			ck_assert(bus_dial(r->bus[i], rig_slot(r, i, k),
			    ++r->dials, now(r)));
}

struct rig *
rig_linked(unsigned n, uint64_t seed)
{
	struct rig *r = rig_new(n, seed);

	rig_dial_all(r);
	rig_run(r, 3000);
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < n; k++) {
			ck_assert(i == k || r->link[i][k].open);
			ck_assert(r->link[i][k].dialled == (i < k));
		}
	return r;
}

void
rig_send(struct rig *r, unsigned i, uint32_t to, const char *text)
{
	struct rcbuf *buf = rcbuf_new(span_of(text));

	for (unsigned k = 0; k < r->n; k++)
		if ((to >> k & 1) != 0)
			bus_send(r->bus[i], rig_slot(r, i, k), buf);
	rcbuf_unref(buf);
	turn(r, i);
}

void
rig_expect(struct rig *r, unsigned i, unsigned other, const char *text)
{
	struct rig_link *l = &r->link[i][other];

	ck_assert_uint_eq(l->n, strlen(text));
	ck_assert(memcmp(l->text != NULL ? l->text : "", text, l->n) == 0);
	l->n = 0;
}
