/*
 * daemon/dialling.h: what is asked of DNS, which addresses are dialled in which
 * order, and which ones are known afterwards. The test answers the questions,
 * and its connections fail when it says so.
 */
#include "daemon/dialling.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/endpoint.h"
#include "daemon/names.h"
#include "daemon/pump.h"
#include "net/resolver.h"
#include "unit/daemon/check_daemon.h"

#define LOOKUPS_MAX 4
#define SERVICE "_banyan._tcp.test"
#define DIAL 64 /* the number of a dial: the first address is the first one */
#define ADDR(last)                                                \
	{                                                         \
		{                                                 \
			[10] = 0xff, [11] = 0xff, 192, 0, 2, last \
		}                                                 \
	}

struct lookup {
	bool used;
	struct dns_question question;
	struct lookup_want want;
};

static struct lookup lookup[LOOKUPS_MAX];
static struct banyand bd;
static struct conf conf;
static struct peer_settings peer;
static struct peer_address address;

/* The last address that was dialled, and how many were; and the reason that the
 * node was told. */
static struct addr dialled;
static uint16_t port;
static unsigned ndialled, ntold;
static char why[512];

/* ---- the world of a dial ------------------------------------------------- */

struct lookup *
names_look_up(struct names *names, const struct dns_question *q,
    const struct lookup_want *want)
{
	size_t i = 0;

	(void)names;
	ck_assert(want->fresh);
	while (lookup[i].used)
		ck_assert_uint_lt(++i, LOOKUPS_MAX);
	lookup[i] = (struct lookup){ true, *q, *want };
	return &lookup[i];
}

void
lookup_cancel(struct lookup *l)
{
	ck_assert(l->used);
	l->used = false;
}

void
endpoint_dial(struct banyand *b, uint64_t dial, struct addr addr, uint16_t to,
    bool tls, struct span name)
{
	ck_assert_ptr_eq(b, &bd);
	ck_assert_uint_eq(dial / DIAL, 1);
	ck_assert(tls && span_eq(name, SPAN("two.test")));
	dialled = addr;
	port = to;
	ndialled++;
}

void
pump_event(struct banyand *b, struct event *ev)
{
	ck_assert_ptr_eq(b, &bd);
	ck_assert_int_eq(ev->kind, EV_DIAL_FAILED);
	ck_assert_uint_lt(ev->u.dial_failed.reason.n, sizeof(why));
	memset(why, 0, sizeof(why));
	memcpy(why, ev->u.dial_failed.reason.p, ev->u.dial_failed.reason.n);
	ntold++;
}

static void
up(void)
{
	memset(lookup, 0, sizeof(lookup));
	bd = (struct banyand){ .conf = &conf, .loop = loop_new() };
	address =
	    (struct peer_address){ .host = SPAN("hub.test"), .port = 7000 };
	peer = (struct peer_settings){ .address = &address, .naddress = 1 };
	conf = (struct conf){ .dns.timeout_ms = 1000 };
	conf.settings.peer = &peer;
	conf.settings.npeer = 1;
	ndialled = ntold = 0;
}

static void
down(void)
{
	dialling_fini(&bd);
	dialling_forget(&bd);
	for (size_t i = 0; i < LOOKUPS_MAX; i++)
		ck_assert(!lookup[i].used);
	loop_free(bd.loop);
}

/* ---- what happens -------------------------------------------------------- */

static void
begin(uint64_t dial)
{
	struct effect e = { .kind = EFF_DIAL };

	e.u.dial.dial = dial;
	e.u.dial.host = address.host;
	e.u.dial.port = address.port;
	e.u.dial.tls = true;
	e.u.dial.name = SPAN("two.test");
	dialling_begin(&bd, &e);
}

/* Answer the question that was asked. */
static void
answer(enum dns_type type, const char *name, enum dns_status status,
    const struct dns_answer *a)
{
	struct lookup_want want;

	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		if (!lookup[i].used || lookup[i].question.type != type ||
		    strcmp(lookup[i].question.name, name) != 0)
			continue;
		want = lookup[i].want;
		lookup[i].used = false;
		want.told(want.ctx, status, a);
		return;
	}
	ck_abort_msg("%d of %s is not asked for", type, name);
}

