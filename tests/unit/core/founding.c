/*
 * The cost and the number of foundings of one name. Cost is counted in
 * comparisons of incarnations, without those of core_check: the linker replaces
 * cinc_cmp and core_check by __wrap_cinc_cmp and __wrap_core_check in this
 * program (module.mk).
 */
#include <string.h>

#include "core/facts/founding.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define MANY 50000
#define PER_ENTRY 1000
#define CYCLES 10000

int __real_cinc_cmp(struct cinc, struct cinc);
int __wrap_cinc_cmp(struct cinc, struct cinc);

static uint64_t compared;

int
__wrap_cinc_cmp(struct cinc a, struct cinc b)
{
	compared++;
	return __real_cinc_cmp(a, b);
}

const char *__real_core_check(const struct core *, struct arena *);
const char *__wrap_core_check(const struct core *, struct arena *);

const char *
__wrap_core_check(const struct core *c, struct arena *arena)
{
	uint64_t before = compared;
	const char *why = __real_core_check(c, arena);

	compared = before;
	return why;
}

static struct origin
other(void)
{
	struct origin o = { .inc = 1 };

	ck_assert(sid_parse(SPAN("2BB"), &o.sid));
	return o;
}

/* Let the other server say that; n is the number of the entry. */
static void
other_says(struct rig *r, uint64_t n, const struct part *part, size_t nparts)
{
	struct cause none = { 0 };
	struct entry *e;

	e = entry_new(other(), n, (struct stamp){ r->ev.wall.ms + (int64_t)n },
	    &(struct dest){ .all = true }, &none, part, nparts);
	core_apply_whole(r->core, &r->ev, e, false, &r->fx);
	entry_unref(e);
	rig_drain(r);
}

/* Make foundings of #c that no member stands in, the younger ones first. */
static void
other_founds(struct rig *r, unsigned n)
{
	static struct part p[PER_ENTRY];

	for (unsigned i = 0; i < n; i++) {
		p[i % PER_ENTRY] = (struct part){ .id = PART_CHAN,
			.u.chan.ch = { SPAN("#c"),
			    { { (int64_t)(n - i) }, other().sid } } };
		if ((i + 1) % PER_ENTRY == 0)
			other_says(r, (i + 1) / PER_ENTRY, p, PER_ENTRY);
	}
}

static uint64_t
cost_of_line(struct rig *r, unsigned client, const char *line)
{
	uint64_t before = compared;

	rig_say(r, client, line);
	return compared - before;
}

/* A linked server sends 50 000 +CHAN of one name. */
START_TEST(a_channel_is_used_whatever_was_founded_of_its_name)
{
	struct rig r;
	uint64_t join, mode, part;

	rig_init(&r);
	r.class.flood_burst = 0;
	rig_register(&r, 1, "alice");
	compared = 0;
	other_founds(&r, MANY);
	/* A red-black tree of that many is at most 32 deep. */
	ck_assert_uint_lt(compared, (uint64_t)MANY * 2 * 32);
	join = cost_of_line(&r, 1, "JOIN #c");
	mode = cost_of_line(&r, 1, "MODE #c +m");
	part = cost_of_line(&r, 1, "PART #c");
	ck_assert_uint_lt(join + mode + part, 2000);
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1),
	    ":alice!u@127.0.0.1 MODE #c +m\r\n"));
	rig_fini(&r);
}
END_TEST

/* The map says that the network is whole, or that it is not. */
static void
network(struct rig *r, bool whole)
{
	struct server_view me = { .sid = r->core->self.sid,
		.visible = r->core->self.inc,
		.reachable = true };
	struct overlay_view view = { .v = &me, .n = 1, .whole = whole };

	core_overlay(r->core, &r->ev, &view, &r->fx);
	rig_drain(r);
}

static unsigned
count_foundings(struct rig *r, const char *name)
{
	const struct chan *c = facts_find_chan(&r->core->facts, span_of(name));
	const struct founding *g;
	unsigned n = 0;

	if (c == NULL)
		return 0;
	for (g = founding_first(c); g != NULL; g = founding_next(g))
		n++;
	return n;
}

static size_t
count_facts(struct rig *r)
{
	struct core_digest d;

	core_digest(r->core, &d);
	return d.facts;
}

/* A bot that joins and leaves for ever. The first JOIN founds, the others cost
 * what the second one costs, and leave what that leaves. */
static void
cycle(struct rig *r)
{
	uint64_t first, cost;
	size_t facts;

	rig_say(r, 1, "JOIN #c");
	rig_say(r, 1, "PART #c");
	first = cost_of_line(r, 1, "JOIN #c");
	rig_say(r, 1, "PART #c");
	facts = count_facts(r);
	for (unsigned i = 0; i < CYCLES; i++) {
		cost = cost_of_line(r, 1, "JOIN #c");
		ck_assert_uint_eq(cost, first);
		rig_say(r, 1, "PART #c");
		ck_assert_uint_eq(count_foundings(r, "#c"), 1);
		rig_heard(r, 1);
		if (r->drain[1])
			rig_read(r, 1);
	}
	ck_assert_uint_eq(count_facts(r), facts);
}

START_TEST(a_bot_that_cycles_leaves_nothing)
{
	struct rig r;

	rig_init(&r);
	r.class.flood_burst = 0;
	rig_register(&r, 1, "alice");
	network(&r, true);
	cycle(&r);
	rig_fini(&r);
}
END_TEST

/* While a server is missing nothing is certain, but the bot is bounded. */
START_TEST(a_bot_that_cycles_during_a_split_leaves_nothing)
{
	struct rig r;

	rig_init(&r);
	r.class.flood_burst = 0;
	rig_register(&r, 1, "alice");
	network(&r, true);
	network(&r, false);
	cycle(&r);
	rig_fini(&r);
}
END_TEST

Suite *
founding_suite(void)
{
	Suite *s = suite_create("founding");
	TCase *t = unit_case("all");

	tcase_add_test(t, a_channel_is_used_whatever_was_founded_of_its_name);
	tcase_add_test(t, a_bot_that_cycles_leaves_nothing);
	tcase_add_test(t, a_bot_that_cycles_during_a_split_leaves_nothing);
	suite_add_tcase(s, t);
	return s;
}
