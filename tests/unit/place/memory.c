#include "place/memory.h"

#include <stdio.h>

#include "place/cost.h"
#include "unit/place/check_place.h"

#define HOUR (INT64_C(3600) * 1000)

static const unsigned char key[PLACE_MEMORY_KEY] =
    "a key that nobody can guess ...";
static struct place_memory *memory;

static void
up(void)
{
	memory = place_memory_new((struct place_memory_limits){ 1000, 1000000 },
	    key);
}

static void
down(void)
{
	place_memory_free(memory);
}

static struct place_who
who_is(const char *account, const char *nick, const char *addr)
{
	struct place_who who = { span_of(account), span_of(nick), ADDR_NONE };

	if (addr[0] != '\0')
		ck_assert(addr_parse(span_of(addr), &who.addr));
	return who;
}

static void
put(const char *account, const char *nick, const char *addr,
    const char *channels, int64_t ms)
{
	struct place_who who = who_is(account, nick, addr);

	place_memory_put(memory, &who, span_of(channels), at_ms(ms));
}

static void
expect(const char *account, const char *nick, const char *addr,
    const char *channels, int64_t ms)
{
	struct place_who who = who_is(account, nick, addr);
	struct span found = place_memory_find(memory, &who, at_ms(ms));

	ck_assert_msg(span_eq(found, span_of(channels)), "%s, not %.*s",
	    channels, SPAN_ARG(found));
}

START_TEST(nick_and_address_together)
{
	put("", "alice", "192.0.2.1", "#a #b", 0);
	expect("", "alice", "192.0.2.1", "#a #b", 1);
	expect("", "ALICE", "192.0.2.1", "#a #b", 1);
	expect("", "alice", "192.0.2.2", "", 1);
	expect("", "bob", "192.0.2.1", "", 1);
	expect("alice", "", "", "", 1);
	expect("", "alice", "", "", 1);
	expect("", "", "192.0.2.1", "", 1);
	expect("alice", "alice", "192.0.2.1", "#a #b", 1);
	ck_assert_uint_eq(place_memory_count(memory), 1);
}
END_TEST

START_TEST(the_account_comes_first)
{
	put("Alice", "al", "192.0.2.1", "#a", 0);
	put("", "alice", "192.0.2.7", "#b", 0);
	ck_assert_uint_eq(place_memory_count(memory), 3);
	expect("alice", "other", "192.0.2.9", "#a", 1);
	expect("alice", "alice", "192.0.2.7", "#a", 1);
	expect("", "alice", "192.0.2.7", "#b", 1);
	expect("", "al", "192.0.2.1", "#a", 1);
	expect("bob", "al", "192.0.2.1", "#a", 1);
}
END_TEST

START_TEST(an_ipv6_address_counts_by_its_network)
{
	put("", "alice", "2001:db8:0:1::5", "#a", 0);
	expect("", "alice", "2001:db8:0:1:ffff::9", "#a", 1);
	expect("", "alice", "2001:db8:0:2::5", "", 1);
}
END_TEST

START_TEST(the_last_time_counts)
{
	put("alice", "alice", "192.0.2.1", "#a", 0);
	put("alice", "alice", "192.0.2.1", "#b", 1);
	ck_assert_uint_eq(place_memory_count(memory), 2);
	expect("alice", "alice", "192.0.2.1", "#b", 2);
	put("alice", "alice", "192.0.2.1", "", 1);
	ck_assert_uint_eq(place_memory_count(memory), 0);
	ck_assert_uint_eq(place_memory_bytes(memory), 0);
}
END_TEST

START_TEST(a_week_is_over)
{
	put("", "alice", "192.0.2.1", "#a", 0);
	put("", "bob", "192.0.2.1", "#b", HOUR);
	expect("", "alice", "192.0.2.1", "#a", PLACE_MEMORY_MS - 1);
	expect("", "alice", "192.0.2.1", "", PLACE_MEMORY_MS);
	ck_assert_uint_eq(place_memory_expire(memory,
			      at_ms(PLACE_MEMORY_MS - 1), 10),
	    0);
	ck_assert_uint_eq(place_memory_expire(memory, at_ms(PLACE_MEMORY_MS),
			      10),
	    1);
	expect("", "bob", "192.0.2.1", "#b", PLACE_MEMORY_MS);
	put("", "bob", "192.0.2.1", "#b", 2 * HOUR);
	ck_assert_uint_eq(place_memory_expire(memory,
			      at_ms(PLACE_MEMORY_MS + HOUR), 10),
	    0);
}
END_TEST

START_TEST(the_oldest_goes)
{
	char nick[20];

	place_memory_limit(memory, (struct place_memory_limits){ 3, 100000 });
	for (unsigned i = 0; i < 5; i++) {
		snprintf(nick, sizeof(nick), "u%u", i);
		put("", nick, "192.0.2.1", "#a", i);
	}
	ck_assert_uint_eq(place_memory_count(memory), 3);
	expect("", "u1", "192.0.2.1", "", 9);
	expect("", "u2", "192.0.2.1", "#a", 9);
	put("", "u2", "192.0.2.1", "#a", 9);
	put("", "u5", "192.0.2.1", "#a", 9);
	expect("", "u2", "192.0.2.1", "#a", 9);
	expect("", "u3", "192.0.2.1", "", 9);
}
END_TEST

