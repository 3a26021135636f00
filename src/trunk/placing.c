/*
 * Members are counted at the server where the core counts their user, and those
 * of users here behind the gate by which the user came first. Where users of
 * other servers came in is not known.
 *
 * A local user has an object of its own as long as the user is shown, so that
 * all its memberships are counted behind the same gate.
 *
 * The figures of other servers are those that this server can count itself:
 * their users, and what these read. They are set anew at most five times a
 * second. Its own are set for each question.
 */
#include "trunk/placing.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/entrance_info.h"
#include "core/facts/facts.h"
#include "core/facts/membership.h"
#include "core/sessions/session.h"
#include "core/types/cost.h"
#include "place/ask.h"
#include "trunk/state.h"

#define FIGURES_MS 200
#define PEOPLE_MAX 50000		    /* who are remembered */
#define PEOPLE_BYTES ((size_t)16 * 1048576) /* in all */
#define NAMES_MAX 1000
#define TICK_MAX 16 /* channels and records that a tick looks at */

struct local {
	struct uid uid;
	uint32_t gate; /* its number; 0: none */
};

/* ---- names --------------------------------------------------------------- */

/* Return the number of a name, which is added; 0 for no name. */
static uint32_t
number_of(struct trunk_names *x, struct span name)
{
	if (name.n == 0 || name.n > NAME_GATE_MAX)
		return 0;
	for (size_t i = 0; i < x->n; i++)
		if (span_eq(span_of(x->v[i]), name))
			return (uint32_t)i + 1;
	if (x->n == NAMES_MAX)
		return 0; /* another server has made them up */
	if (x->n == x->cap)
		x->v = mem_grow(x->v, &x->cap, 4, sizeof(*x->v));
	memcpy(x->v[x->n], name.p, name.n);
	x->v[x->n][name.n] = '\0';
	return (uint32_t)++x->n;
}

static uint16_t
region_of(struct trunk_placing *x, struct span name)
{
	return (uint16_t)number_of(&x->regions,
	    span_eq(name, SPAN("*")) ? SPAN_NONE : name);
}

static struct place_sid
sid_of(struct sid sid)
{
	struct place_sid out = { "" };

	memcpy(out.s, sid.s, SID_LEN);
	return out;
}

/* ---- members ------------------------------------------------------------- */

static struct span
key_of(const void *item)
{
	return uid_span(&((const struct local *)item)->uid);
}

static struct local *
local_of(const struct trunk_placing *x, const struct user *u)
{
	return map_find(&x->locals, uid_span(&u->uid));
}

static uint32_t
gate_of(const struct trunk_placing *x, const struct user *u)
{
	const struct local *l = local_of(x, u);

	return l == NULL ? PLACE_GATE_UNKNOWN : l->gate;
}

static void
drop_local(struct trunk_placing *x, const struct user *u)
{
	free(map_del(&x->locals, uid_span(&u->uid)));
}

static struct trunk_net *
net_of(struct sink *sink)
{
	return (struct trunk_net *)(void *)((char *)sink -
					    offsetof(struct trunk_net,
						placing.sink));
}

/* Return the stream of the first session of the user, or NULL. */
static struct trunk_stream *
stream_of(const struct trunk_net *net, const struct user *u)
{
	const struct session *s = LIST_FIRST(&u->sessions);

	return s == NULL || s->conn == NULL
		   ? NULL
		   : trunk_stream_find(&net->streams, s->conn->id);
}

static void
add_local(struct trunk_net *net, const struct user *u)
{
	struct trunk_placing *x = &net->placing;
	const struct trunk_stream *s = stream_of(net, u);
	struct local *l = mem_zalloc(sizeof(*l));

	l->uid = u->uid;
	if (s != NULL)
		l->gate = number_of(&x->gates, trunk_name(s->trunk));
	map_put(&x->locals, l);
}

/* The rate by which the gate chose is that of the channels from now on. */
static void
end_expected(struct trunk_net *net, const struct user *u)
{
	struct trunk_stream *s = stream_of(net, u);

	if (s == NULL)
		return;
	net->streams.expected -= s->rate;
	s->rate = 0;
}

static void
join(struct trunk_net *net, const struct user *u, const struct chan *c,
    struct sid at)
{
	struct trunk_placing *x = &net->placing;

	if (sid_cmp(at, core_self(net->core).sid) == 0) {
		if (local_of(x, u) == NULL)
			add_local(net, u);
		end_expected(net, u);
	}
	core_spend(net->core, COST_VISIT);
	place_chans_join(x->chans, rcbuf_span(c->fold), sid_of(at),
	    gate_of(x, u), x->now);
}

static void
part(struct trunk_net *net, const struct user *u, const struct chan *c,
    struct sid at)
{
	struct trunk_placing *x = &net->placing;

	core_spend(net->core, COST_VISIT);
	place_chans_part(x->chans, rcbuf_span(c->fold), sid_of(at),
	    gate_of(x, u), x->now);
}