/* The host has n addresses of that type; the last byte of the first one is
 * `last`, and so on. */
static void
has(enum dns_type type, const char *name, size_t n, unsigned char last)
{
	struct dns_answer a = { .ttl = 60, .naddr = n };
	struct addr addr = ADDR(0);

	for (size_t i = 0; i < n; i++) {
		addr.b[0] = type == DNS_AAAA ? 0x20 : 0;
		addr.b[15] = (unsigned char)(last + i);
		memcpy(a.addr[i], addr.b, sizeof(a.addr[i]));
	}
	answer(type, name, n == 0 ? DNS_ABSENT : DNS_FOUND, &a);
}

static void
fails(enum dns_type type, const char *name)
{
	static const struct dns_answer none;

	answer(type, name, DNS_FAILED, &none);
}

static bool
knows(enum dns_type type, unsigned char last)
{
	struct addr addr = ADDR(last);

	addr.b[0] = type == DNS_AAAA ? 0x20 : 0;
	return dialling_knows(&bd, &addr);
}

/* ---- hosts --------------------------------------------------------------- */

START_TEST(addresses_of_both_kinds_are_known)
{
	begin(DIAL);
	has(DNS_A, "hub.test", 2, 1);
	ck_assert_uint_eq(ndialled, 0);
	ck_assert(!knows(DNS_A, 1));
	has(DNS_AAAA, "hub.test", 1, 9);
	ck_assert_uint_eq(ndialled, 1);
	ck_assert_uint_eq(port, 7000);
	ck_assert(knows(DNS_A, 1) && knows(DNS_A, 2) && knows(DNS_AAAA, 9));
	ck_assert(!knows(DNS_A, 9) && !knows(DNS_AAAA, 1));
	dialling_end(&bd, DIAL);
	ck_assert(knows(DNS_A, 1));
	/* no block has the host any longer */
	address.host = SPAN("other.test");
	ck_assert(!knows(DNS_A, 1));
}
END_TEST

/* That a server could not say tells nothing of the addresses that there are. */
START_TEST(what_failed_is_not_forgotten)
{
	begin(DIAL);
	has(DNS_A, "hub.test", 1, 1);
	has(DNS_AAAA, "hub.test", 1, 9);
	dialling_end(&bd, DIAL);

	begin(DIAL);
	has(DNS_A, "hub.test", 1, 2);
	fails(DNS_AAAA, "hub.test");
	ck_assert_uint_eq(dialled.b[15], 2);
	ck_assert(knows(DNS_A, 2) && !knows(DNS_A, 1) && knows(DNS_AAAA, 9));
	dialling_end(&bd, DIAL);

	begin(DIAL);
	fails(DNS_A, "hub.test");
	fails(DNS_AAAA, "hub.test");
	ck_assert_str_eq(why, "cannot look up hub.test");
	ck_assert(knows(DNS_A, 2) && knows(DNS_AAAA, 9));

	begin(DIAL);
	has(DNS_AAAA, "hub.test", 0, 0);
	fails(DNS_A, "hub.test");
	ck_assert_str_eq(why, "cannot look up hub.test");
	ck_assert(knows(DNS_A, 2) && !knows(DNS_AAAA, 9));

	begin(DIAL);
	has(DNS_AAAA, "hub.test", 0, 0);
	has(DNS_A, "hub.test", 0, 0);
	ck_assert_str_eq(why, "no address of hub.test");
	ck_assert(!knows(DNS_A, 2));
	ck_assert_uint_eq(ntold, 3);
}
END_TEST

