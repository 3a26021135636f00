#include "wire/addr.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "unit/wire/check_wire.h"

static const struct {
	struct span text, canonical;
} good[] = {
	{ SPAN_INIT("0.0.0.0"), SPAN_INIT("0.0.0.0") },
	{ SPAN_INIT("192.0.2.255"), SPAN_INIT("192.0.2.255") },
	{ SPAN_INIT("::"), SPAN_INIT("::") },
	{ SPAN_INIT("::1"), SPAN_INIT("::1") },
	{ SPAN_INIT("1::"), SPAN_INIT("1::") },
	{ SPAN_INIT("2001:DB8:0:0:8:800:200C:417A"),
	    SPAN_INIT("2001:db8::8:800:200c:417a") },
	/* RFC 5952, 4.1: leading zeros */
	{ SPAN_INIT("2001:0db8::0001"), SPAN_INIT("2001:db8::1") },
	/* 4.2.2: one group of zeros is not shortened */
	{ SPAN_INIT("2001:db8:0:1:1:1:1:1"),
	    SPAN_INIT("2001:db8:0:1:1:1:1:1") },
	{ SPAN_INIT("2001:db8::1:1:1:1:1"), SPAN_INIT("2001:db8:0:1:1:1:1:1") },
	/* 4.2.3: the longest run, then the first */
	{ SPAN_INIT("2001:0:0:1:0:0:0:1"), SPAN_INIT("2001:0:0:1::1") },
	{ SPAN_INIT("2001:db8:0:0:1:0:0:1"), SPAN_INIT("2001:db8::1:0:0:1") },
	{ SPAN_INIT("1:0:0:0:0:0:0:0"), SPAN_INIT("1::") },
	{ SPAN_INIT("1:2:3:4:5:6:7:8"), SPAN_INIT("1:2:3:4:5:6:7:8") },
	{ SPAN_INIT("::2:3:4:5:6:7:8"), SPAN_INIT("0:2:3:4:5:6:7:8") },
	{ SPAN_INIT("64:ff9b::192.0.2.33"), SPAN_INIT("64:ff9b::c000:221") },
	{ SPAN_INIT("1:2:3:4:5:6:1.2.3.4"), SPAN_INIT("1:2:3:4:5:6:102:304") },
	/* A mapped address is IPv4 here. */
	{ SPAN_INIT("::ffff:192.0.2.1"), SPAN_INIT("192.0.2.1") },
	{ SPAN_INIT("::ffff:c000:201"), SPAN_INIT("192.0.2.1") },
};

START_TEST(texts_become_canonical)
{
	char buf[ADDR_TEXT];
	struct writer w;
	struct addr a, back;

	ck_assert(addr_parse(good[_i].text, &a));
	writer_init(&w, buf, sizeof(buf));
	addr_build(&w, &a);
	ck_assert(!w.over);
	ck_assert(span_eq(writer_done(&w), good[_i].canonical));
	ck_assert(addr_parse(writer_done(&w), &back));
	ck_assert(addr_eq(&a, &back));
}
END_TEST

static const struct span bad[] = {
	SPAN_INIT(""),
	SPAN_INIT("1.2.3"),
	SPAN_INIT("1.2.3.4.5"),
	SPAN_INIT("1.2.3.256"),
	SPAN_INIT("1.2.3.04"),
	SPAN_INIT("01.2.3.4"),
	SPAN_INIT("1.2.3."),
	SPAN_INIT(".1.2.3"),
	SPAN_INIT("1..2.3"),
	SPAN_INIT("1.2.3.4 "),
	SPAN_INIT("1.2.3.-4"),
	SPAN_INIT("0x1.2.3.4"),
	SPAN_INIT("1.2.3.0000"),
	SPAN_INIT(":"),
	SPAN_INIT(":::"),
	SPAN_INIT("1:2:3:4:5:6:7"),
	SPAN_INIT("1:2:3:4:5:6:7:8:9"),
	SPAN_INIT("1:2:3:4:5:6:7:8::"),
	SPAN_INIT("::1:2:3:4:5:6:7:8"),
	SPAN_INIT("1:2:3:4::5:6:7:8"),
	SPAN_INIT("1::2::3"),
	SPAN_INIT("1:"),
	SPAN_INIT(":1"),
	SPAN_INIT(":1:2:3:4:5:6:7:8"),
	SPAN_INIT("12345::"),
	SPAN_INIT("g::"),
	SPAN_INIT("::1%eth0"),
	SPAN_INIT("::1.2.3"),
	SPAN_INIT("1.2.3.4::"),
	SPAN_INIT("1:2:3:4:5:6:7:1.2.3.4"),
	SPAN_INIT("::1.2.3.4:5"),
	SPAN_INIT("[::1]"),
	SPAN_INIT("::1\0"),
};