/* A walk over the channels that the user is shown on, also those that have gone
 * in this step. */
struct shown_walk {
	struct stays stays;
	const struct member *left;
	bool all; /* of the stays */
};

static struct shown_walk
shown_of(const struct user *u)
{
	return (struct shown_walk){ stays_of(u), user_left(u), false };
}

static const struct chan *
shown_next(struct shown_walk *w)
{
	const struct member *m;

	while (!w->all) {
		m = stays_next(&w->stays);
		if (m != NULL && m->shown)
			return m->chan;
		w->all = m == NULL;
	}
	while ((m = w->left) != NULL) {
		w->left = m->user_next;
		if (m->shown)
			return m->chan;
	}
	return NULL;
}

static void
part_all(struct trunk_net *net, const struct user *u)
{
	struct shown_walk walk = shown_of(u);
	const struct chan *c;

	while ((c = shown_next(&walk)) != NULL)
		part(net, u, c, user_counted(u));
}

/* Remember the channels of somebody who leaves. A name with a space cannot be
 * told from two. */
static void
remember(struct trunk_net *net, const struct user *u)
{
	char buf[PLACE_MEMORY_TEXT];
	struct place_who who = { .account = core_account(net->core, u),
		.nick = user_nick(u) };
	struct shown_walk walk = shown_of(u);
	const struct chan *c;
	struct writer w;

	if (!addr_parse(ident_ip(u->ident), &who.addr))
		who.addr = ADDR_NONE;
	writer_init(&w, buf, sizeof(buf));
	for (unsigned n = 0;
	     n < PLACE_CHANNELS_MAX && (c = shown_next(&walk)) != NULL; n++) {
		struct span name = rcbuf_span(c->fold);

		if (span_find(name, ' ') < name.n ||
		    w.n + name.n + 1 > sizeof(buf))
			continue;
		writer_str(&w, w.n > 0 ? " " : "");
		writer_span(&w, name);
	}
	place_memory_put(net->placing.memory, &who, writer_done(&w),
	    net->placing.now);
}

/* ---- the sink ------------------------------------------------------------ */

static bool
has_audience(struct sink *sink, struct step *st, const struct change *ch)
{
	(void)st;
	return net_of(sink)->placing.chans != NULL &&
	       ((CHANGEB(JOIN) | CHANGEB(PART) | CHANGEB(KICK) |
		    CHANGEB(QUIT)) >>
		       ch->kind &
		   1) != 0;
}

static void
take(struct sink *sink, struct step *st, const struct change *ch)
{
	struct trunk_net *net = net_of(sink);
	const struct user *u = ch->user;

	(void)st;
	if (ch->kind == CHANGE_JOIN)
		join(net, u, ch->chan, user_counted(u));
	else if (ch->kind != CHANGE_QUIT)
		part(net, u, ch->chan, user_counted(u));
	else {
		remember(net, u);
		if (!core_mutated(net, PLACE_KEPT))
			part_all(net, u);
		drop_local(&net->placing, u);
	}
}

/* A home moves, with all memberships. */
static void
moved(struct sink *sink, struct step *st, const struct user *u, struct sid to)
{
	struct trunk_net *net = net_of(sink);
	struct shown_walk walk = shown_of(u);
	const struct chan *c;

	(void)st;
	if (net->placing.chans == NULL)
		return;
	part_all(net, u);
	drop_local(&net->placing, u);
	while ((c = shown_next(&walk)) != NULL)
		join(net, u, c, to);
}

static void
said(struct sink *sink, struct step *st, const struct chan *c)
{
	struct trunk_placing *x = &net_of(sink)->placing;

	(void)st;
	if (x->chans != NULL)
		place_chans_said(x->chans, rcbuf_span(c->fold), x->now);
}

void
trunk_placing_init(struct trunk_net *net)
{
	struct trunk_placing *x = &net->placing;
	static const unsigned char none[SIPHASH_KEY];

	map_init(&x->locals, key_of, none);
	place_net_init(&x->net);
	place_sent_init(&x->admitted, PLACE_LATE_MS);
	x->seen = UINT64_MAX;
	x->sink = (struct sink){ .has_audience = has_audience,
		.take = take,
		.moved = moved,
		.said = said };
	core_add_sink(net->core, &x->sink);
}

void
trunk_placing_begin(struct trunk_net *net,
    const unsigned char key[PLACE_MEMORY_KEY])
{
	struct trunk_placing *x = &net->placing;
	const struct place_memory_limits limits = { PEOPLE_MAX, PEOPLE_BYTES };
	struct core_counts counts;

	if (x->chans != NULL || net->set == NULL || net->set->ngate == 0)
		return;
	core_counts(net->core, &counts);
	if (counts.users > 0)
		return;
	map_init(&x->locals, key_of, net->key);
	x->chans = place_chans_new(net->key);
	x->memory = place_memory_new(limits, key);
}

