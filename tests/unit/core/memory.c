/*
 * This file bounds the bytes that malloc gives out for each user, channel and
 * membership of another server, with all that belongs to them: registers,
 * places in tables, what is shown. tests/bench/scale.py measures the same of a
 * server. The figures do not depend on the machine, but on the allocator of
 * glibc.
 */
#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "core/snap_facts.h"
#include "core/state.h"
#include "lib/limits.h"
#include "unit/core/check_core.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#include <malloc.h>

#define USERS 8000u
#define CHANS (USERS / 2)
#define STAYS 5u /* of one user */

/* The most bytes of each; doc/status.md says what they should be. */
#define USER_MOST 268.0
#define CHAN_MOST 436.0
#define STAY_MOST 95.5

struct crowd {
	struct core *core;
	struct settings settings;
	struct class_settings class;
	struct event ev;
	struct effects fx;
	unsigned n; /* entries so far */
};

static size_t
in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void
step(struct crowd *c, enum event_kind kind)
{
	c->ev.kind = kind;
	core_step(c->core, &c->ev, &c->fx);
	effects_clear(&c->fx);
}

static void
apply(struct crowd *c, unsigned parts, const char *text)
{
	char all[1024];
	const char *why;
	struct entry *e;

	c->n++;
	snprintf(all, sizeof(all), "ENTRY 2BB.7 %u %u * - %u\r\n%s", c->n,
	    1000 + c->n, parts, text);
	e = entry_from_text(span_of(all), &why);
	ck_assert_msg(e != NULL, "%s: %s", why, all);
	core_apply_whole(c->core, &c->ev, e, false, &c->fx);
	effects_clear(&c->fx);
	entry_unref(e);
}

static void
show_server(struct crowd *c)
{
	struct server_view v[2] = {
		{ .sid = { "1AA" }, .visible = 1, .reachable = true },
		{ .sid = { "2BB" }, .visible = 7, .reachable = true, .hops = 1 }
	};
	struct overlay_view all = { v, 2, true };

	core_overlay(c->core, &c->ev, &all, &c->fx);
	effects_clear(&c->fx);
}

static void
begin(struct crowd *c)
{
	*c = (struct crowd){ .class = { .name = SPAN("all") } };
	c->settings = (struct settings){ .sid = { "1AA" },
		.name = SPAN("a.test"),
		.network = SPAN("Test"),
		.description = SPAN("a"),
		DEFAULT_LIMITS,
		.class = &c->class,
		.nclass = 1,
		.keep_s = 60 };
	effects_init(&c->fx);
	c->core = core_new();
	c->ev.now.ns = 1000000000;
	c->ev.wall.ms = 1700000000000;
	c->ev.u.seed.inc = 5;
	c->ev.u.seed.uid_upto = 65536;
	step(c, EV_SEED);
	c->ev.u.conf.settings = &c->settings;
	step(c, EV_CONF);
	apply(c, 1, "+READY 2BB 7 b.test :b\r\n");
	show_server(c);
}

static void
end(struct crowd *c)
{
	core_free(c->core);
	effects_fini(&c->fx);
}

/* A user has a nick and +i. */
static void
add_user(struct crowd *c, unsigned i)
{
	char text[400];

	snprintf(text, sizeof(text),
	    "+USER 2BBA%05u nick%u user%u b.test 192.0.2.%u "
	    "host%u.example.net :Some Name\r\n"
	    "+NICK 2BBA%05u nick%u 1 %u\r\n"
	    "+SET 2BBA%05u mode/invisible 2BBA%05u :1\r\n",
	    i, i, i % 100, i % 200, i, i, i, 1001 + c->n, i, i);
	apply(c, 3, text);
}

