/*
 * The order of a step: which event goes where, which streams have ended, and
 * when to be called again.
 *
 * Nothing walks over the streams of a trunk in one step. When a trunk ends, the
 * core is told of its streams one after the other, as far as the turn has room;
 * each of them may make an entry that the whole network gets.
 */
#include "trunk/net.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "core/types/cost.h"
#include "trunk/state.h"

#define BEAT_MS 1000
#define LIST_BYTES 512 /* of a pump that tests make small, for each list */
/* Trunks on which no GATE has come yet (gate-protocol.md, part 8). */
#define TRUNKS_SPARE 128

struct trunk_net *
trunk_net_new(struct core *core)
{
	struct trunk_net *net = mem_zalloc(sizeof(*net));

	net->core = core;
	net->beat_at = MONO_NEVER;
	trunk_streams_init(&net->streams);
	TAILQ_INIT(&net->busy);
	trunk_peers_init(&net->peers, net->key);
	trunk_load_init(&net->load);
	trunk_placing_init(net);
	return net;
}

static void
free_streams(struct trunk_net *net, struct trunk *t)
{
	struct trunk_stream *s;

	while ((s = LIST_FIRST(&t->streams)) != NULL)
		trunk_stream_free(&net->streams, s);
}

void
trunk_net_free(struct trunk_net *net)
{
	if (net == NULL)
		return;
	for (size_t i = 0; i < net->ntrunk; i++) {
		free_streams(net, net->trunk[i]);
		trunk_free(net->trunk[i]);
	}
	invariant(trunk_streams_fini(&net->streams) == 0);
	free(net->trunk);
	free(net->shares);
	trunk_peers_fini(&net->peers);
	trunk_placing_fini(&net->placing);
	free(net);
}

#ifdef BANYAN_MUTATE
void
trunk_net_set_mutation(struct trunk_net *net, int m)
{
	net->mutation = m;
}
#endif

struct trunk *
trunk_find(const struct trunk_net *net, struct conn_id conn)
{
	for (size_t i = 0; i < net->ntrunk; i++)
		if (conn_id_eq(net->trunk[i]->conn, conn))
			return net->trunk[i];
	return NULL;
}

size_t
trunk_streams_of(const struct trunk_net *net, const struct gate_settings *gate)
{
	size_t n = 0;

	for (size_t i = 0; i < net->ntrunk; i++)
		if (net->trunk[i]->gate == gate)
			n += net->trunk[i]->nstreams;
	return n;
}

/* ---- opening ------------------------------------------------------------- */

static const struct gate_settings *
gate_of_pin(const struct settings *set, const unsigned char *pin)
{
	for (size_t i = 0; i < set->ngate; i++)
		if (set->gate[i].has_pin &&
		    memcmp(set->gate[i].pin, pin, PIN_LEN) == 0)
			return &set->gate[i];
	return NULL;
}

/* Say which key was shown, in the form of the configuration. Operators of both
 * sides can compare it, and paste it if it is the right one. A key is public.
 */
static void
refuse_key(const struct trunk_step *st, struct trunk *t)
{
	struct writer w;

	if (!t->proof.has_pin) {
		trunk_refuse(st, t, "pin", "the gate showed no key");
		return;
	}
	writer_init_arena(&w, st->fx->arena, TRUNK_REASON_MAX);
	writer_str(&w, "the key of the gate, ");
	writer_hex(&w, span_make(t->proof.pin, PIN_LEN));
	writer_str(&w, ", is not configured");
	trunk_refuse_for(st, t, "pin", writer_done(&w));
}

static void
judge_proof(const struct trunk_step *st, struct trunk *t)
{
	if (!t->proof.tls && !t->proof.loopback)
		trunk_refuse(st, t, "plaintext", "the gate must use TLS");
	if (!t->proof.tls)
		return;
	if (t->proof.has_pin)
		t->gate = gate_of_pin(st->net->set, t->proof.pin);
	if (t->gate == NULL)
		refuse_key(st, t);
}

/* Refuse the trunk that was accepted first of those that have not sent GATE, if
 * there are too many of them. */
static void
make_room(const struct trunk_step *st)
{
	struct trunk *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < st->net->ntrunk; i++) {
		if (st->net->trunk[i]->state != TRUNK_OPEN)
			continue;
		if (n++ == 0)
			first = st->net->trunk[i];
	}
	if (n > TRUNKS_SPARE)
		trunk_refuse(st, first, "bounds",
		    "too many trunks, and no GATE came on this one");
}

/* Return how many lists a trunk may have if the pump is smaller than usual:
 * tests reach the bound then. */
static size_t
lists_of_test(const struct settings *set)
{
	size_t n = set->pump_bytes / LIST_BYTES + 1;

	return n < LISTS_MAX ? n : LISTS_MAX;
}

