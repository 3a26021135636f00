/*
 * net/dns.h: a message is an answer if it has the id and the question that were
 * asked; of its records those count that answer the question.
 */
#include "net/dns.h"

#include <string.h>

#include "unit/net/check_net.h"

#define ID 0x1234

/* A message: the header, the question for a.test, records. */
struct message {
	unsigned char p[1024];
	size_t n;
};

static struct dns_answer answer;

static void
put(struct message *m, const void *p, size_t n)
{
	ck_assert_uint_le(m->n + n, sizeof(m->p));
	memcpy(m->p + m->n, p, n);
	m->n += n;
}

static void
put16(struct message *m, unsigned int v)
{
	const unsigned char b[2] = { (unsigned char)(v >> 8),
		(unsigned char)v };

	put(m, b, 2);
}

static void
begin(struct message *m, unsigned int flags, unsigned int type)
{
	m->n = 0;
	put16(m, ID);
	put16(m, 0x8000 | flags);
	put16(m, 1);
	for (int i = 0; i < 3; i++)
		put16(m, 0);
	put(m, "\1a\4test\0", 8);
	put16(m, type);
	put16(m, 1);
}

/* Add a record of the section 1 (answer) or 2 (authority). The owner is in the
 * form of the wire. */
static void
record(struct message *m, int section, struct span owner, unsigned int type,
    unsigned int ttl, struct span data)
{
	m->p[5 + 2 * section]++;
	put(m, owner.p, owner.n);
	put16(m, type);
	put16(m, 1);
	put16(m, ttl >> 16);
	put16(m, ttl & 0xffff);
	put16(m, (unsigned int)data.n);
	put(m, data.p, data.n);
}

#define SELF SPAN("\300\14")
#define SOA(minimum) \
	SPAN("\2ns\0\4root\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0" minimum)

static enum dns_status
parse(const struct message *m, enum dns_type type)
{
	struct dns_question q;

	ck_assert(dns_question_set(&q, type, SPAN("a.test")));
	return dns_answer_parse(span_make(m->p, m->n), ID, &q, &answer);
}

START_TEST(reverse_names)
{
	unsigned char v4[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 45 };
	unsigned char v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x4f };
	struct dns_question q, again;

	dns_question_reverse(&q, v4);
	ck_assert_str_eq(q.name, "45.2.0.192.in-addr.arpa");
	dns_question_reverse(&q, v6);
	ck_assert_str_eq(q.name,
	    "f.4.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	    "ip6.arpa");
	ck_assert(dns_question_set(&again, DNS_PTR, span_of(q.name)));
}
END_TEST

START_TEST(names_that_cannot_be_asked)
{
	static const char *const bad[] = { "", "a..b", ".a", "a\\.b", "a\\",
		("a23456789012345678901234567890123456789012345678901234567890"
		 "1234.test") };
	struct dns_question q;
	char longest[300];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!dns_question_set(&q, DNS_A, span_of(bad[i])),
		    "%s", bad[i]);
	memset(longest, 'a', sizeof(longest));
	for (size_t i = 63; i < sizeof(longest); i += 64)
		longest[i] = '.';
	ck_assert(!dns_question_set(&q, DNS_A, span_make(longest, 254)));
	ck_assert(dns_question_set(&q, DNS_A, span_make(longest, 253)));
	ck_assert(!dns_question_set(&q, DNS_A, SPAN("a\0b")));
	ck_assert(dns_question_set(&q, DNS_NS, SPAN(".")));
	ck_assert(dns_question_set(&q, DNS_A, SPAN("a.test.")));
	ck_assert_str_eq(q.name, "a.test");
}
END_TEST

START_TEST(query_has_edns)
{
	static const unsigned char expected[] = "\x12\x34\x01\x00\0\1\0\0\0\0\0"
						"\1\1a\4test\0\0\1\0\1\0\0\x29"
						"\x04\xd0\0\0\0\0\0";
	unsigned char out[DNS_QUERY_MAX];
	struct dns_question q;

	ck_assert(dns_question_set(&q, DNS_A, SPAN("a.test")));
	ck_assert_uint_eq(dns_query_build(&q, ID, out), sizeof(expected));
	ck_assert_mem_eq(out, expected, sizeof(expected));
}
END_TEST