START_TEST(addresses_take_turns)
{
	for (unsigned char first = 0; first < 3; first++) {
		begin(DIAL + first);
		has(DNS_A, "hub.test", 3, 0);
		has(DNS_AAAA, "hub.test", 0, 0);
		for (unsigned char i = 0; i < 3; i++) {
			ck_assert_uint_eq(dialled.b[15],
			    (DIAL + first + i) % 3);
			ck_assert(dialling_failed(&bd, DIAL + first,
			    SPAN("refused")));
		}
		ck_assert_str_eq(why, "refused");
	}
	ck_assert_uint_eq(ndialled, 9);
	ck_assert_uint_eq(ntold, 3);
	ck_assert(!dialling_failed(&bd, DIAL, SPAN("refused")));
}
END_TEST

START_TEST(a_dial_that_is_given_up_asks_nothing_more)
{
	begin(DIAL);
	has(DNS_A, "hub.test", 1, 1);
	dialling_fini(&bd);
	ck_assert_uint_eq(ndialled + ntold, 0);
	address = (struct peer_address){ .host = SPAN(SERVICE) };
	begin(DIAL);
	dialling_fini(&bd);
	ck_assert_uint_eq(ndialled + ntold, 0);
}
END_TEST

/* ---- services ------------------------------------------------------------ */

/* The service has n targets a.test, b.test ... with that priority each, and the
 * ports 7000, 7001 ... */
static void
offers(size_t n, const uint16_t *priority)
{
	struct dns_answer a = { .ttl = 60, .nsrv = n };

	for (size_t i = 0; i < n; i++) {
		a.srv[i] = (struct dns_srv){ priority[i], 1,
			(uint16_t)(7000 + i), "a.test" };
		a.srv[i].target[0] = (char)('a' + i);
	}
	answer(DNS_SRV, SERVICE, n == 0 ? DNS_ABSENT : DNS_FOUND, &a);
}

static void
services_up(void)
{
	up();
	address = (struct peer_address){ .host = SPAN(SERVICE) };
}

START_TEST(targets_are_tried_by_priority)
{
	static const uint16_t priority[] = { 30, 10, 20 };

	begin(DIAL);
	offers(3, priority);
	has(DNS_A, "b.test", 1, 5);
	has(DNS_AAAA, "b.test", 0, 0);
	ck_assert_uint_eq(dialled.b[15], 5);
	ck_assert_uint_eq(port, 7001);
	ck_assert(dialling_failed(&bd, DIAL, SPAN("refused")));
	/* this one has no address: the next one is tried */
	has(DNS_AAAA, "c.test", 0, 0);
	has(DNS_A, "c.test", 0, 0);
	has(DNS_AAAA, "a.test", 1, 6);
	has(DNS_A, "a.test", 0, 0);
	ck_assert_uint_eq(dialled.b[15], 6);
	ck_assert_uint_eq(port, 7000);
	ck_assert_uint_eq(ntold, 0);
	ck_assert(dialling_failed(&bd, DIAL, SPAN("refused")));
	ck_assert_str_eq(why, "a.test, port 7000: refused");
	ck_assert_uint_eq(ntold, 1);
}
END_TEST

START_TEST(a_target_that_stands_ends_the_dial)
{
	static const uint16_t priority[] = { 1, 2 };

	begin(DIAL);
	offers(2, priority);
	has(DNS_A, "a.test", 2, 5);
	has(DNS_AAAA, "a.test", 0, 0);
	dialling_end(&bd, DIAL);
	ck_assert_uint_eq(ndialled, 1);
	ck_assert(!dialling_failed(&bd, DIAL, SPAN("refused")));
	ck_assert(knows(DNS_A, 5) && knows(DNS_A, 6));
}
END_TEST

START_TEST(a_dial_of_a_service_is_bounded)
{
	static const uint16_t priority[DNS_SRV_MAX] = { 0, 1, 2, 3, 4, 5, 6,
		7 };
	char host[] = "a.test";

	begin(DIAL);
	offers(DNS_SRV_MAX, priority);
	for (unsigned i = 0; i < DNS_SRV_MAX; i++, host[0]++) {
		has(DNS_A, host, DNS_ADDRS_MAX, 1);
		has(DNS_AAAA, host, DNS_ADDRS_MAX, 1);
		for (int k = 0; k < 4; k++) {
			ck_assert_uint_eq(port, 7000 + i);
			ck_assert_uint_eq(ntold, 0);
			ck_assert(dialling_failed(&bd, DIAL, SPAN("late")));
		}
	}
	ck_assert_uint_eq(ndialled, 4 * DNS_SRV_MAX);
	ck_assert_str_eq(why, "h.test, port 7007: late");
}
END_TEST

