/*
 * A datagram is copied for each receiver, and waits in the heap of the net
 * until it arrives. It then waits at its node, which may be frozen, and is
 * heard in a turn of the node's bus. No turn happens inside a step: effects on
 * links only stir the bus.
 */
#include "lib/net_bus.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "broker/bus.h"
#include "lib/net_inside.h"
#include "lib/signer.h"
#include "node/node.h"

#define MISCHIEF_NS (400 * NS_PER_MS)
#define KEPT 64 /* old datagrams */

struct net_datagram {
	struct net_broker *broker;
	unsigned from, to; /* nodes */
	size_t n;
	TAILQ_ENTRY(net_datagram) link;
	char p[];
};

TAILQ_HEAD(datagrams, net_datagram);

struct net_bus_end {
	struct net_bus *of;
	unsigned slot;
	struct net_end end; /* only id, node and heard are used */
};

/* The bus of one node at one broker. */
struct net_bus {
	struct net_broker *broker;
	unsigned node;
	struct bus *bus; /* NULL: the node is down */
	unsigned char pin[BUS_PIN];
	bool queued;
	int64_t tick_at;
	struct datagrams came;
	struct net_bus_end end[NET_NODES];
};

struct net_broker {
	struct net *net;
	unsigned number;
	uint32_t members; /* bits: servers */
	struct rng rng;
	unsigned drops, doubles, delays; /* of 100 */
	int64_t down_until;
	uint32_t deaf;
	int64_t deaf_until;
	bool calm, gentle;
	int64_t cut_until[NET_NODES][NET_NODES];
	struct net_bus bus[NET_NODES];
	struct datagrams flying;
	struct net_datagram *kept[KEPT];
	struct net_bus_counts counts;
	TAILQ_ENTRY(net_broker) link;
};

static struct mono
now(const struct net *net)
{
	return (struct mono){ net->now };
}

static unsigned
server(const struct net *net, unsigned node)
{
	return net->node[node].as;
}

static bool
chance(struct net_broker *k, unsigned percent)
{
	return !k->calm && rng_below(&k->rng, 100) < percent;
}

/* Return for how long something is broken. */
static int64_t
outage(struct net_broker *k, uint64_t ms)
{
	if (k->gentle)
		ms /= 16;
	return (int64_t)(100 + rng_below(&k->rng, ms)) * NS_PER_MS;
}

/* ---- turns --------------------------------------------------------------- */

static void turn(void *ctx, int64_t unused);

static void
stir(struct net_bus *nb)
{
	if (nb->queued || nb->bus == NULL)
		return;
	nb->queued = true;
	net_call_node(nb->broker->net, nb->node, turn, nb, 0);
}

static void
tick(void *ctx, int64_t at)
{
	struct net_bus *nb = ctx;

	if (nb->tick_at == at)
		nb->tick_at = INT64_MAX;
	stir(nb);
}

static void
set_tick(struct net_bus *nb)
{
	int64_t at = bus_deadline(nb->bus).ns;

	if (at >= nb->tick_at)
		return;
	nb->tick_at = at;
	net_call(nb->broker->net, at, tick, nb, at);
}

/* ---- datagrams ----------------------------------------------------------- */

static struct net_datagram *
copy(struct net_broker *k, unsigned from, struct span bytes)
{
	struct net_datagram *d = mem_alloc(sizeof(*d) + bytes.n + 1);

	*d = (struct net_datagram){ .broker = k, .from = from, .n = bytes.n };
	memcpy(d->p, bytes.p, bytes.n);
	return d;
}

static bool
passes(const struct net_broker *k, const struct net_datagram *d)
{
	const struct net *net = k->net;

	return net->now >= k->down_until &&
	       !net_is_blocked(net, d->from, d->to) &&
	       net->now >= k->cut_until[d->from][d->to] &&
	       ((k->deaf >> d->to & 1) == 0 || net->now >= k->deaf_until);
}

static void
arrive(void *ctx, int64_t unused)
{
	struct net_datagram *d = ctx;
	struct net_broker *k = d->broker;
	struct net_bus *nb = &k->bus[d->to];

	(void)unused;
	TAILQ_REMOVE(&k->flying, d, link);
	if (nb->bus == NULL || !passes(k, d)) {
		free(d);
		return;
	}
	TAILQ_INSERT_TAIL(&nb->came, d, link);
	stir(nb);
}