START_TEST(addresses_are_taken)
{
	struct message m;

	begin(&m, 0, DNS_A);
	record(&m, 1, SELF, DNS_A, 300, SPAN("\300\0\2\1"));
	record(&m, 1, SELF, DNS_A, 60, SPAN("\300\0\2\2"));
	ck_assert_int_eq(parse(&m, DNS_A), DNS_FOUND);
	ck_assert_uint_eq(answer.naddr, 2);
	ck_assert_uint_eq(answer.ttl, 60);
	ck_assert_mem_eq(answer.addr[1],
	    "\0\0\0\0\0\0\0\0\0\0\377\377\300\0\2\2", 16);

	begin(&m, 0, DNS_AAAA);
	record(&m, 1, SELF, DNS_AAAA, 1, SPAN("0123456789abcdef"));
	ck_assert_int_eq(parse(&m, DNS_AAAA), DNS_FOUND);
	ck_assert_mem_eq(answer.addr[0], "0123456789abcdef", 16);
}
END_TEST

START_TEST(more_addresses_than_fit_are_dropped)
{
	struct message m;

	begin(&m, 0, DNS_A);
	for (int i = 0; i < DNS_ADDRS_MAX + 1; i++)
		record(&m, 1, SELF, DNS_A, 300, SPAN("\300\0\2\1"));
	ck_assert_int_eq(parse(&m, DNS_A), DNS_FOUND);
	ck_assert_uint_eq(answer.naddr, DNS_ADDRS_MAX);
}
END_TEST

START_TEST(a_name_is_taken)
{
	struct message m;

	begin(&m, 0, DNS_PTR);
	record(&m, 1, SELF, DNS_PTR, 9, SPAN("\4host\7example\0"));
	record(&m, 1, SELF, DNS_PTR, 9, SPAN("\5other\0"));
	ck_assert_int_eq(parse(&m, DNS_PTR), DNS_FOUND);
	ck_assert_str_eq(answer.name, "host.example");

	/* a dot inside of a label stays recognisable */
	begin(&m, 0, DNS_PTR);
	record(&m, 1, SELF, DNS_PTR, 9, SPAN("\6a.test\0"));
	ck_assert_int_eq(parse(&m, DNS_PTR), DNS_FOUND);
	ck_assert_str_eq(answer.name, "a\\.test");
}
END_TEST

START_TEST(aliases_are_followed)
{
	struct message m;

	/* in any order, as RFC 2317 uses them; the least TTL counts */
	begin(&m, 0, DNS_A);
	record(&m, 1, SPAN("\1c\0"), DNS_A, 300, SPAN("\300\0\2\1"));
	record(&m, 1, SPAN("\1b\0"), 5, 20, SPAN("\1c\0"));
	record(&m, 1, SELF, 5, 40, SPAN("\1b\0"));
	ck_assert_int_eq(parse(&m, DNS_A), DNS_FOUND);
	ck_assert_uint_eq(answer.naddr, 1);
	ck_assert_uint_eq(answer.ttl, 20);

	begin(&m, 0, DNS_A);
	record(&m, 1, SELF, 5, 40, SELF);
	ck_assert_int_eq(parse(&m, DNS_A), DNS_ABSENT);
}
END_TEST

START_TEST(records_of_other_names_do_not_count)
{
	struct message m;

	begin(&m, 0, DNS_A);
	record(&m, 1, SPAN("\1b\4test\0"), DNS_A, 300, SPAN("\300\0\2\1"));
	record(&m, 2, SELF, DNS_A, 300, SPAN("\300\0\2\1"));
	record(&m, 1, SELF, DNS_AAAA, 1, SPAN("0123456789abcdef"));
	/* sections follow each other: this one would be the third answer */
	m.p[7] = 1, m.p[9] = 2;
	ck_assert_int_eq(parse(&m, DNS_A), DNS_ABSENT);
	ck_assert_uint_eq(answer.naddr, 0);
}
END_TEST