START_TEST(anything_else_is_refused)
{
	struct addr a = { { [3] = 7 } };
	const struct addr before = a;

	ck_assert(!addr_parse(bad[_i], &a));
	ck_assert(addr_eq(&a, &before));
}
END_TEST

static const struct {
	struct span text;
	bool ok;
	unsigned int prefix;
} cidrs[] = {
	{ SPAN_INIT("10.0.0.0/8"), true, 104 },
	{ SPAN_INIT("0.0.0.0/0"), true, 96 },
	{ SPAN_INIT("10.0.0.1/32"), true, 128 },
	{ SPAN_INIT("10.0.0.1"), true, 128 },
	{ SPAN_INIT("::/0"), true, 0 },
	{ SPAN_INIT("2001:db8::/32"), true, 32 },
	{ SPAN_INIT("::1/128"), true, 128 },
	{ SPAN_INIT("::1"), true, 128 },
	{ SPAN_INIT("::ffff:10.0.0.0/104"), true, 104 },
	{ SPAN_INIT("10.0.0.1/33"), false, 0 },
	{ SPAN_INIT("::1/129"), false, 0 },
	{ SPAN_INIT("10.0.0.1/"), false, 0 },
	{ SPAN_INIT("10.0.0.1/08"), false, 0 },
	{ SPAN_INIT("10.0.0.1/-1"), false, 0 },
	{ SPAN_INIT("10.0.0.1/8/8"), false, 0 },
	{ SPAN_INIT("10.0.0.1/4294967304"), false, 0 },
	{ SPAN_INIT("/8"), false, 0 },
	{ SPAN_INIT("host/8"), false, 0 },
};

START_TEST(cidr_counts_of_128)
{
	unsigned int prefix = 999;
	struct addr a;

	ck_assert_int_eq(addr_cidr_parse(cidrs[_i].text, &a, &prefix),
	    cidrs[_i].ok);
	ck_assert_uint_eq(prefix, cidrs[_i].ok ? cidrs[_i].prefix : 999);
}
END_TEST

static struct addr
parsed(struct span s)
{
	struct addr a;

	ck_assert(addr_parse(s, &a));
	return a;
}

START_TEST(in_looks_at_the_prefix_alone)
{
	const struct addr net = parsed(SPAN("10.16.0.0"));
	const struct addr last = parsed(SPAN("10.31.255.255"));
	const struct addr next = parsed(SPAN("10.32.0.0"));
	const struct addr before = parsed(SPAN("10.15.255.255"));

	ck_assert(addr_in(&last, &net, 96 + 12));
	ck_assert(!addr_in(&next, &net, 96 + 12));
	ck_assert(!addr_in(&before, &net, 96 + 12));
	ck_assert(addr_in(&next, &net, 96 + 10));
	ck_assert(!addr_in(&last, &net, 96 + 13));
	ck_assert(addr_in(&net, &net, 128));
	ck_assert(addr_in(&before, &net, 0));
}
END_TEST

/*
 * For every prefix: flip its last bit, which leaves the prefix, then the next
 * bit, which does not.
 */
START_TEST(in_at_every_prefix)
{
	const struct addr a = parsed(SPAN("2001:db8:a5a5:5a5a:1234::ffff"));
	unsigned int prefix = (unsigned int)_i;
	struct addr b = a;

	if (prefix < 128) {
		b.b[prefix / 8] ^= (unsigned char)(0x80 >> prefix % 8);
		ck_assert(addr_in(&b, &a, prefix));
		ck_assert(!addr_in(&b, &a, prefix + 1));
		ck_assert(!addr_in(&b, &a, 128));
	}
	b = addr_head(&a, prefix);
	ck_assert(addr_in(&b, &a, prefix));
	for (unsigned int i = prefix; i < 128; i++)
		ck_assert_uint_eq(b.b[i / 8] & (0x80 >> i % 8), 0);
}
END_TEST