static void
fly(struct net_broker *k, unsigned from, unsigned to, struct span bytes)
{
	struct net *net = k->net;
	struct net_datagram *d = copy(k, from, bytes);
	int64_t spread = net->delay_max - net->delay_min;
	int64_t at = net->now + net->delay_min +
		     (int64_t)rng_below(&k->rng, (uint64_t)spread / 4 + 1);

	if (chance(k, k->delays))
		at += (int64_t)rng_below(&k->rng, 500) * NS_PER_MS;
	d->to = to;
	TAILQ_INSERT_TAIL(&k->flying, d, link);
	net_call(net, at, arrive, d, 0);
}

static void
send_to(struct net_broker *k, unsigned from, unsigned to, struct span bytes)
{
	if (chance(k, k->drops)) {
		k->counts.lost++;
		return;
	}
	fly(k, from, to, bytes);
	if (!chance(k, k->doubles))
		return;
	k->counts.doubled++;
	fly(k, from, to, bytes);
}

static void
keep(struct net_broker *k, unsigned from, struct span bytes)
{
	struct net_datagram **to = &k->kept[rng_below(&k->rng, KEPT)];

	if (k->calm || rng_below(&k->rng, 8) != 0)
		return;
	free(*to);
	*to = copy(k, from, bytes);
}

static void
publish(struct net_bus *nb, const struct bus_datagram *out)
{
	struct net_broker *k = nb->broker;
	struct net *net = k->net;
	struct span sid = bus_sid(nb->bus, out->slot);

	if (net->now < k->down_until)
		return;
	keep(k, nb->node, out->bytes);
	for (unsigned i = 0; i < net->n; i++) {
		struct sid his = setup_sid(server(net, i));

		if (i == nb->node || k->bus[i].bus == NULL)
			continue;
		if (out->slot == BUS_ALL || span_eq(sid, sid_span(&his)))
			send_to(k, nb->node, i, out->bytes);
	}
}

/* ---- mischief ------------------------------------------------------------ */

/* Give a node an old datagram, as it was or changed. */
static void
give_old(struct net_broker *k)
{
	struct net_datagram *d = k->kept[rng_below(&k->rng, KEPT)];
	unsigned to = (unsigned)rng_below(&k->rng, k->net->n);

	if (d == NULL)
		return;
	k->counts.old++;
	fly(k, d->from, to, span_make(d->p, d->n));
	k->counts.changed++;
	d->p[rng_below(&k->rng, d->n)] ^= (char)(1u << rng_below(&k->rng, 7));
	fly(k, d->from, to, span_make(d->p, d->n));
}

static void
restart(struct net_broker *k)
{
	k->counts.restarts++;
	k->down_until = k->net->now + outage(k, 4000);
	for (unsigned i = 0; i < k->net->n; i++)
		stir(&k->bus[i]);
}

static void
cut_off(struct net_broker *k)
{
	k->counts.cut_off++;
	k->deaf = 1u << rng_below(&k->rng, k->net->n);
	k->deaf_until = k->net->now + outage(k, 5000);
}

static void
mischief(void *ctx, int64_t unused)
{
	struct net_broker *k = ctx;

	(void)unused;
	if (k->calm)
		return;
	net_call(k->net, k->net->now + MISCHIEF_NS, mischief, k, 0);
	if (rng_below(&k->rng, 4) == 0)
		give_old(k);
	if (rng_below(&k->rng, 40) == 0)
		restart(k);
	if (rng_below(&k->rng, 30) == 0)
		cut_off(k);
}

/* ---- events of links ----------------------------------------------------- */

/* A HELLO has no capabilities if one of the two nodes is of a version without
 * them. */
static struct span
line_between(const struct net *net, unsigned a, unsigned b, struct span line)
{
	size_t colon;

	if ((net->older & (1u << a | 1u << b)) == 0 ||
	    !span_starts(line, SPAN("HELLO ")))
		return line;
	colon = span_find(line, ':');
	return colon == line.n ? line : span_head(line, colon + 1);
}

static unsigned
peer_of(const struct net_bus *nb, unsigned slot)
{
	struct span sid = bus_sid(nb->bus, slot);

	for (unsigned i = 0; i < nb->broker->net->n; i++) {
		struct sid his = setup_sid(i);

		if (span_eq(sid, sid_span(&his)))
			return i;
	}
	return NET_NODES;
}