START_TEST(servers_are_taken)
{
	struct message m;

	/* a target may be written shorter, though RFC 2782 forbids it */
	begin(&m, 0, DNS_SRV);
	record(&m, 1, SELF, DNS_SRV, 300, SPAN("\0\1\0\2\33\130\1b\300\16"));
	record(&m, 1, SELF, DNS_SRV, 60,
	    SPAN("\377\376\377\375\377\377\1c\4test\0"));
	ck_assert_int_eq(parse(&m, DNS_SRV), DNS_FOUND);
	ck_assert_uint_eq(answer.nsrv, 2);
	ck_assert_uint_eq(answer.ttl, 60);
	ck_assert_uint_eq(answer.srv[0].priority, 1);
	ck_assert_uint_eq(answer.srv[0].weight, 2);
	ck_assert_uint_eq(answer.srv[0].port, 7000);
	ck_assert_str_eq(answer.srv[0].target, "b.test");
	ck_assert_uint_eq(answer.srv[1].priority, 0xfffe);
	ck_assert_uint_eq(answer.srv[1].weight, 0xfffd);
	ck_assert_uint_eq(answer.srv[1].port, 0xffff);
	ck_assert_str_eq(answer.srv[1].target, "c.test");

	/* no service; and an alias of the name */
	begin(&m, 0, DNS_SRV);
	record(&m, 1, SELF, 5, 30, SPAN("\1b\0"));
	record(&m, 1, SPAN("\1b\0"), DNS_SRV, 60, SPAN("\0\0\0\0\0\0\0"));
	ck_assert_int_eq(parse(&m, DNS_SRV), DNS_FOUND);
	ck_assert_uint_eq(answer.nsrv, 1);
	ck_assert_uint_eq(answer.ttl, 30);
	ck_assert_str_eq(answer.srv[0].target, ".");
}
END_TEST

/* Those that are dialled first are kept, in any order of the records. */
START_TEST(more_servers_than_fit_are_dropped)
{
	unsigned char data[] = "\0\0\0\0\0\1\1b\4test";
	struct message m;
	unsigned int sum = 0, n = DNS_SRV_MAX + 4;

	for (unsigned int step = 1; step < n; step += 2) {
		begin(&m, 0, DNS_SRV);
		for (unsigned int i = 0; i < n; i++) {
			data[1] = (unsigned char)(1 + (i * 5 + step) % n);
			record(&m, 1, SELF, DNS_SRV, 60,
			    span_make(data, sizeof(data)));
		}
		ck_assert_int_eq(parse(&m, DNS_SRV), DNS_FOUND);
		ck_assert_uint_eq(answer.nsrv, DNS_SRV_MAX);
		sum = 0;
		for (unsigned int i = 0; i < DNS_SRV_MAX; i++)
			sum += 1u << answer.srv[i].priority;
		ck_assert_uint_eq(sum, (2u << DNS_SRV_MAX) - 2);
	}
}
END_TEST

START_TEST(odd_servers_do_not_count)
{
	static const struct span odd[] = {
		SPAN_INIT(""), SPAN_INIT("\0\1"), SPAN_INIT("\0\1\0\2\33\130"),
		SPAN_INIT("\0\1\0\2\33\130\3b.c\0"), /* a dot in a label */
	};
	struct message m;
	enum dns_status st;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		begin(&m, 0, DNS_SRV);
		record(&m, 1, SELF, DNS_SRV, 300, odd[i]);
		st = parse(&m, DNS_SRV);
		ck_assert_msg(st == DNS_ABSENT || st == DNS_FOREIGN, "%zu: %d",
		    i, st);
	}
	/* of another name, and of another type */
	begin(&m, 0, DNS_SRV);
	record(&m, 1, SPAN("\1b\4test\0"), DNS_SRV, 300,
	    SPAN("\0\1\0\2\33\130\1b\0"));
	record(&m, 1, SELF, DNS_A, 300, SPAN("\300\0\2\1"));
	ck_assert_int_eq(parse(&m, DNS_SRV), DNS_ABSENT);
	ck_assert_uint_eq(answer.nsrv, 0);
	ck_assert_uint_eq(answer.naddr, 0);
}
END_TEST

/* findings/ldns-odd-records.sh */
START_TEST(odd_records_do_not_count)
{
	struct message m;

	begin(&m, 0, DNS_A);
	record(&m, 1, SELF, DNS_A, 300, SPAN(""));
	ck_assert_int_eq(parse(&m, DNS_A), DNS_ABSENT);
	begin(&m, 0, DNS_PTR);
	record(&m, 1, SELF, DNS_PTR, 300, SPAN(""));
	ck_assert_int_eq(parse(&m, DNS_PTR), DNS_ABSENT);
	begin(&m, 3, DNS_A);
	record(&m, 2, SELF, 6, 300, SPAN(""));
	ck_assert_int_eq(parse(&m, DNS_A), DNS_ABSENT);
	ck_assert_uint_eq(answer.ttl, 0);
}
END_TEST

