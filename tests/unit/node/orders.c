/*
 * A set of entries that holds, with each entry, what its maker had, is what a
 * server can have (15.4). The facts of each such set are kept when an order
 * reaches the set first, and compared whenever another order does.
 */
#include "unit/node/orders.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/state.h"
#include "core/snap_facts.h"
#include "lib/limits.h"
#include "lib/mutation.h"

#define TRIED_MAX 3000 /* orders of one set */

struct orders {
	const struct order_entry *v;
	size_t n;
	struct entry *entry[ORDERS_MAX];
	uint32_t before[ORDERS_MAX]; /* bits of all that come before it */
	unsigned tried;		     /* orders */
	char *facts[1u << ORDERS_MAX];
};

/* A core that only takes. */
struct taker {
	struct core *core;
	struct event ev;
	struct effects fx;
	struct settings set;
	struct class_settings class;
	uint32_t has;
};

/* ---- a core -------------------------------------------------------------- */

static void
step(struct taker *t, enum event_kind kind)
{
	t->ev.kind = kind;
	core_step(t->core, &t->ev, &t->fx);
	effects_clear(&t->fx);
}

/* Let some of the servers be visible, so that users who move are shown, too. */
static void
show_servers(struct taker *t)
{
	static const struct server_view v[] = {
		{ .sid = { "002" },
		    .visible = 5,
		    .reachable = true,
		    .uplink = { "1AA" },
		    .hops = 1 },
		{ .sid = { "003" },
		    .visible = 5,
		    .reachable = true,
		    .uplink = { "1AA" },
		    .hops = 1 },
	};

	core_overlay(t->core, &t->ev, &(struct overlay_view){ v, 2, false },
	    &t->fx);
	effects_clear(&t->fx);
}

struct taker *
taker_new(void)
{
	struct taker *t = mem_zalloc(sizeof(*t));

	effects_init(&t->fx);
	t->core = core_new();
	t->class = (struct class_settings){ .name = SPAN("all") };
	t->set = (struct settings){ .name = SPAN("irc.test"),
		DEFAULT_LIMITS,
		.class = &t->class,
		.nclass = 1,
		.keep_s = 60 };
	(void)sid_parse(SPAN("1AA"), &t->set.sid);
	t->ev.now.ns = 1000000000;
	t->ev.wall.ms = 1700000000000;
	t->ev.u.seed.inc = 5;
	step(t, EV_SEED);
	mutation_of_core(t->core);
	t->ev.u.conf.settings = &t->set;
	step(t, EV_CONF);
	show_servers(t);
	return t;
}

void
taker_free(struct taker *t)
{
	core_free(t->core);
	effects_fini(&t->fx);
	free(t);
}

void
taker_apply(struct taker *t, const struct entry *e)
{
	core_apply_whole(t->core, &t->ev, e, false, &t->fx);
	/* what is void goes before the next entry */
	core_install_finish(t->core, &t->ev, &t->fx);
	effects_clear(&t->fx);
}

const struct facts *
taker_facts(const struct taker *t)
{
	return &t->core->facts;
}

/* ---- facts --------------------------------------------------------------- */

static void
compare(struct orders *o, struct taker *t)
{
	struct arena *a = arena_new(4096);
	const char *why = core_check(t->core, a);
	struct span facts = core_canon(t->core, a);
	char **kept = &o->facts[t->has];

	ck_assert_msg(why == NULL, "%s", why);
	if (*kept == NULL)
		*kept = span_dup(facts);
	ck_assert_msg(span_eq(span_of(*kept), facts),
	    "entries %x, facts:\n%s\nand in another order:\n%.*s", t->has,
	    *kept, SPAN_ARG(facts));
	arena_free(a);
}

static bool
may_come(const struct orders *o, uint32_t has, size_t i)
{
	return (has >> i & 1) == 0 && (o->before[i] & ~has) == 0;
}

static void
take(struct orders *o, struct taker *t, size_t i)
{
	taker_apply(t, o->entry[i]);
	t->has |= 1u << i;
	compare(o, t);
}

/* Take all entries of the set, the first that may come first. */
static void
take_set(struct orders *o, struct taker *t, uint32_t set)
{
	for (size_t i = 0; i < o->n; i++)
		if ((set >> i & 1) != 0 && may_come(o, t->has, i)) {
			take(o, t, i);
			i = (size_t)-1;
		}
	ck_assert_uint_eq(t->has, set);
}

/* ---- every order --------------------------------------------------------- */

static void
try_order(struct orders *o, const size_t *order)
{
	struct taker *t = taker_new();

	o->tried++;
	for (size_t k = 0; k < o->n; k++)
		take(o, t, order[k]);
	taker_free(t);
}

static void
try_orders(struct orders *o, size_t *order, size_t k, uint32_t has)
{
	if (o->tried == TRIED_MAX)
		return;
	if (k == o->n) {
		try_order(o, order);
		return;
	}
	for (order[k] = 0; order[k] < o->n; order[k]++)
		if (may_come(o, has, order[k]))
			try_orders(o, order, k + 1, has | 1u << order[k]);
}