START_TEST(bytes_are_bounded)
{
	char nick[20], names[PLACE_MEMORY_TEXT];

	memset(names, 'x', sizeof(names) - 1);
	names[sizeof(names) - 1] = '\0';
	place_memory_limit(memory, (struct place_memory_limits){ 1000, 20000 });
	for (unsigned i = 0; i < 300; i++) {
		snprintf(nick, sizeof(nick), "u%u", i);
		put("", nick, "192.0.2.1", i % 7 == 0 ? names : "#a", i);
		ck_assert_uint_le(place_memory_bytes(memory), 20000);
		expect("", nick, "192.0.2.1", i % 7 == 0 ? names : "#a", i);
	}
	ck_assert_uint_gt(place_memory_bytes(memory), 18000);
	place_memory_limit(memory, (struct place_memory_limits){ 1000, 1000 });
	put("", "last", "192.0.2.1", names, 999);
	expect("", "last", "192.0.2.1", "", 999);
}
END_TEST

START_TEST(smaller_limits_take_their_time)
{
	char nick[20];
	size_t n;

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(nick, sizeof(nick), "u%u", i);
		put("", nick, "192.0.2.1", "#a", i);
	}
	place_memory_limit(memory, (struct place_memory_limits){ 10, 100000 });
	put("", "late", "192.0.2.1", "#a", 2000);
	n = place_memory_count(memory);
	ck_assert_uint_ge(n, 900);
	expect("", "late", "192.0.2.1", "", 2000);
	ck_assert_uint_eq(place_memory_expire(memory, at_ms(2000), 100), 100);
	ck_assert_uint_eq(place_memory_count(memory), n - 100);
	ck_assert_uint_lt(place_memory_expire(memory, at_ms(2000), 2000), 2000);
	ck_assert_uint_eq(place_memory_count(memory), 10);
	place_memory_limit(memory, (struct place_memory_limits){ 0, 0 });
	put("", "late", "192.0.2.1", "#a", 2000);
	ck_assert_uint_eq(place_memory_count(memory), 0);
}
END_TEST

START_TEST(the_first_channels_are_kept)
{
	char all[8 * PLACE_CHANNELS_MAX] = "", some[sizeof(all)] = "";
	char one[PLACE_MEMORY_TEXT + 20];
	size_t n = 0, m = 0;

	for (unsigned i = 0; i < PLACE_CHANNELS_MAX + 5; i++) {
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s#%u",
		    i > 0 ? " " : "", i);
		if (i < PLACE_CHANNELS_MAX)
			m += (size_t)snprintf(some + m, sizeof(some) - m,
			    "%s#%u", i > 0 ? " " : "", i);
	}
	put("", "alice", "192.0.2.1", all, 0);
	expect("", "alice", "192.0.2.1", some, 0);
	memset(one, 'x', sizeof(one) - 1);
	one[sizeof(one) - 1] = '\0';
	put("", "alice", "192.0.2.1", one, 0);
	expect("", "alice", "192.0.2.1", "", 0);
	memcpy(one, "#a ", 3);
	put("", "alice", "192.0.2.1", one, 0);
	expect("", "alice", "192.0.2.1", "#a", 0);
}
END_TEST

/* The table says who somebody was only to the holder of the key. */
START_TEST(another_key_finds_nothing)
{
	static const unsigned char other[PLACE_MEMORY_KEY] = { 1 };
	struct place_who who = who_is("", "alice", "192.0.2.1");
	struct place_memory *m =
	    place_memory_new((struct place_memory_limits){ 10, 10000 }, other);

	place_memory_put(m, &who, SPAN("#other"), at_ms(0));
	put("", "alice", "192.0.2.1", "#a", 0);
	expect("", "alice", "192.0.2.1", "#a", 0);
	ck_assert(span_eq(place_memory_find(m, &who, at_ms(0)),
	    SPAN("#other")));
	place_memory_free(m);
	place_memory_free(NULL);
}
END_TEST

Suite *
memory_suite(void)
{
	Suite *s = suite_create("memory");
	TCase *tc = unit_case("memory");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, nick_and_address_together);
	tcase_add_test(tc, the_account_comes_first);
	tcase_add_test(tc, an_ipv6_address_counts_by_its_network);
	tcase_add_test(tc, the_last_time_counts);
	tcase_add_test(tc, a_week_is_over);
	tcase_add_test(tc, the_oldest_goes);
	tcase_add_test(tc, bytes_are_bounded);
	tcase_add_test(tc, smaller_limits_take_their_time);
	tcase_add_test(tc, the_first_channels_are_kept);
	tcase_add_test(tc, another_key_finds_nothing);
	suite_add_tcase(s, tc);
	return s;
}