START_TEST(absence_has_the_time_of_its_soa)
{
	struct message m;

	begin(&m, 3, DNS_A);
	record(&m, 2, SPAN("\4test\0"), 6, 900, SOA("\x3c"));
	ck_assert_int_eq(parse(&m, DNS_A), DNS_ABSENT);
	ck_assert_uint_eq(answer.ttl, 60);
	begin(&m, 0, DNS_A);
	record(&m, 2, SPAN("\4test\0"), 6, 30, SOA("\x3c"));
	ck_assert_int_eq(parse(&m, DNS_A), DNS_ABSENT);
	ck_assert_uint_eq(answer.ttl, 30);
	begin(&m, 3, DNS_A);
	ck_assert_int_eq(parse(&m, DNS_A), DNS_ABSENT);
	ck_assert_uint_eq(answer.ttl, 0);
}
END_TEST

START_TEST(a_server_that_cannot_say)
{
	struct message m;

	for (unsigned int rcode = 1; rcode < 6; rcode++) {
		begin(&m, rcode, DNS_A);
		if (rcode != 3)
			ck_assert_int_eq(parse(&m, DNS_A), DNS_FAILED);
	}
}
END_TEST

START_TEST(answers_to_others)
{
	struct message m;
	struct dns_question q;

	begin(&m, 0, DNS_A);
	record(&m, 1, SELF, DNS_A, 300, SPAN("\300\0\2\1"));
	/* the case of letters does not matter, all the rest does */
	m.p[13] = 'A';
	ck_assert_int_eq(parse(&m, DNS_A), DNS_FOUND);
	ck_assert_int_eq(parse(&m, DNS_AAAA), DNS_FOREIGN);
	ck_assert(dns_question_set(&q, DNS_A, SPAN("b.test")));
	ck_assert_int_eq(dns_answer_parse(span_make(m.p, m.n), ID, &q, &answer),
	    DNS_FOREIGN);
	ck_assert(dns_question_set(&q, DNS_A, SPAN("a.test")));
	ck_assert_int_eq(dns_answer_parse(span_make(m.p, m.n), ID + 1, &q,
			     &answer),
	    DNS_FOREIGN);
	m.p[2] = 0; /* a query */
	ck_assert_int_eq(parse(&m, DNS_A), DNS_FOREIGN);
	begin(&m, 0, DNS_A);
	record(&m, 1, SELF, DNS_A, 300, SPAN("\300\0\2\1"));
	for (m.n--; m.n > 0; m.n--) /* cut */
		ck_assert_int_eq(parse(&m, DNS_A), DNS_FOREIGN);
}
END_TEST

START_TEST(a_cut_answer_is_told)
{
	struct message m;

	begin(&m, 0x200, DNS_A);
	record(&m, 1, SELF, DNS_A, 300, SPAN("\300\0\2\1"));
	m.n -= 6;
	ck_assert_int_eq(parse(&m, DNS_A), DNS_TRUNCATED);
}
END_TEST

Suite *
dns_suite(void)
{
	Suite *s = suite_create("net/dns");
	TCase *t = unit_case("dns");

	tcase_add_test(t, reverse_names);
	tcase_add_test(t, names_that_cannot_be_asked);
	tcase_add_test(t, query_has_edns);
	tcase_add_test(t, addresses_are_taken);
	tcase_add_test(t, more_addresses_than_fit_are_dropped);
	tcase_add_test(t, a_name_is_taken);
	tcase_add_test(t, aliases_are_followed);
	tcase_add_test(t, records_of_other_names_do_not_count);
	tcase_add_test(t, servers_are_taken);
	tcase_add_test(t, more_servers_than_fit_are_dropped);
	tcase_add_test(t, odd_servers_do_not_count);
	tcase_add_test(t, odd_records_do_not_count);
	tcase_add_test(t, absence_has_the_time_of_its_soa);
	tcase_add_test(t, a_server_that_cannot_say);
	tcase_add_test(t, answers_to_others);
	tcase_add_test(t, a_cut_answer_is_told);
	suite_add_tcase(s, t);
	return s;
}