static void
on_open(const struct trunk_step *st)
{
	struct trunk_net *net = st->net;
	const struct event *ev = st->ev;
	struct trunk *t = trunk_new(ev->conn, net->key);

#ifdef BANYAN_MUTATE
	t->lists.mutation = net->mutation;
#endif
	if (net->set->pump_bytes != 0)
		t->lists.max = lists_of_test(net->set);
	t->proof = ev->u.link_open.proof;
	t->addr = ev->u.link_open.addr;
	t->opened = t->heard = event_awake(ev);
	if (net->ntrunk == 0)
		net->beat_at = mono_add_ms(ev->now, BEAT_MS);
	if (net->ntrunk == net->captrunk)
		net->trunk = mem_grow(net->trunk, &net->captrunk, 8,
		    sizeof(struct trunk *));
	net->trunk[net->ntrunk++] = t;
	judge_proof(st, t);
	make_room(st);
}

/* ---- events -------------------------------------------------------------- */

static void
take_seed(struct trunk_net *net, const unsigned char seed[RNG_SEED])
{
	struct rng rng;

	rng_seed_bytes(&rng, seed);
	rng_bytes(&rng, net->key, sizeof(net->key));
	net->mix = rng_u64(&rng) | 1;
	trunk_peers_fini(&net->peers);
	trunk_peers_init(&net->peers, net->key);
	rng_bytes(&rng, net->memory_key, sizeof(net->memory_key));
}

void
trunk_net_begin(struct trunk_net *net, const unsigned char seed[RNG_SEED],
    const struct settings *set)
{
	take_seed(net, seed);
	net->set = set;
	trunk_placing_begin(net, net->memory_key);
}

/* Return the gate of the trunk in the new settings, or NULL if there is none
 * any more. */
static const struct gate_settings *
gate_again(const struct settings *set, const struct trunk *t)
{
	for (size_t i = 0; i < set->ngate; i++) {
		const struct gate_settings *g = &set->gate[i];

		if (span_eq(g->name, trunk_name(t)))
			return (t->proof.tls ? g->has_pin &&
						   memcmp(g->pin, t->proof.pin,
						       PIN_LEN) == 0
					     : g->plaintext)
				   ? g
				   : NULL;
	}
	return NULL;
}

static void
on_conf(const struct trunk_step *st)
{
	struct trunk_net *net = st->net;

	net->set = st->ev->u.conf.settings;
	trunk_placing_begin(net, net->memory_key);
	for (size_t i = 0; i < net->ntrunk; i++) {
		struct trunk *t = net->trunk[i];

		t->gate = NULL;
		if (t->state == TRUNK_OPEN) {
			judge_proof(st, t);
			continue;
		}
		t->gate = gate_again(net->set, t);
		if (t->gate == NULL)
			trunk_refuse(st, t, "removed",
			    "the gate is not configured any more");
	}
}

static struct mono
silent_at(const struct trunk *t)
{
	if (t->state == TRUNK_OPEN)
		return mono_add_ms(t->opened, TRUNK_GATE_MS);
	return mono_add_ms(t->heard, TRUNK_SILENCE_MS);
}

static void
tell_slow(const struct trunk_step *st, struct trunk *t)
{
	struct writer addr, bytes;

	t->slow = true;
	writer_init_arena(&addr, st->fx->arena, ADDR_TEXT);
	addr_build(&addr, &t->addr);
	writer_init_arena(&bytes, st->fx->arena, 20);
	writer_u64(&bytes, t->unsent);
	effects_logf(st->fx, LOG_TRUNK_SLOW, { "gate", trunk_name(t) },
	    { "address", writer_done(&addr) },
	    { "bytes", writer_done(&bytes) });
}

static bool
is_too_slow(const struct trunk *t)
{
	return t->unsent > TRUNK_UNSENT_MAX;
}

static bool
is_to_be_told(const struct trunk *t)
{
	return !t->slow && t->unsent > TRUNK_TELL_MAX;
}

/* The first POS comes right after SERVER (gate-protocol.md, 5.11). */
static bool
may_beat(const struct trunk *t)
{
	return t->state == TRUNK_WAITS || (t->state == TRUNK_UP && t->told_any);
}

static void
on_tick(const struct trunk_step *st)
{
	struct trunk_net *net = st->net;
	bool beat = mono_cmp(net->beat_at, st->ev->now) <= 0;

	trunk_placing_tick(st);
	trunk_begin_all(st);
	for (size_t i = 0; i < net->ntrunk; i++) {
		struct trunk *t = net->trunk[i];

		if (t->state == TRUNK_DEAD)
			continue;
		if (mono_cmp(silent_at(t), event_awake(st->ev)) <= 0)
			trunk_refuse(st, t, "silent",
			    "nothing came from the gate");
		else if (is_too_slow(t))
			trunk_refuse(st, t, "slow",
			    "the gate takes too little of what is sent");
		else if (is_to_be_told(t))
			tell_slow(st, t);
		if (beat && may_beat(t))
			trunk_send_beat(st, t);
	}
	if (beat)
		net->beat_at = mono_add_ms(st->ev->now, BEAT_MS);
}

