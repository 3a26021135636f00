/*
 * A link through a broker has an endpoint as any other, without a stream. The
 * node may dial before the configuration has reached the bus, and no event may
 * come inside of a step. So dials wait for the end of the turn.
 */
#include "daemon/broker_state.h"

#include <sys/random.h>

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "daemon/endpoint.h"
#include "daemon/pump.h"

#define UNSENT_FEW ((size_t)1024 * 1024) /* the bus makes no more above this */
#define DRAIN_MS 20			 /* until it is looked at again */
#define EVENTS_PER_TURN \
	1024	      /* of one bus; then other connections have a turn */
#define TELL_MS 60000 /* between two lines about datagrams that were dropped */

/* ---- keys ------------------------------------------------------------- */

/* The context is that of the configuration which is in use. */
static size_t
sign(void *ctx, struct span text, unsigned char *out)
{
	const struct broker *b = ctx;

	return tls_ctx_sign(b->brokers->banyand->tls.link_accept, text, out,
	    BUS_SIGNATURE_MAX);
}

static bool
verify(void *ctx, const unsigned char pin[BUS_PIN], struct span spki,
    struct span text, struct span signature)
{
	(void)ctx;
	return tls_signed(pin, spki, text, signature);
}

bool
broker_has_new_key(const struct broker *b)
{
	const struct tls_ctx *tls = b->brokers->banyand->tls.link_accept;
	unsigned char spki[BUS_SPKI_MAX];
	size_t n = tls_ctx_spki(tls, spki, sizeof(spki));

	return n != b->nspki || memcmp(spki, b->spki, n) != 0;
}

/* ---- the bus ------------------------------------------------------------ */

static void
find_members(struct broker *b, struct bus_member *v, size_t *n)
{
	const struct settings *s = &b->brokers->banyand->conf->settings;
	const struct peer_settings *p;

	*n = 0;
	for (size_t i = 0; i < s->npeer; i++) {
		p = &s->peer[i];
		if (!span_eq(p->broker, span_of(b->url)) || *n == BUS_MEMBERS)
			continue;
		v[*n].sid = sid_span(&p->sid);
		memcpy(v[*n].pin, p->pin, sizeof(v[*n].pin));
		++*n;
	}
}

void
broker_set_members(struct broker *b)
{
	struct bus_member *v = mem_array(NULL, BUS_MEMBERS, sizeof(*v));
	size_t n;

	find_members(b, v, &n);
	bus_members(b->bus, v, n, broker_now(b));
	free(v);
	broker_touch(b);
}

void
broker_make_bus(struct broker *b)
{
	const struct banyand *bd = b->brokers->banyand;
	const struct settings *set = &bd->conf->settings;
	unsigned char seed[BUS_SEED];
	struct bus_settings s = { .sid = sid_span(&set->sid),
		.inc = bd->state.inc,
		.network = set->network,
		.prefix = SPAN("banyan"),
		.seed = seed,
		.wall = loop_wall(bd->loop),
		.datagram_max = b->datagram_max,
		.signer = { .ctx = b, .sign = sign, .verify = verify } };

	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		abort();
	b->nspki = tls_ctx_spki(bd->tls.link_accept, b->spki, sizeof(b->spki));
	s.signer.spki = span_make((const char *)b->spki, b->nspki);
	b->bus = bus_new(&s, broker_now(b));
	explicit_bzero(seed, sizeof(seed));
	/* conf/ has checked the names, and net/tls.h the key */
	invariant(b->bus != NULL);
	broker_set_members(b);
}

static void
link_ended(struct broker *b, unsigned slot, struct span why)
{
	struct endpoint *ep = b->endpoint[slot];

	b->endpoint[slot] = NULL;
	if (ep != NULL)
		endpoint_through_ended(ep, why);
}

static void
tell_dial_failed(struct banyand *bd, uint64_t dial, struct span why)
{
	struct event ev = { .kind = EV_DIAL_FAILED };

	ev.u.dial_failed.dial = dial;
	ev.u.dial_failed.reason = why;
	pump_event(bd, &ev);
}

static bool publish(struct broker *);

/* End the bus. The node is told of its links and dials. */
void
broker_drop_bus(struct broker *b, struct span why)
{
	uint64_t dial;

	(void)publish(b);
	for (unsigned i = 0; i < BUS_MEMBERS; i++) {
		link_ended(b, i, why);
		dial = b->dial[i];
		b->dial[i] = 0;
		if (dial != 0)
			tell_dial_failed(b->brokers->banyand, dial, why);
	}
	bus_free(b->bus);
	b->bus = NULL;
}

