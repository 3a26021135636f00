#include "place/chans.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "unit/place/check_place.h"

#define HOUR (INT64_C(3600) * 1000)

static const unsigned char seed[SIPHASH_KEY] = { 1 };
static struct place_chans *chans;

static void
up(void)
{
	chans = place_chans_new(seed);
}

static void
down(void)
{
	place_chans_free(chans);
}

static void
join(const char *name, unsigned server, uint32_t gate)
{
	place_chans_join(chans, span_of(name), sid_of(server), gate, at_ms(0));
}

static void
part(const char *name, unsigned server, uint32_t gate)
{
	place_chans_part(chans, span_of(name), sid_of(server), gate, at_ms(0));
}

/* Return the class at that time, or PLACE_CLASS_MAX + 1 if nobody is there. */
static unsigned
class_at(const char *name, int64_t ms)
{
	struct place_facts f = place_chans_facts(chans, at_ms(ms));
	unsigned class;

	if (!f.chan(f.ctx, span_of(name), &class))
		return PLACE_CLASS_MAX + 1;
	return class;
}

/* Return how many members are at a seat, and how many seats there are. */
static uint32_t
members(const char *name, unsigned server, uint32_t gate, unsigned *seats)
{
	struct place_facts f = place_chans_facts(chans, at_ms(0));
	struct place_seat seat;
	unsigned class;
	uint32_t n = 0;

	*seats = 0;
	if (!f.chan(f.ctx, span_of(name), &class))
		return 0;
	for (; f.seat(f.ctx, &seat); ++*seats)
		if (seat.gate == gate &&
		    strcmp(seat.sid.s, sid_of(server).s) == 0)
			n += seat.members;
	return n;
}

START_TEST(members_come_and_go)
{
	unsigned seats;

	join("#a", 1, 0);
	join("#A", 1, 0);
	join("#a", 1, 2);
	join("#a", 2, 0);
	join("#b", 1, 0);
	ck_assert_uint_eq(place_chans_count(chans), 2);
	ck_assert_uint_eq(members("#a", 1, 0, &seats), 2);
	ck_assert_uint_eq(seats, 3);
	ck_assert_uint_eq(members("#A", 1, 2, &seats), 1);
	ck_assert_uint_eq(members("#a", 2, 2, &seats), 0);
	part("#a", 1, 2);
	part("#a", 1, 0);
	ck_assert_uint_eq(members("#a", 1, 0, &seats), 1);
	ck_assert_uint_eq(seats, 2);
	part("#a", 1, 0);
	part("#a", 2, 0);
	ck_assert_uint_eq(place_chans_count(chans), 1);
	ck_assert_uint_gt(class_at("#a", 0), PLACE_CLASS_MAX);
	ck_assert_uint_eq(class_at("#b", 0), 0);
	ck_assert_uint_eq(place_chans_rate(chans, sid_of(2)), 0);
	ck_assert_uint_eq(place_chans_rate(chans, sid_of(1)), 1);
}
END_TEST

/* Lines come evenly, for a time; the class is that of their rate, and falls
 * when no more come. */
static const struct {
	unsigned per_hour, hours;
	unsigned class, later; /* at the end, and six hours after that */
} rates[] = { { 0, 24, 0, 0 }, { 1, 24, 1, 0 }, { 4, 24, 2, 0 },
	{ 16, 24, 3, 1 }, { 64, 2, 4, 2 }, { 256, 24, 5, 3 },
	{ 4096, 24, 7, 5 }, { 64, 1, 4, 2 } };

START_TEST(a_rate_is_a_mean_of_hours)
{
	int64_t end = rates[_i].hours * HOUR;

	join("#a", 0, 0);
	join("#a", 3, 0);
	for (unsigned i = 0; i < rates[_i].per_hour * rates[_i].hours; i++)
		place_chans_said(chans, SPAN("#a"),
		    at_ms(i * HOUR / rates[_i].per_hour));
	ck_assert_uint_eq(class_at("#a", end), rates[_i].class);
	ck_assert_uint_eq(place_chans_rate(chans, sid_of(3)),
	    place_rate(rates[_i].class));
	end += 6 * HOUR;
	ck_assert_uint_eq(place_chans_expire(chans, at_ms(end), 10), 1);
	ck_assert_uint_eq(place_chans_expire(chans, at_ms(end), 10), 0);
	ck_assert_uint_eq(place_chans_rate(chans, sid_of(3)),
	    place_rate(rates[_i].later));
	ck_assert_uint_eq(class_at("#a", end), rates[_i].later);
	ck_assert_uint_eq(class_at("#a", end + 2000 * HOUR), 0);
	ck_assert_uint_eq(place_chans_rate(chans, sid_of(0)), 1);
}
END_TEST