/* ---- half by a snapshot -------------------------------------------------- */

static void
set_vector(const struct orders *o, uint32_t set, struct vector *v)
{
	for (size_t i = 0; i < o->n; i++)
		if ((set >> i & 1) != 0)
			vector_raise(v, o->entry[i]->o, o->entry[i]->n);
}

struct taking { /* a snapshot */
	struct snap_facts *facts;
	struct vector ready; /* runs of its READYs */
};

static void
add_fact(void *ctx, const struct snap_item *item)
{
	struct taking *k = ctx;
	const struct part_ready *r = &item->part.u.ready;
	struct arena *a = arena_new(1024);
	struct snap_item same;
	struct writer w;

	writer_init_arena(&w, a, ENTRY_LINE_MAX);
	snap_item_build(&w, item);
	ck_assert_ptr_null(snap_facts_add(k->facts, writer_done(&w), a, &same));
	if (item->part.id == PART_READY)
		vector_set(&k->ready,
		    (struct origin){ r->sid, (uint32_t)r->inc }, 1);
	arena_free(a);
}

/* t takes a snapshot of the sender, then what both lack. */
static void
try_snapshot(struct orders *o, uint32_t has, const struct taker *from)
{
	struct taker *t = taker_new();
	struct taking k = { .facts = snap_facts_new(t->core, 100) };
	struct vector v = { 0 }, cov = { 0 };
	size_t at = 0;

	take_set(o, t, has);
	core_walk(from->core, add_fact, &k);
	set_vector(o, from->has, &v);
	set_vector(o, has, &cov);
	ck_assert_int_eq(core_install_loses(t->core, k.facts, &v, &cov,
			     &k.ready, &at),
	    INSTALL_LOSES_NOTHING);
	core_install_whole(t->core, &t->ev, k.facts, &v, &cov, &t->fx);
	effects_clear(&t->fx);
	t->has |= from->has;
	compare(o, t);
	take_set(o, t, (1u << o->n) - 1);
	vector_fini(&v);
	vector_fini(&cov);
	vector_fini(&k.ready);
	taker_free(t);
}

/* Sets that no order reaches have no facts. */
static void
try_snapshots(struct orders *o)
{
	uint32_t all = (1u << o->n) - 1;
	struct taker *from;

	for (uint32_t set = 1; set <= all; set++) {
		if (o->facts[set] == NULL)
			continue;
		from = taker_new();
		take_set(o, from, set);
		for (uint32_t has = 0; has <= all; has++)
			if ((has == 0 || o->facts[has] != NULL) &&
			    (set & ~has) != 0)
				try_snapshot(o, has, from);
		taker_free(from);
	}
}

/* ---- all of it ----------------------------------------------------------- */

struct entry *
orders_entry(const struct order_entry *v, size_t i)
{
	char text[2048];
	const char *why = NULL, *p = v[i].parts;
	unsigned n = 1, parts = 0;
	struct entry *e;

	for (size_t k = 0; k < i; k++)
		n += strcmp(v[k].origin, v[i].origin) == 0;
	for (; (p = strstr(p, "\r\n")) != NULL; p += 2)
		parts++;
	snprintf(text, sizeof(text), "ENTRY %s %u %u * %s %u\r\n%s",
	    v[i].origin, n, v[i].stamp, v[i].cause, parts, v[i].parts);
	e = entry_from_text(span_of(text), &why);
	ck_assert_msg(e != NULL, "%s: %s", why, text);
	return e;
}

static void
add_entry(struct orders *o, size_t i)
{
	o->entry[i] = orders_entry(o->v, i);
	o->before[i] = o->v[i].after;
	for (size_t k = 0; k < i; k++)
		if (strcmp(o->v[k].origin, o->v[i].origin) == 0)
			o->before[i] |= 1u << k;
	for (size_t k = 0; k < i; k++)
		if ((o->before[i] >> k & 1) != 0)
			o->before[i] |= o->before[k];
}

char *
orders_check(const struct order_entry *v, size_t n)
{
	struct orders *o = mem_zalloc(sizeof(*o));
	size_t order[ORDERS_MAX];
	char *all;

	ck_assert_uint_le(n, ORDERS_MAX);
	o->v = v;
	o->n = n;
	for (size_t i = 0; i < n; i++)
		add_entry(o, i);
	try_orders(o, order, 0, 0);
	try_snapshots(o);
	for (size_t i = 0; i < n; i++)
		entry_unref(o->entry[i]);
	all = o->facts[(1u << n) - 1];
	o->facts[(1u << n) - 1] = NULL;
	for (size_t i = 0; i < sizeof(o->facts) / sizeof(o->facts[0]); i++)
		free(o->facts[i]);
	free(o);
	return all;
}