/* A channel has +nt, and no member yet. */
static void
add_chan(struct crowd *c, unsigned i)
{
	char text[400];

	snprintf(text, sizeof(text),
	    "+CHAN #chan%u,%u.2BB\r\n"
	    "+CSET #chan%u,%u.2BB mode/no-external 2BBA%05u :1\r\n"
	    "+CSET #chan%u,%u.2BB mode/topic-protect 2BBA%05u :1\r\n",
	    i, i + 1, i, i + 1, i, i, i + 1, i);
	apply(c, 3, text);
}

/* Put a user on some channels. The first half of the users are op on one. */
static void
add_stays(struct crowd *c, unsigned i)
{
	char text[600];
	size_t n = 0;
	unsigned chan;

	for (unsigned k = 0; k < STAYS; k++) {
		chan = (i + k * CHANS / STAYS) % CHANS;
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "+JOIN #chan%u,%u.2BB 2BBA%05u\r\n", chan, chan + 1, i);
	}
	if (i < CHANS)
		snprintf(text + n, sizeof(text) - n,
		    "+STAT #chan%u,%u.2BB 2BB.7.%u.0 op on 2BBA%05u\r\n", i,
		    i + 1, c->n + 1, i);
	apply(c, STAYS + (i < CHANS), text);
}

static double
cost_of(struct crowd *c, void (*add)(struct crowd *, unsigned), unsigned n)
{
	size_t before = in_use();

	for (unsigned i = 0; i < n; i++)
		add(c, i);
	return (double)(in_use() - before) / n;
}

static void
check(const char *what, double is, double most)
{
	ck_assert_msg(is <= most, "a %s takes %.1f bytes, more than %.0f", what,
	    is, most);
	/* a bound that is far above shows nothing */
	ck_assert_msg(is > most * 0.97,
	    "a %s takes %.1f bytes: lower the bound", what, is);
}

START_TEST(facts_take_little_memory)
{
	struct crowd c;

	begin(&c);
	check("user", cost_of(&c, add_user, USERS), USER_MOST);
	check("channel", cost_of(&c, add_chan, CHANS), CHAN_MOST);
	check("membership", cost_of(&c, add_stays, USERS) / STAYS, STAY_MOST);
	ck_assert_uint_eq(c.core->facts.nshown, USERS);
	end(&c);
}
END_TEST

struct coming {
	struct snap_facts *facts;
	size_t text; /* bytes of the lines */
};

static void
add_line(void *ctx, const struct snap_item *item)
{
	struct coming *all = ctx;
	struct arena *arena = arena_new(4096);
	struct snap_item same;
	struct writer w;

	writer_init_arena(&w, arena, ENTRY_LINE_MAX);
	snap_item_build(&w, item);
	ck_assert_ptr_null(snap_facts_add(all->facts, writer_done(&w), arena,
	    &same));
	all->text += w.n;
	arena_free(arena);
}

/* The facts of a network wait compressed until all have come. */
START_TEST(snapshot_waits_in_little_memory)
{
	struct crowd c;
	struct coming all = { 0 };
	size_t before, held;

	begin(&c);
	cost_of(&c, add_user, USERS);
	cost_of(&c, add_chan, CHANS);
	cost_of(&c, add_stays, USERS);
	before = in_use();
	all.facts = snap_facts_new(c.core, 0);
	core_walk(c.core, add_line, &all);
	held = in_use() - before;
	ck_assert_uint_gt(all.text, 5000000);
	ck_assert_msg(held < all.text / 2, "%zu bytes for %zu", held, all.text);
	ck_assert_uint_lt(snap_facts_held(all.facts), held);
	ck_assert_uint_gt(snap_facts_held(all.facts), held / 2);
	ck_assert_uint_gt(snap_facts_bytes(all.facts), all.text);
	snap_facts_drop(c.core, all.facts);
	end(&c);
}
END_TEST
#endif

Suite *
memory_suite(void)
{
	Suite *s = suite_create("memory");
#ifdef USERS
	TCase *t = unit_case("memory");

	tcase_add_test(t, facts_take_little_memory);
	tcase_add_test(t, snapshot_waits_in_little_memory);
	suite_add_tcase(s, t);
#endif
	return s;
}