void
trunk_placing_fini(struct trunk_placing *x)
{
	struct local *l;

	for (size_t i = 0; (l = map_next(&x->locals, &i)) != NULL;)
		free(map_del(&x->locals, uid_span(&l->uid)));
	map_fini(&x->locals);
	place_chans_free(x->chans);
	place_memory_free(x->memory);
	place_net_fini(&x->net);
	free(x->gates.v);
	free(x->regions.v);
}

void
trunk_placing_tick(const struct trunk_step *st)
{
	struct trunk_placing *x = &st->net->placing;
	size_t n;

	if (x->chans == NULL)
		return;
	n = place_chans_expire(x->chans, x->now, TICK_MAX) +
	    place_memory_expire(x->memory, x->now, TICK_MAX);
	core_spend(st->net->core, n * COST_VISIT);
}

/* ---- figures ------------------------------------------------------------- */

uint64_t
trunk_placing_rate(const struct trunk_net *net)
{
	const struct place_chans *chans = net->placing.chans;
	uint64_t rate = net->streams.expected;

	if (chans != NULL)
		rate +=
		    place_chans_rate(chans, sid_of(core_self(net->core).sid));
	return rate < PLACE_LOAD_MAX ? rate : PLACE_LOAD_MAX;
}

static void
set_server(struct trunk_net *net, const struct entrance_info *e)
{
	struct trunk_placing *x = &net->placing;
	const struct place_sid sid = sid_of(e->run.sid);
	struct place_server *s = place_net_get(&x->net, sid);
	uint64_t rate = x->chans == NULL ? 0 : place_chans_rate(x->chans, sid);

	core_spend(net->core, COST_VISIT);
	if (s == NULL)
		return; /* there are too many */
	s->up = true;
	s->region = region_of(x, e->text.region);
	s->weight = e->text.weight;
	s->draining = e->text.draining;
	place_net_load(s, (uint32_t)core_users_of(net->core, e->run.sid), rate,
	    0);
}

static void
set_all(struct trunk_net *net)
{
	struct trunk_placing *x = &net->placing;
	struct entrance_walk walk = { NULL };
	struct entrance_info e;

	x->seen = entrance_info_serial(net->core);
	x->at = x->now;
	for (size_t i = 0; i < x->net.n; i++)
		x->net.v[i].up = false;
	while (entrance_info_next(net->core, &walk, &e))
		set_server(net, &e);
	for (size_t i = x->net.n; i-- > 0;)
		if (!x->net.v[i].up)
			place_net_drop(&x->net, x->net.v[i].sid);
}

/* Let the figures be those of now. Return this server, or NULL if it does not
 * say where it takes gates. */
static struct place_server *
look(struct trunk_net *net)
{
	struct trunk_placing *x = &net->placing;
	struct place_server *me;

	if (x->seen != entrance_info_serial(net->core) ||
	    mono_sub_ms(x->now, x->at) >= FIGURES_MS)
		set_all(net);
	me = place_net_find(&x->net, sid_of(core_self(net->core).sid));
	if (me == NULL)
		return NULL;
	me->draining = core_is_draining(net->core);
	place_net_load(me, (uint32_t)core_load_users(net->core),
	    trunk_placing_rate(net), 0);
	return me;
}

/* ---- the question, and the answer to NEW --------------------------------- */

void
trunk_placing_answer(const struct trunk_step *st, const struct trunk *t,
    const struct place_who *who, struct writer *w)
{
	struct trunk_net *net = st->net;
	struct trunk_placing *x = &net->placing;
	struct place_answer answer = { .n = 0 };
	struct place_person person = { .npeers = 0 };
	struct place_gate gate;
	struct place_facts facts;

	(void)look(net);
	gate.gate = number_of(&x->gates, trunk_name(t));
	gate.region = region_of(x, span_of(t->region));
	if (x->chans != NULL) {
		person.channels = place_memory_find(x->memory, who, x->now);
		facts = place_chans_facts(x->chans, x->now);
		core_spend(net->core,
		    place_cost(&x->net, &gate, &person, &facts, &answer));
	}
	place_answer_build(w, &answer);
}

bool
trunk_placing_admits(const struct trunk_step *st, uint64_t rate, bool over)
{
	struct trunk_net *net = st->net;
	struct trunk_placing *x = &net->placing;
	const struct place_server *me = look(net);
	struct place_sum sum;

	if (me == NULL || me->draining)
		return true; /* the core refuses, if it is draining */
	core_spend(net->core, COST_VISIT);
	place_sent_expire(&x->admitted, x->now);
	if (!place_admits(&x->net, me, rate, over ? NULL : &x->admitted))
		return false;
	place_sum_init(&sum, &x->net, rate);
	place_sent_add(&x->admitted, sum.coming, x->now);
	return true;
}