START_TEST(prefix_over_128_aborts)
{
	const struct addr a = ADDR_NONE;

	close(STDERR_FILENO);
	addr_head(&a, 129);
}
END_TEST

START_TEST(kinds)
{
	const unsigned char v4[4] = { 127, 1, 2, 3 };
	const struct addr none = ADDR_NONE, local = addr_v4(v4);
	const struct addr one = parsed(SPAN("::1"));
	const struct addr other = parsed(SPAN("126.255.255.255"));
	const struct addr all = parsed(SPAN("0.0.0.0"));

	ck_assert(addr_is_none(&none));
	ck_assert(!addr_is_none(&one));
	ck_assert(addr_is_any(&none));
	ck_assert(addr_is_any(&all));
	ck_assert(!addr_is_any(&one));
	ck_assert(!addr_is_any(&local));
	ck_assert(addr_is_v4(&local));
	ck_assert(!addr_is_v4(&one));
	ck_assert(!addr_is_v4(&none));
	ck_assert(addr_is_loopback(&local));
	ck_assert(addr_is_loopback(&one));
	ck_assert(!addr_is_loopback(&none));
	ck_assert(!addr_is_loopback(&other));
	ck_assert(addr_eq(&local, &local));
	ck_assert(!addr_eq(&none, &one));
}
END_TEST

START_TEST(near_addresses_are_private)
{
	static const char *const near[] = { "127.0.0.1", "::1", "10.0.0.0",
		"10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.1",
		"169.254.9.9", "100.64.0.0", "100.127.255.255", "fc00::1",
		"fdff::1", "fe80::1", "febf::1" };
	static const char *const far[] = { "9.255.255.255", "11.0.0.0",
		"172.15.255.255", "172.32.0.0", "192.167.255.255",
		"192.169.0.0", "169.253.255.255", "169.255.0.0",
		"100.63.255.255", "100.128.0.0", "128.0.0.1", "192.0.2.1",
		"fbff::1", "fe00::1", "fe7f::1", "fec0::1", "2001:db8::1",
		"::2" };
	struct addr a;

	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		ck_assert_msg(addr_parse(span_of(near[i]), &a) &&
				  addr_is_private(&a),
		    "%s", near[i]);
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++)
		ck_assert_msg(addr_parse(span_of(far[i]), &a) &&
				  !addr_is_private(&a),
		    "%s", far[i]);
}
END_TEST

START_TEST(word_never_begins_with_a_colon)
{
	static const struct {
		struct span text, word;
	} words[] = {
		{ SPAN_INIT("::1"), SPAN_INIT("0::1") },
		{ SPAN_INIT("::"), SPAN_INIT("0::") },
		{ SPAN_INIT("1::"), SPAN_INIT("1::") },
		{ SPAN_INIT("10.0.0.1"), SPAN_INIT("10.0.0.1") },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct addr a = parsed(words[i].text);
		char buf[ADDR_TEXT];
		struct writer w;

		writer_init(&w, buf, sizeof(buf));
		addr_build_word(&w, &a);
		ck_assert(span_eq(writer_done(&w), words[i].word));
	}
}
END_TEST

Suite *
addr_suite(void)
{
	Suite *s = suite_create("wire/addr");
	TCase *t = unit_case("addr");

	tcase_add_loop_test(t, texts_become_canonical, 0, ROWS(good));
	tcase_add_loop_test(t, anything_else_is_refused, 0, ROWS(bad));
	tcase_add_loop_test(t, cidr_counts_of_128, 0, ROWS(cidrs));
	tcase_add_test(t, in_looks_at_the_prefix_alone);
	tcase_add_loop_test(t, in_at_every_prefix, 0, 129);
	tcase_add_test_raise_signal(t, prefix_over_128_aborts, SIGABRT);
	tcase_add_test(t, kinds);
	tcase_add_test(t, near_addresses_are_private);
	tcase_add_test(t, word_never_begins_with_a_colon);
	suite_add_tcase(s, t);
	return s;
}