void
broker_replace_bus(struct broker *b, struct span why)
{
	broker_drop_bus(b, why);
	broker_make_bus(b);
	bus_broker(b->bus, b->up, broker_now(b));
	broker_touch(b);
}

/* ---- from the bus ------------------------------------------------------- */

static void
opened(struct broker *b, const struct bus_event *e)
{
	struct event ev = { .kind = EV_LINK_OPEN };
	unsigned slot = e->slot;
	struct endpoint *ep;

	if (e->dialled)
		b->dial[slot] = 0;
	ep = endpoint_through(b->brokers->banyand, b, slot);
	b->endpoint[slot] = ep;
	ev.conn = ep->id;
	ev.u.link_open.dialled = e->dialled;
	ev.u.link_open.dial = e->dialled ? e->dial : 0;
	ev.u.link_open.addr = ADDR_NONE;
	ev.u.link_open.proof.tls = true;
	ev.u.link_open.proof.has_pin = true;
	memcpy(ev.u.link_open.proof.pin, bus_pin(b->bus, slot), BUS_PIN);
	pump_event(b->brokers->banyand, &ev);
}

/* The links of the members that were sent the same bytes. */
static size_t
find_also(const struct broker *b, const struct bus_event *e,
    struct conn_id also[BUS_MEMBERS])
{
	size_t n = 0;

	for (size_t i = 0; i < e->nalso; i++)
		if (b->endpoint[e->also[i]] != NULL)
			also[n++] = b->endpoint[e->also[i]]->id;
	return n;
}

static void
got_line(struct broker *b, const struct bus_event *e)
{
	struct event ev = { .kind = EV_LINK_LINE };
	struct endpoint *ep = b->endpoint[e->slot];
	struct conn_id also[BUS_MEMBERS];

	if (ep == NULL)
		return;
	ev.conn = ep->id;
	ev.u.line.line = e->line;
	ev.u.line.too_long = e->too_long;
	ev.u.line.bad = e->bad;
	ev.u.line.nalso = find_also(b, e, also);
	ev.u.line.also = also;
	pump_event(b->brokers->banyand, &ev);
}

static void
was_taken(struct broker *b, const struct bus_event *e)
{
	struct event ev = { .kind = EV_LINK_WRITABLE };
	struct endpoint *ep = b->endpoint[e->slot];

	if (ep == NULL)
		return;
	ev.conn = ep->id;
	ev.u.writable.taken = e->taken;
	pump_event(b->brokers->banyand, &ev);
}

static void
handle(struct broker *b, const struct bus_event *e)
{
	switch (e->kind) {
	case BUS_OPENED:
		opened(b, e);
		break;
	case BUS_LINE:
		got_line(b, e);
		break;
	case BUS_TAKEN:
		was_taken(b, e);
		break;
	case BUS_CLOSED:
		link_ended(b, e->slot, span_of(e->reason));
		break;
	case BUS_DIAL_FAILED:
		b->dial[e->slot] = 0;
		tell_dial_failed(b->brokers->banyand, e->dial,
		    span_of(e->reason));
		break;
	}
}

/* ---- the end of a turn -------------------------------------------------- */

size_t
broker_unsent(const struct broker *b)
{
	struct pubsub_figures n;

	pubsub_figures(b->pubsub, &n);
	return n.unsent;
}

static const char *
subject_of(const struct broker *b, unsigned slot, char text[BROKER_SUBJECT_LEN])
{
	struct writer w;

	if (slot == BUS_ALL)
		return b->all;
	writer_init(&w, text, BROKER_SUBJECT_LEN - 1);
	bus_subject(b->bus, slot, &w);
	text[w.n] = '\0';
	return text;
}

/* Publish what there is. Return false if the broker has to catch up first. */
static bool
publish(struct broker *b)
{
	struct bus_datagram d;
	char text[BROKER_SUBJECT_LEN];

	while (b->up) {
		if (broker_unsent(b) > UNSENT_FEW)
			return false;
		if (!bus_datagram(b->bus, broker_now(b), &d))
			break;
		(void)pubsub_publish(b->pubsub,
		    span_of(subject_of(b, d.slot, text)), d.bytes);
	}
	return true;
}

uint64_t
broker_foreign(const struct broker *b)
{
	const struct bus_counts *n = bus_counts(b->bus);

	return n->dropped[BUS_DROP_FORM] + n->dropped[BUS_DROP_STRANGER] +
	       n->dropped[BUS_DROP_FORGED];
}

