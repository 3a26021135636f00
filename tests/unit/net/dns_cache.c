/* net/dns_cache.h: answers are kept for a bounded time, in a bounded number. */
#include "net/dns_cache.h"

#include <string.h>

#include "unit/net/check_net.h"

static const unsigned char key[SIPHASH_KEY];
static struct dns_cache *cache;
static struct dns_answer got;
static enum dns_status status;

static void
up(void)
{
	cache = dns_cache_new(3, key);
}

static void
down(void)
{
	dns_cache_free(cache);
}

static struct mono
at(int64_t s)
{
	return mono_add_ms((struct mono){ 0 }, s * 1000);
}

static struct dns_question
question(enum dns_type type, const char *name)
{
	struct dns_question q;

	ck_assert(dns_question_set(&q, type, span_of(name)));
	return q;
}

static void
keep(const char *name, enum dns_status st, uint32_t ttl, int64_t now)
{
	struct dns_question q = question(DNS_A, name);
	struct dns_answer a = { .ttl = ttl, .naddr = st == DNS_FOUND };

	a.addr[0][15] = (unsigned char)name[0];
	dns_cache_put(cache, &q, st, &a, at(now));
}

static bool
has(const char *name, int64_t now)
{
	struct dns_question q = question(DNS_A, name);

	return dns_cache_get(cache, &q, at(now), &status, &got);
}

START_TEST(times_are_bounded)
{
	static const struct {
		enum dns_status status;
		uint32_t ttl;
		int64_t s;
	} row[] = {
		{ DNS_FOUND, 60, 60 },
		{ DNS_FOUND, 0, DNS_KEEP_MIN },
		{ DNS_FOUND, UINT32_MAX, DNS_KEEP_MAX },
		{ DNS_ABSENT, 60, 60 },
		{ DNS_ABSENT, 0, DNS_KEEP_MIN },
		{ DNS_ABSENT, UINT32_MAX, DNS_KEEP_ABSENT_MAX },
		{ DNS_FAILED, 600, DNS_KEEP_MIN },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		keep("a", row[i].status, row[i].ttl, 100);
		ck_assert(has("a", 100 + row[i].s - 1));
		ck_assert_int_eq(status, row[i].status);
		ck_assert(!has("a", 100 + row[i].s));
		ck_assert_uint_eq(dns_cache_count(cache), 0);
	}
}
END_TEST

START_TEST(answers_come_back_as_they_were)
{
	struct dns_question q = question(DNS_PTR, "1.in-addr.arpa");
	struct dns_answer a = { .ttl = 60, .name = "host.example" };

	dns_cache_put(cache, &q, DNS_FOUND, &a, at(0));
	q = question(DNS_PTR, "1.IN-ADDR.arpa");
	ck_assert(dns_cache_get(cache, &q, at(1), &status, &got));
	ck_assert_str_eq(got.name, "host.example");
	ck_assert_uint_eq(got.naddr, 0);
	q.type = DNS_AAAA; /* another question */
	ck_assert(!dns_cache_get(cache, &q, at(1), &status, &got));

	a = (struct dns_answer){ .ttl = 60, .naddr = DNS_ADDRS_MAX };
	memset(a.addr, 7, sizeof(a.addr));
	dns_cache_put(cache, &q, DNS_FOUND, &a, at(0));
	ck_assert(dns_cache_get(cache, &q, at(1), &status, &got));
	ck_assert_uint_eq(got.naddr, DNS_ADDRS_MAX);
	ck_assert_mem_eq(got.addr, a.addr, sizeof(a.addr));
}
END_TEST

START_TEST(servers_come_back_as_they_were)
{
	struct dns_question q = question(DNS_SRV, "_a._tcp.test");
	struct dns_answer a = { .ttl = 60, .nsrv = DNS_SRV_MAX };

	for (unsigned i = 0; i < DNS_SRV_MAX; i++)
		a.srv[i] = (struct dns_srv){ 1, (uint16_t)i, 7000, "b.test" };
	dns_cache_put(cache, &q, DNS_FOUND, &a, at(0));
	ck_assert(dns_cache_get(cache, &q, at(1), &status, &got));
	ck_assert_int_eq(status, DNS_FOUND);
	ck_assert_uint_eq(got.nsrv, DNS_SRV_MAX);
	ck_assert_mem_eq(got.srv, a.srv, sizeof(a.srv));
	dns_cache_put(cache, &q, DNS_ABSENT, &a, at(1));
	ck_assert(dns_cache_get(cache, &q, at(2), &status, &got));
	ck_assert_int_eq(status, DNS_ABSENT);
	ck_assert_uint_eq(got.nsrv, 0);
}
END_TEST

START_TEST(the_least_used_answer_gives_way)
{
	keep("a", DNS_FOUND, 60, 0);
	keep("b", DNS_FOUND, 60, 0);
	keep("c", DNS_FOUND, 60, 0);
	ck_assert(has("a", 1));
	keep("d", DNS_FOUND, 60, 1);
	ck_assert_uint_eq(dns_cache_count(cache), 3);
	ck_assert(!has("b", 1));
	ck_assert(has("a", 1) && has("c", 1) && has("d", 1));
	keep("a", DNS_ABSENT, 60, 2); /* replaced */
	ck_assert_uint_eq(dns_cache_count(cache), 3);
	ck_assert(has("a", 3));
	ck_assert_int_eq(status, DNS_ABSENT);
	dns_cache_clear(cache);
	ck_assert(!has("a", 3));
}
END_TEST

Suite *
dns_cache_suite(void)
{
	Suite *s = suite_create("net/dns_cache");
	TCase *t = unit_case("dns_cache");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, times_are_bounded);
	tcase_add_test(t, answers_come_back_as_they_were);
	tcase_add_test(t, servers_come_back_as_they_were);
	tcase_add_test(t, the_least_used_answer_gives_way);
	suite_add_tcase(s, t);
	return s;
}
