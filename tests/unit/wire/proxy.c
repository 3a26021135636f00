/* wire/proxy.h: headers of both versions, as haproxy's proxy-protocol.txt has
 * them, and all that is not quite a header. tests/fuzz/proxy.c cuts them. */
#include "wire/proxy.h"

#include "unit/wire/check_wire.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define IPV4 "\300\0\2\1\300\0\2\11\4\322\32\13" /* 192.0.2.1, port 1234 */

static struct proxy_header h;
static size_t used;

static const char *
from(void)
{
	static char text[ADDR_TEXT + 1];
	struct writer w;

	writer_init(&w, text, ADDR_TEXT);
	addr_build(&w, &h.from);
	text[w.n] = '\0';
	return text;
}

START_TEST(version_1)
{
	static const struct {
		const char *text;
		const char *from; /* NULL: local */
	} right[] = {
		{ "PROXY TCP4 192.0.2.1 192.0.2.9 1234 6667\r\n", "192.0.2.1" },
		{ "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
		    "255.255.255.255" },
		{ "PROXY TCP6 2001:db8::1 ::1 0 6667\r\n", "2001:db8::1" },
		/* one socket for both kinds */
		{ "PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.9 1 2\r\n",
		    "192.0.2.1" },
		{ "PROXY UNKNOWN\r\n", NULL },
		{ "PROXY UNKNOWN ffff:: whatever 1 2\r\n", NULL },
	};

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		ck_assert_msg(proxy_parse(span_of(right[i].text), &h, &used) ==
				  PROXY_DONE,
		    "%s", right[i].text);
		ck_assert_uint_eq(used, strlen(right[i].text));
		ck_assert_int_eq(h.local, right[i].from == NULL);
		if (right[i].from != NULL)
			ck_assert_str_eq(from(), right[i].from);
		ck_assert(!h.tls);
	}
}
END_TEST

START_TEST(not_version_1)
{
	static const char *const wrong[] = {
		"NICK alice\r\n",
		"proxy TCP4 192.0.2.1 192.0.2.9 1234 6667\r\n",
		"PROXY  TCP4 192.0.2.1 192.0.2.9 1234 6667\r\n",
		"PROXY TCP4  192.0.2.1 192.0.2.9 1234 6667\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.9 1234 6667 \r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.9 1234 6667\n",
		"PROXY TCP4 192.0.2.1 192.0.2.9 1234\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.9 01234 6667\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.9 1234 65536\r\n",
		"PROXY TCP4 192.0.2.1 192.0.2.9 -1 6667\r\n",
		"PROXY TCP4 192.0.2.01 192.0.2.9 1234 6667\r\n",
		"PROXY TCP4 192.0.2.1 host 1234 6667\r\n",
		"PROXY TCP4 2001:db8::1 ::1 1234 6667\r\n",
		"PROXY UDP4 192.0.2.1 192.0.2.9 1234 6667\r\n",
		"PROXY \r\n",
		"PROXY\r\n",
		"\n",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(proxy_parse(span_of(wrong[i]), &h, &used) ==
				  PROXY_WRONG,
		    "%s", wrong[i]);
}
END_TEST

START_TEST(length_of_version_1)
{
	char text[128];

	memset(text, 'a', sizeof(text));
	memcpy(text, "PROXY UNKNOWN ", 14);
	memcpy(text + 105, "\r\n", 2);
	ck_assert_int_eq(proxy_parse(span_make(text, 107), &h, &used),
	    PROXY_DONE);
	ck_assert_int_eq(proxy_parse(span_make(text, 106), &h, &used),
	    PROXY_MORE);
	memcpy(text + 105, "a\r\n", 3);
	ck_assert_int_eq(proxy_parse(span_make(text, 106), &h, &used),
	    PROXY_MORE);
	ck_assert_int_eq(proxy_parse(span_make(text, 107), &h, &used),
	    PROXY_LONG);
	ck_assert_int_eq(proxy_parse(span_make(text, 108), &h, &used),
	    PROXY_LONG);
}
END_TEST

START_TEST(version_2)
{
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\x11\0\14" IPV4
						    "NICK"),
			     &h, &used),
	    PROXY_DONE);
	ck_assert_uint_eq(used, 28);
	ck_assert_str_eq(from(), "192.0.2.1");
	ck_assert_uint_eq(h.from_port, 1234);
	ck_assert(!h.local && !h.tls);

	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE
					 "\x21\x21\0\44"
					 " \1\15\270\0\0\0\0\0\0\0\0\0\0\0\1"
					 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
					 "\4\322\32\13"),
			     &h, &used),
	    PROXY_DONE);
	ck_assert_str_eq(from(), "2001:db8::1");
	ck_assert_uint_eq(h.from_port, 1234);
}
END_TEST