/* Tell of datagrams that no member would publish, from time to time. */
static void
tell_drops(struct broker *b)
{
	uint64_t n = broker_foreign(b);
	char number[24];
	struct writer w;

	if (n <= b->told || mono_cmp(broker_now(b), b->tell_at) < 0)
		return;
	writer_init(&w, number, sizeof(number));
	writer_u64(&w, n - b->told);
	logger_with(&b->brokers->banyand->log, LOG_BROKER_FOREIGN,
	    { "broker", span_of(b->url) }, { "datagrams", writer_done(&w) });
	b->told = n;
	b->tell_at = mono_add_ms(broker_now(b), TELL_MS);
}

/* Give the node the events of a bus, and the broker its datagrams. Return true
 * if there are more events. */
static bool
turn(struct broker *b)
{
	struct bus_event e;
	struct mono next;
	unsigned n = 0;
	bool done, more;

	do {
		while (n < EVENTS_PER_TURN && bus_next(b->bus, &e)) {
			handle(b, &e);
			n++;
		}
		done = publish(b);
		more = n < EVENTS_PER_TURN && bus_next(b->bus, &e);
		if (more)
			handle(b, &e); /* that it was published */
	} while (more);
	tell_drops(b);
	next = bus_deadline(b->bus);
	if (!done)
		next = mono_add_ms(broker_now(b), DRAIN_MS);
	loop_timer_set(b->brokers->banyand->loop, &b->timer, next);
	return n == EVENTS_PER_TURN;
}

static struct span
sid_of_name(const struct banyand *bd, struct span name)
{
	const struct settings *s = &bd->conf->settings;

	for (size_t i = 0; i < s->npeer; i++)
		if (span_eq(s->peer[i].name, name))
			return sid_span(&s->peer[i].sid);
	return SPAN_NONE;
}

static bool
dial(struct brokers *bs, const struct bus_dial *d)
{
	struct broker *b = brokers_find(bs, span_of(d->url));
	struct span sid = sid_of_name(bs->banyand, span_of(d->name));
	unsigned slot;

	if (b == NULL || sid.n == 0)
		return false;
	slot = bus_slot(b->bus, sid);
	if (slot == BUS_NO_SLOT ||
	    !bus_dial(b->bus, slot, d->dial, broker_now(b)))
		return false;
	b->dial[slot] = d->dial;
	broker_touch(b);
	return true;
}

static void
bus_dial_free(struct bus_dial *d)
{
	free(d->url);
	free(d->name);
	free(d);
}

static void
dial_all(struct brokers *bs)
{
	struct bus_dial *d;

	while ((d = STAILQ_FIRST(&bs->dials)) != NULL) {
		STAILQ_REMOVE_HEAD(&bs->dials, link);
		if (!dial(bs, d))
			tell_dial_failed(bs->banyand, d->dial,
			    SPAN("the broker is not configured"));
		bus_dial_free(d);
	}
}

void
brokers_turn(struct hook *h)
{
	struct brokers *bs =
	    (struct brokers *)(void *)((char *)h -
				       offsetof(struct brokers, hook));
	struct broker *b;
	bool more = false;

	h->busy = false;
	dial_all(bs);
	LIST_FOREACH(b, &bs->all, link) {
		if (!b->dirty)
			continue;
		b->dirty = turn(b);
		more |= b->dirty;
	}
	h->busy |= more;
}

void
broker_due(struct timer *t)
{
	struct broker *b =
	    (struct broker *)(void *)((char *)t -
				      offsetof(struct broker, timer));

	bus_tick(b->bus, broker_now(b));
	broker_touch(b);
}

void
brokers_forget_dials(struct brokers *bs)
{
	struct bus_dial *d;

	while ((d = STAILQ_FIRST(&bs->dials)) != NULL) {
		STAILQ_REMOVE_HEAD(&bs->dials, link);
		bus_dial_free(d);
	}
}

void
brokers_dial(struct brokers *bs, const struct effect *e)
{
	struct bus_dial *d = mem_zalloc(sizeof(*d));

	d->dial = e->u.dial.dial;
	d->url = span_dup(e->u.dial.host);
	d->name = span_dup(e->u.dial.name);
	STAILQ_INSERT_TAIL(&bs->dials, d, link);
	bs->hook.busy = true;
}

/* ---- links -------------------------------------------------------------- */

void
broker_send(struct endpoint *ep, struct rcbuf *buf)
{
	bus_send(ep->via->bus, ep->via_slot, buf);
	broker_touch(ep->via);
}

void
broker_hold(struct endpoint *ep, bool on)
{
	bus_hold(ep->via->bus, ep->via_slot, on);
	broker_touch(ep->via);
}

void
broker_close(struct endpoint *ep)
{
	struct broker *b = ep->via;

	ep->via = NULL;
	b->endpoint[ep->via_slot] = NULL;
	bus_close(b->bus, ep->via_slot, broker_now(b));
	broker_touch(b);
}