static void
on_taken(const struct event *ev, struct trunk *t)
{
	size_t n = ev->u.writable.taken;

	t->unsent -= n < t->unsent ? n : t->unsent;
	if (t->unsent <= TRUNK_TELL_MAX / 2)
		t->slow = false;
}

static void
on_closed(const struct trunk_step *st, struct trunk *t)
{
	t->held = st->ev->u.closed.held;
	trunk_end_by_conn(st, t, st->ev->u.closed.reason);
}

bool
trunk_net_step(struct trunk_net *net, const struct event *ev,
    struct event *core, struct effects *fx)
{
	const struct trunk_step st = { net, ev, fx };
	struct trunk *t;

	net->ended = net->fed = false;
	net->placing.now = ev->now;
	switch (ev->kind) {
	case EV_SEED:
		take_seed(net, ev->u.seed.seed);
		return false;
	case EV_CONF:
		on_conf(&st);
		return false;
	case EV_TICK:
		on_tick(&st);
		return false;
	case EV_TRUNK_OPEN:
		if (net->set != NULL && trunk_find(net, ev->conn) == NULL)
			on_open(&st);
		return false;
	case EV_TRUNK_LINE:
	case EV_TRUNK_CLOSED:
	case EV_TRUNK_WRITABLE:
		break;
	case EV_CONN_OPEN:
	case EV_LINE:
	case EV_CONN_ENDED:
	case EV_CONN_EXCESS:
	case EV_CONN_CLOSED:
	case EV_CONN_HELD:
	case EV_DRAINED:
	case EV_ANSWERED:
	case EV_LINK_OPEN:
	case EV_LINK_LINE:
	case EV_LINK_CLOSED:
	case EV_LINK_WRITABLE:
	case EV_DIAL_FAILED:
	case EV_HAPPENED:
	case EV_LOADED:
	case EV_UNSTORED:
	case EV_CONTROL:
	case EV_COUNT:
		return false;
	}
	t = trunk_find(net, ev->conn);
	if (t == NULL || t->state == TRUNK_DEAD)
		return false;
	if (ev->kind == EV_TRUNK_LINE)
		return trunk_recv(&st, t, core);
	if (ev->kind == EV_TRUNK_CLOSED)
		on_closed(&st, t);
	else
		on_taken(ev, t);
	return false;
}

/* ---- streams that end ---------------------------------------------------- */

void
trunk_event(const struct trunk_step *st, enum event_kind kind,
    const struct trunk_stream *s, struct event *core)
{
	*core = (struct event){ .kind = kind,
		.now = st->ev->now,
		.wall = st->ev->wall,
		.paused_ns = st->ev->paused_ns,
		.conn = s->id };
}

static void
on_grant(struct trunk_net *net, struct conn_id conn, unsigned lines)
{
	struct trunk_stream *s = trunk_stream_find(&net->streams, conn);

	if (s == NULL || s->closing)
		return;
	s->wants = (uint8_t)(s->wants + lines);
	trunk_ahead_wake(net, s);
}

/* The core would wait until a client has read that has gone. */
static void
on_drain(struct trunk_net *net, struct conn_id conn)
{
	struct trunk_stream *s = trunk_stream_find(&net->streams, conn);

	if (s != NULL && s->left && s->ahead != NULL)
		trunk_ahead_hurry(net, s);
}

/* The core has closed a stream. Return false if that is known. */
static bool
on_close(const struct trunk_step *st, const struct effect *e,
    struct event *core)
{
	struct trunk_streams *streams = &st->net->streams;
	struct trunk_stream *s = trunk_stream_find(streams, e->u.close.conn);

	if (s == NULL || s->closing)
		return false;
	trunk_event(st, EV_CONN_CLOSED, s, core);
	core->u.closed.reason = e->u.close.reason;
	trunk_ahead_drop(s);
	if (s->trunk->state == TRUNK_UP)
		s->closing = true; /* until GONE is written */
	else
		trunk_stream_free(streams, s);
	return true;
}

/* Look at what the core has made of streams. Stop at one that it has closed. */
static bool
next_closed(const struct trunk_step *st, size_t *at, struct event *core)
{
	const struct effect *e;

	while (*at < st->fx->n) {
		e = &st->fx->v[(*at)++];
		if (e->kind == EFF_READ)
			on_grant(st->net, e->u.read.conn, e->u.read.n);
		else if (e->kind == EFF_DRAIN)
			on_drain(st->net, e->u.drain.conn);
		else if (e->kind == EFF_CLOSE && on_close(st, e, core))
			return true;
	}
	return false;
}