START_TEST(a_channel_without_members_is_forgotten)
{
	place_chans_said(chans, SPAN("#a"), at_ms(0));
	ck_assert_uint_eq(place_chans_count(chans), 0);
	join("#a", 0, 0);
	for (unsigned i = 0; i < 1000; i++)
		place_chans_said(chans, SPAN("#a"), at_ms(1));
	ck_assert_uint_eq(class_at("#a", 1), 6); /* 1000 lines in an hour */
	part("#a", 0, 0);
	join("#a", 0, 0);
	ck_assert_uint_eq(class_at("#a", 1), 0);
}
END_TEST

/* Half a line an hour is between two classes: with each line it is more, and
 * then less again. */
START_TEST(a_class_does_not_go_up_and_down)
{
	unsigned class, before = 0, changes = 0;

	join("#a", 0, 0);
	for (unsigned minute = 0; minute < 48 * 60; minute++) {
		if (minute % 120 == 2)
			place_chans_said(chans, SPAN("#a"),
			    at_ms((int64_t)minute * 60000));
		class = class_at("#a", (int64_t)minute * 60000);
		ck_assert(class == before || minute % 15 == 0 || minute < 600);
		changes += class != before;
		before = class;
	}
	ck_assert_uint_gt(changes, 1);
}
END_TEST

START_TEST(few_are_looked_at_at_once)
{
	char name[20];

	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "#%u", i);
		join(name, i % 5, 0);
	}
	ck_assert_uint_eq(place_chans_expire(chans, at_ms(HOUR - 1), 30), 0);
	place_chans_said(chans, SPAN("#0"), at_ms(HOUR - 1));
	ck_assert_uint_eq(place_chans_expire(chans, at_ms(HOUR), 30), 30);
	ck_assert_uint_eq(place_chans_expire(chans, at_ms(HOUR), 100), 69);
	ck_assert_uint_eq(place_chans_expire(chans, at_ms(HOUR), 100), 0);
}
END_TEST

/* Random members and lines, beside a list of all members: seats and sums are
 * exact. */
START_TEST(sums_are_those_of_all_members)
{
	enum { N = 400, CHANS = 12, SERVERS = 6 };
	static struct {
		unsigned chan, server;
		uint32_t gate;
	} member[N];
	char name[CHANS][8];
	unsigned n = 0, seats;
	struct rng rng;

	rng_seed(&rng, 3);
	for (unsigned i = 0; i < CHANS; i++)
		snprintf(name[i], sizeof(name[i]), "#%u", i);
	for (unsigned step = 0; step < 5000; step++) {
		struct mono now = at_ms((int64_t)step * 60000);
		unsigned k = n > 0 ? (unsigned)rng_below(&rng, n) : 0;
		uint64_t rate[SERVERS] = { 0 };

		if (n < N && rng_below(&rng, 2) == 0) {
			member[n].chan = (unsigned)rng_below(&rng, CHANS);
			member[n].server = (unsigned)rng_below(&rng, SERVERS);
			member[n].gate = (uint32_t)rng_below(&rng, 3);
			k = n++;
			place_chans_join(chans, span_of(name[member[k].chan]),
			    sid_of(member[k].server), member[k].gate, now);
		} else if (n > 0 && rng_below(&rng, 2) == 0) {
			place_chans_part(chans, span_of(name[member[k].chan]),
			    sid_of(member[k].server), member[k].gate, now);
			member[k] = member[--n];
		}
		for (uint64_t i = rng_below(&rng, 50); i > 0; i--)
			place_chans_said(chans,
			    span_of(name[rng_below(&rng, CHANS) / 2]), now);
		for (unsigned i = 0; i < n; i++)
			rate[member[i].server] +=
			    place_rate(class_at(name[member[i].chan],
				step * 60000));
		for (unsigned i = 0; i < SERVERS; i++)
			ck_assert_uint_eq(place_chans_rate(chans, sid_of(i)),
			    rate[i]);
		if (n == 0)
			continue;
		k = (unsigned)rng_below(&rng, n);
		for (unsigned i = 0, all = 0; i <= n; i++) {
			if (i == n)
				ck_assert_uint_eq(members(name[member[k].chan],
						      member[k].server,
						      member[k].gate, &seats),
				    all);
			else
				all += memcmp(&member[i], &member[k],
					   sizeof(member[k])) == 0;
		}
	}
}
END_TEST

Suite *
chans_suite(void)
{
	Suite *s = suite_create("chans");
	TCase *tc = unit_case("chans");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, members_come_and_go);
	tcase_add_loop_test(tc, a_rate_is_a_mean_of_hours, 0, ROWS(rates));
	tcase_add_test(tc, a_channel_without_members_is_forgotten);
	tcase_add_test(tc, a_class_does_not_go_up_and_down);
	tcase_add_test(tc, few_are_looked_at_at_once);
	tcase_add_test(tc, sums_are_those_of_all_members);
	suite_add_tcase(s, tc);
	return s;
}