START_TEST(proxies_that_speak_for_themselves)
{
	/* a health check; addresses of no kind that we know */
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x20\0\0\0"), &h, &used),
	    PROXY_DONE);
	ck_assert(h.local);
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x20\x11\0\14" IPV4), &h,
			     &used),
	    PROXY_DONE);
	ck_assert(h.local);
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\0\0\0"), &h, &used),
	    PROXY_DONE);
	ck_assert(h.local);
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\x12\0\14" IPV4), &h,
			     &used),
	    PROXY_DONE);
	ck_assert(h.local);
}
END_TEST

START_TEST(tls_of_version_2)
{
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\x11\0\x26" IPV4
						    "\x04\0\0"
						    "\x20\0\x14\1\0\0\0\0"
						    "\x21\0\7TLSv1.3"
						    "\x23\0\2AE"),
			     &h, &used),
	    PROXY_DONE);
	ck_assert(h.tls);
	ck_assert(span_eq(h.version, SPAN("TLSv1.3")));
	ck_assert(span_eq(h.cipher, SPAN("AE")));
	/* without the flag there is none; odd words are left out */
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\x11\0\x19" IPV4
						    "\x20\0\12\0\0\0\0\0"
						    "\x21\0\3a "),
			     &h, &used),
	    PROXY_WRONG);
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\x11\0\x1a" IPV4
						    "\x20\0\13\0\0\0\0\0"
						    "\x21\0\3a b"),
			     &h, &used),
	    PROXY_DONE);
	ck_assert(!h.tls);
	ck_assert_uint_eq(h.version.n, 0);
}
END_TEST

START_TEST(host_name_of_version_2)
{
	static const char head[] = SIGNATURE "\x21\x11\1\x0d" IPV4 "\x02\0\xfe";
	char bytes[16 + 0x10d];

	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\x11\0\x16" IPV4
						    "\x02\0\7irc.org"),
			     &h, &used),
	    PROXY_DONE);
	ck_assert(span_eq(h.asked, SPAN("irc.org")));
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\x11\0\x12" IPV4
						    "\x02\0\3a b"),
			     &h, &used),
	    PROXY_DONE);
	ck_assert_uint_eq(h.asked.n, 0);
	/* a name of 254 bytes, and one of 253 */
	memset(bytes, 'a', sizeof(bytes));
	memcpy(bytes, head, sizeof(head) - 1);
	ck_assert_int_eq(proxy_parse(span_make(bytes, sizeof(bytes)), &h,
			     &used),
	    PROXY_DONE);
	ck_assert_uint_eq(h.asked.n, 0);
	bytes[15] = 0x0c;
	bytes[30] = '\xfd';
	ck_assert_int_eq(proxy_parse(span_make(bytes, sizeof(bytes) - 1), &h,
			     &used),
	    PROXY_DONE);
	ck_assert_uint_eq(h.asked.n, PROXY_NAME_MAX);
}
END_TEST

START_TEST(not_version_2)
{
	static const struct span wrong[] = {
		SPAN_INIT("\r\n\r\nNICK alice"),
		SPAN_INIT(SIGNATURE "\x11\x11\0\14" IPV4), /* version 1 */
		SPAN_INIT(SIGNATURE "\x22\x11\0\14" IPV4), /* command 2 */
		SPAN_INIT(SIGNATURE "\x21\x11\0\13" IPV4), /* too short */
		SPAN_INIT(SIGNATURE "\x21\x21\0\14" IPV4), /* not IPv6 */
		SPAN_INIT(SIGNATURE "\x21\x11\0\15" IPV4 "\x20"),
		SPAN_INIT(SIGNATURE "\x21\x11\0\17" IPV4 "\x04\0\1"),
		SPAN_INIT(SIGNATURE "\x21\x11\0\23" IPV4 "\x20\0\4\1\0\0\0"),
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(proxy_parse(wrong[i], &h, &used) == PROXY_WRONG,
		    "%zu", i);
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\x11\7\xf0"), &h,
			     &used),
	    PROXY_MORE);
	ck_assert_int_eq(proxy_parse(SPAN(SIGNATURE "\x21\x11\7\xf1"), &h,
			     &used),
	    PROXY_LONG);
	ck_assert_int_eq(proxy_parse(SPAN(""), &h, &used), PROXY_MORE);
}
END_TEST

Suite *
proxy_suite(void)
{
	Suite *s = suite_create("wire/proxy");
	TCase *t = unit_case("proxy");

	tcase_add_test(t, version_1);
	tcase_add_test(t, not_version_1);
	tcase_add_test(t, length_of_version_1);
	tcase_add_test(t, version_2);
	tcase_add_test(t, proxies_that_speak_for_themselves);
	tcase_add_test(t, tls_of_version_2);
	tcase_add_test(t, host_name_of_version_2);
	tcase_add_test(t, not_version_2);
	suite_add_tcase(s, t);
	return s;
}