static void
opened(struct net_bus *nb, const struct bus_event *be)
{
	struct net *net = nb->broker->net;
	struct net_bus_end *e = &nb->end[be->slot];
	struct event ev = { .kind = EV_LINK_OPEN };

	nb->broker->counts.links++;
	*e = (struct net_bus_end){ .of = nb, .slot = be->slot };
	e->end.node = nb->node;
	e->end.life = net->node[nb->node].life;
	e->end.heard = net_ran(net, nb->node);
	e->end.id = net_conn_new(net, nb->node, CONN_BUS);
	net_conn_find(net, nb->node, e->end.id)->bus = e;
	ev.conn = e->end.id;
	ev.u.link_open.dialled = be->dialled;
	ev.u.link_open.dial = be->dial;
	ev.u.link_open.proof.tls = true;
	ev.u.link_open.proof.has_pin = true;
	memcpy(ev.u.link_open.proof.pin, bus_pin(nb->bus, be->slot), PIN_LEN);
	net_step(net, nb->node, &ev);
}

static void
closed(struct net_bus *nb, struct net_bus_end *e, const char *reason)
{
	struct event ev = { .kind = EV_LINK_CLOSED, .conn = e->end.id };

	ev.u.closed.reason = span_of(reason);
	net_conn_free(nb->broker->net, nb->node, e->end.id);
	e->end.id = (struct conn_id){ 0 };
	net_step(nb->broker->net, nb->node, &ev);
}

static void
heard(struct net_bus *nb, const struct bus_event *be)
{
	struct net *net = nb->broker->net;
	struct net_bus_end *e = &nb->end[be->slot];
	struct event ev = { .kind = EV_LINK_LINE, .conn = e->end.id };
	struct conn_id also[NET_NODES];
	struct span line;
	char *text;

	for (size_t k = 0; k < be->nalso; k++)
		also[k] = nb->end[be->also[k]].end.id;
	line = line_between(net, nb->node, peer_of(nb, be->slot), be->line);
	/* the step may close the link */
	text = span_dup(line);
	ev.u.line.line = span_make(text, line.n);
	ev.u.line.too_long = be->too_long;
	ev.u.line.bad = be->bad;
	ev.u.line.also = also;
	ev.u.line.nalso = be->nalso;
	e->end.heard = net_ran(net, nb->node);
	net_step(net, nb->node, &ev);
	free(text);
}

static void
on_event(struct net_bus *nb, const struct bus_event *be)
{
	struct net *net = nb->broker->net;
	struct event ev = { .kind = EV_LINK_WRITABLE,
		.conn = nb->end[be->slot].end.id };

	switch (be->kind) {
	case BUS_OPENED:
		opened(nb, be);
		return;
	case BUS_CLOSED:
		closed(nb, &nb->end[be->slot], be->reason);
		return;
	case BUS_LINE:
		heard(nb, be);
		return;
	case BUS_TAKEN:
		ev.u.writable.taken = be->taken;
		break;
	case BUS_DIAL_FAILED:
		ev = (struct event){ .kind = EV_DIAL_FAILED };
		ev.u.dial_failed.dial = be->dial;
		ev.u.dial_failed.reason = span_of(be->reason);
		break;
	}
	net_step(net, nb->node, &ev);
}

static void
hear_all(struct net_bus *nb)
{
	struct net_datagram *d;

	while ((d = TAILQ_FIRST(&nb->came)) != NULL) {
		TAILQ_REMOVE(&nb->came, d, link);
		bus_heard(nb->bus, span_make(d->p, d->n), now(nb->broker->net));
		free(d);
	}
}

static void
turn(void *ctx, int64_t unused)
{
	struct net_bus *nb = ctx;
	struct net *net = nb->broker->net;
	struct bus_event be;
	struct bus_datagram out;
	const char *why;

	(void)unused;
	nb->queued = false;
	if (nb->bus == NULL || net->failed)
		return;
	bus_broker(nb->bus, net->now >= nb->broker->down_until, now(net));
	if (net->now < nb->broker->down_until)
		net_call(net, nb->broker->down_until, tick, nb, 0);
	hear_all(nb);
	bus_tick(nb->bus, now(net));
	while (!net->failed && nb->bus != NULL && bus_next(nb->bus, &be))
		on_event(nb, &be);
	while (!net->failed && nb->bus != NULL &&
	       bus_datagram(nb->bus, now(net), &out))
		publish(nb, &out);
	if (nb->bus == NULL)
		return;
	if ((why = bus_check(nb->bus)) != NULL)
		net_fail(net, "s%u, its bus: %s", nb->node + 1, why);
	set_tick(nb);
}

/* ---- what nodes do ------------------------------------------------------- */

void
net_bus_send(struct net_bus_end *e, struct rcbuf *buf)
{
	bus_send(e->of->bus, e->slot, buf);
	stir(e->of);
}