START_TEST(services_that_cannot_be_dialled)
{
	struct dns_answer none = { .ttl = 60, .nsrv = 1 };
	static const uint16_t priority[] = { 1, 2 };

	begin(DIAL);
	fails(DNS_SRV, SERVICE);
	ck_assert_str_eq(why, "cannot look up " SERVICE);
	begin(DIAL);
	offers(0, priority);
	ck_assert_str_eq(why, "no SRV record of " SERVICE);
	begin(DIAL);
	none.srv[0].target[0] = '.';
	answer(DNS_SRV, SERVICE, DNS_FOUND, &none);
	ck_assert_str_eq(why, "DNS says that there is no service " SERVICE);
	begin(DIAL);
	offers(2, priority);
	has(DNS_A, "a.test", 0, 0);
	has(DNS_AAAA, "a.test", 0, 0);
	fails(DNS_A, "b.test");
	has(DNS_AAAA, "b.test", 0, 0);
	ck_assert_str_eq(why, "cannot look up b.test");
	ck_assert_uint_eq(ndialled, 0);
	ck_assert_uint_eq(ntold, 4);
}
END_TEST

START_TEST(targets_are_known_as_long_as_the_service_has_them)
{
	static const uint16_t both[] = { 1, 2 }, one[] = { 1 };

	begin(DIAL);
	offers(2, both);
	has(DNS_A, "a.test", 1, 1);
	has(DNS_AAAA, "a.test", 0, 0);
	ck_assert(dialling_failed(&bd, DIAL, SPAN("refused")));
	has(DNS_A, "b.test", 1, 2);
	has(DNS_AAAA, "b.test", 0, 0);
	dialling_end(&bd, DIAL);
	ck_assert(knows(DNS_A, 1) && knows(DNS_A, 2));

	/* a server that cannot say leaves all as it is */
	begin(DIAL);
	fails(DNS_SRV, SERVICE);
	ck_assert(knows(DNS_A, 1) && knows(DNS_A, 2));

	begin(DIAL);
	offers(1, one);
	ck_assert(knows(DNS_A, 1) && !knows(DNS_A, 2));
	dialling_fini(&bd);

	/* the same name as that of a host is another thing */
	address.port = 7000;
	ck_assert(!knows(DNS_A, 1));
	address.port = 0;
	ck_assert(knows(DNS_A, 1));
	address.host = SPAN("_other._tcp.test");
	ck_assert(!knows(DNS_A, 1));
	address.host = SPAN(SERVICE);

	begin(DIAL);
	offers(0, one);
	ck_assert(!knows(DNS_A, 1));
}
END_TEST

Suite *
dialling_suite(void)
{
	Suite *s = suite_create("dialling");
	TCase *t = unit_case("hosts");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, addresses_of_both_kinds_are_known);
	tcase_add_test(t, what_failed_is_not_forgotten);
	tcase_add_test(t, addresses_take_turns);
	tcase_add_test(t, a_dial_that_is_given_up_asks_nothing_more);
	suite_add_tcase(s, t);
	t = unit_case("services");
	tcase_add_checked_fixture(t, services_up, down);
	tcase_add_test(t, targets_are_tried_by_priority);
	tcase_add_test(t, a_target_that_stands_ends_the_dial);
	tcase_add_test(t, a_dial_of_a_service_is_bounded);
	tcase_add_test(t, services_that_cannot_be_dialled);
	tcase_add_test(t, targets_are_known_as_long_as_the_service_has_them);
	suite_add_tcase(s, t);
	return s;
}