static struct trunk *
first_dead(const struct trunk_net *net)
{
	for (size_t i = 0; i < net->ntrunk; i++)
		if (net->trunk[i]->state == TRUNK_DEAD &&
		    net->trunk[i]->nstreams > 0)
			return net->trunk[i];
	return NULL;
}

/* Each turn does a piece at least; any says whether it has. */
static bool
has_room(const struct trunk_step *st, bool any)
{
	return (st->ev->kind == EV_TICK && !any) ||
	       core_may_apply(st->net->core, st->ev);
}

/* A client may have gone before its trunk. */
static void
tell_end(const struct trunk_step *st, const struct trunk_stream *s,
    struct event *core)
{
	const struct trunk *t = s->trunk;
	struct span why = span_of(t->why);
	bool left = trunk_ahead_closed(s, &why);

	trunk_event(st, t->held && !left ? EV_CONN_HELD : EV_CONN_CLOSED, s,
	    core);
	core->u.closed.reason = arena_span_dup(st->fx->arena, why);
}

/* End a stream of a trunk that has ended. */
static bool
next_end(const struct trunk_step *st, struct event *core)
{
	struct trunk_net *net = st->net;
	struct trunk_stream *s;
	struct trunk *t;

	if (net->nends == 0 || (t = first_dead(net)) == NULL ||
	    (core_mutated(net, STREAM_STAYS) && t->nstreams == 1) ||
	    !has_room(st, net->ended))
		return false;
	net->ended = true;
	core_spend(net->core, COST_COMMAND);
	s = LIST_FIRST(&t->streams);
	tell_end(st, s, core);
	trunk_stream_free(&net->streams, s);
	return true;
}

/* Give the core something that has waited. */
static bool
next_ahead(const struct trunk_step *st, struct event *core)
{
	struct trunk_net *net = st->net;

	if (TAILQ_EMPTY(&net->busy) || !has_room(st, net->fed) ||
	    !trunk_ahead_next(st, core))
		return false;
	net->fed = true;
	return true;
}

bool
trunk_net_next(struct trunk_net *net, const struct event *ev, size_t *at,
    struct event *core, struct effects *fx)
{
	const struct trunk_step st = { net, ev, fx };

	if (trunk_streams_count(&net->streams) == 0)
		return false;
	return next_closed(&st, at, core) || next_end(&st, core) ||
	       next_ahead(&st, core);
}

const char *
trunk_net_awaits(const struct trunk_net *net)
{
	return trunk_streams_count(&net->streams) > 0
		   ? "clients of a gate are being ended"
		   : NULL;
}

/* ---- the end of a step --------------------------------------------------- */

static void
bury(struct trunk_net *net)
{
	size_t n = 0;

	for (size_t i = 0; i < net->ntrunk; i++) {
		struct trunk *t = net->trunk[i];

		if (t->state != TRUNK_DEAD || t->nstreams > 0) {
			net->trunk[n++] = t;
			continue;
		}
		net->nends--;
		trunk_free(t);
	}
	net->ntrunk = n;
	if (n == 0)
		net->beat_at = MONO_NEVER;
}

static struct mono
due(const struct trunk_net *net, const struct event *ev)
{
	struct mono at = net->beat_at;

	if (net->nwaits > 0 && core_is_ready(net->core))
		return ev->now;
	for (size_t i = 0; i < net->ntrunk; i++) {
		const struct trunk *t = net->trunk[i];

		if (t->state == TRUNK_DEAD || is_too_slow(t) ||
		    is_to_be_told(t))
			return ev->now;
		at = mono_min(at, awake_until(silent_at(t), ev->paused_ns));
	}
	return at;
}

struct mono
trunk_net_finish(struct trunk_net *net, const struct event *ev,
    const struct trunk_position *pos, size_t from, struct effects *fx)
{
	const struct trunk_step st = { net, ev, fx };
	struct mono load;
	bool more = false;

	if (net->ntrunk == 0)
		return MONO_NEVER;
	trunk_send(&st, from, fx->n);
	trunk_peers_update(&st);
	load = trunk_load_send(&st);
	for (size_t i = 0; i < net->ntrunk; i++) {
		struct trunk *t = net->trunk[i];

		if (t->state == TRUNK_UP && trunk_peers_send(&st, t))
			more = true;
		if (t->state == TRUNK_UP && trunk_send_owed(&st, t))
			more = true;
		trunk_flush(&st, t, pos);
	}
	if (net->nends > 0)
		bury(net);
	return more || trunk_ahead_any(net) ? ev->now
					    : mono_min(load, due(net, ev));
}