void
net_bus_close(struct net_bus_end *e)
{
	struct net_bus *nb = e->of;
	struct net *net = nb->broker->net;

	bus_close(nb->bus, e->slot, now(net));
	net_conn_free(net, nb->node, e->end.id);
	e->end.id = (struct conn_id){ 0 };
	stir(nb);
}

void
net_bus_hold(struct net_bus_end *e, bool on)
{
	bus_hold(e->of->bus, e->slot, on);
	stir(e->of);
}

struct net_end *
net_bus_end_of(struct net_bus_end *e)
{
	return &e->end;
}

/* Return the server that has that name. */
static unsigned
server_named(const struct net *net, struct span name)
{
	char text[16];
	struct writer w;

	for (unsigned i = 0; i < net->n; i++) {
		writer_init(&w, text, sizeof(text));
		writer_char(&w, 's');
		writer_u64(&w, i + 1);
		writer_str(&w, ".test");
		if (span_eq(writer_done(&w), name))
			return i;
	}
	return NET_NODES;
}

void
net_bus_dial(struct net *net, unsigned node, const struct effect *e)
{
	struct sid sid = setup_sid(server_named(net, e->u.dial.name));
	struct net_broker *k;

	TAILQ_FOREACH(k, &net->brokers, link) {
		struct net_bus *nb = &k->bus[node];

		if (nb->bus == NULL ||
		    e->u.dial.host.p[0] != (char)('0' + k->number))
			continue;
		(void)bus_dial(nb->bus, bus_slot(nb->bus, sid_span(&sid)),
		    e->u.dial.dial, now(net));
		stir(nb);
	}
}

void
net_bus_cut(struct net *net, unsigned a, unsigned b)
{
	struct net_broker *k;

	TAILQ_FOREACH(k, &net->brokers, link) {
		k->cut_until[a][b] = k->cut_until[b][a] =
		    net->now + outage(k, 6000);
	}
}

/* ---- the life of buses and brokers --------------------------------------- */

static void
bus_start(struct net_broker *k, unsigned i)
{
	static const char *const words[] = { "test", "other" };
	struct net *net = k->net;
	struct net_bus *nb = &k->bus[i];
	struct bus_member m[NET_NODES];
	struct sid sid[NET_NODES], own = setup_sid(server(net, i));
	unsigned char seed[BUS_SEED];
	size_t n = 0;
	struct bus_settings set = { .sid = sid_span(&own),
		.inc = net->node[i].inc,
		.network = SPAN("Test"),
		.prefix = span_of(words[k->number % 2]),
		.seed = seed,
		.wall.ms = NET_EPOCH_MS + net->now / NS_PER_MS +
			   net->node[i].skew_ms };

	rng_bytes(&k->rng, seed, sizeof(seed));
	setup_pin(server(net, i), nb->pin);
	set.signer = signer_of(nb->pin);
	set.datagram_max = rng_below(&k->rng, 2) == 0 ? BUS_DATAGRAM_MIN : 0;
	for (unsigned s = 0; s < net->n; s++) {
		if ((k->members >> s & 1) == 0 || s == server(net, i))
			continue;
		sid[n] = setup_sid(s);
		m[n].sid = sid_span(&sid[n]);
		setup_pin(s, m[n].pin);
		n++;
	}
	nb->queued = false;
	nb->tick_at = INT64_MAX;
	memset(nb->end, 0, sizeof(nb->end));
	nb->bus = bus_new(&set, now(net));
	bus_members(nb->bus, m, n, now(net));
	stir(nb);
}

void
net_bus_start(struct net *net, unsigned i)
{
	struct net_broker *k;

	TAILQ_FOREACH(k, &net->brokers, link)
		if ((k->members >> server(net, i) & 1) != 0)
			bus_start(k, i);
}

static void
add_counts(struct net_broker *k, const struct bus *bus)
{
	const struct bus_counts *c = bus_counts(bus);

	for (unsigned i = 0; i < BUS_DROP_COUNT; i++)
		k->counts.dropped += c->dropped[i];
	k->counts.again += c->again_bytes;
}

/* Send the last lines of a node that is stopped, as banyand does. */
static void
farewell(struct net_bus *nb)
{
	struct net *net = nb->broker->net;
	struct bus_datagram out;
	struct rcbuf *buf;
	struct writer w;
	char text[256];

	for (unsigned i = 0; i < NET_NODES; i++) {
		struct net_bus_end *e = &nb->end[i];

		if (conn_id_is_none(e->end.id))
			continue;
		writer_init(&w, text, sizeof(text));
		node_farewell(net->node[nb->node].node, e->end.id, &w);
		writer_str(&w, "ERROR stop :The server stops\r\n");
		buf = rcbuf_new(writer_done(&w));
		bus_send(nb->bus, e->slot, buf);
		rcbuf_unref(buf);
		bus_close(nb->bus, e->slot, now(net));
	}
	while (bus_datagram(nb->bus, now(net), &out))
		publish(nb, &out);
}

static void
bus_stop(struct net_bus *nb, bool orderly)
{
	struct net_datagram *d;

	if (nb->bus == NULL)
		return;
	if (orderly)
		farewell(nb);
	add_counts(nb->broker, nb->bus);
	for (unsigned i = 0; i < NET_NODES; i++)
		if (!conn_id_is_none(nb->end[i].end.id))
			net_conn_free(nb->broker->net, nb->node,
			    nb->end[i].end.id);
	memset(nb->end, 0, sizeof(nb->end));
	while ((d = TAILQ_FIRST(&nb->came)) != NULL) {
		TAILQ_REMOVE(&nb->came, d, link);
		free(d);
	}
	bus_free(nb->bus);
	nb->bus = NULL;
}

void
net_bus_stop(struct net *net, unsigned i, bool orderly)
{
	struct net_broker *k;

	TAILQ_FOREACH(k, &net->brokers, link)
		bus_stop(&k->bus[i], orderly);
}

void
net_broker_new(struct net *net, uint64_t seed, uint32_t members, bool gentle)
{
	struct net_broker *k = mem_zalloc(sizeof(*k)), *other;

	TAILQ_FOREACH(other, &net->brokers, link)
		k->number++;
	k->net = net;
	k->members = members;
	k->gentle = gentle;
	rng_seed(&k->rng, seed);
	k->drops = (unsigned)rng_below(&k->rng, 8);
	k->doubles = (unsigned)rng_below(&k->rng, 15);
	k->delays = (unsigned)rng_below(&k->rng, 20);
	TAILQ_INIT(&k->flying);
	for (unsigned i = 0; i < NET_NODES; i++) {
		k->bus[i].broker = k;
		k->bus[i].node = i;
		TAILQ_INIT(&k->bus[i].came);
	}
	TAILQ_INSERT_TAIL(&net->brokers, k, link);
	net_call(net, net->now + MISCHIEF_NS, mischief, k, 0);
}

void
net_brokers_calm(struct net *net)
{
	struct net_broker *k;

	TAILQ_FOREACH(k, &net->brokers, link)
		k->calm = true;
}

void
net_brokers_count(const struct net *net, struct net_bus_counts *c)
{
	struct net_broker *k;

	*c = (struct net_bus_counts){ 0 };
	TAILQ_FOREACH(k, &net->brokers, link) {
		for (unsigned i = 0; i < net->n; i++)
			if (k->bus[i].bus != NULL)
				add_counts(k, k->bus[i].bus);
		c->lost += k->counts.lost;
		c->doubled += k->counts.doubled;
		c->old += k->counts.old;
		c->changed += k->counts.changed;
		c->restarts += k->counts.restarts;
		c->cut_off += k->counts.cut_off;
		c->dropped += k->counts.dropped;
		c->again += k->counts.again;
		c->links += k->counts.links;
	}
}

static void
broker_free(struct net_broker *k)
{
	struct net_datagram *d;

	for (unsigned i = 0; i < NET_NODES; i++)
		bus_stop(&k->bus[i], false);
	while ((d = TAILQ_FIRST(&k->flying)) != NULL) {
		TAILQ_REMOVE(&k->flying, d, link);
		free(d);
	}
	for (unsigned i = 0; i < KEPT; i++)
		free(k->kept[i]);
	free(k);
}

void
net_brokers_free(struct net *net)
{
	struct net_broker *k;

	while ((k = TAILQ_FIRST(&net->brokers)) != NULL) {
		TAILQ_REMOVE(&net->brokers, k, link);
		broker_free(k);
	}
}

void
net_bus_setup(struct setup *s, unsigned i, unsigned broker, uint32_t members)
{
	static const char *const names[] = { "0", "1" };

	for (unsigned j = 0, k = 0; k < s->settings.npeer; j++) {
		struct peer_settings *p = &s->peer[k];

		if (j == i)
			continue;
		k++;
		if ((members >> j & 1) == 0)
			continue;
		s->address[j] =
		    (struct peer_address){ .host = span_of(names[broker]),
			    .broker = true };
		p->address = j > i ? &s->address[j] : NULL;
		p->naddress = j > i;
	}
}
