/* wire/upgrade.h: a request that is right, in the forms that browsers and
 * programs send, and everything that is missing, doubled or wrong. */
#include "wire/upgrade.h"

#include <stdio.h>
#include <string.h>

#include "unit/wire/check_wire.h"

#define GET "GET / HTTP/1.1\r\n"
#define HOST "Host: irc.test\r\n"
#define UP "Upgrade: websocket\r\n"
#define CONN "Connection: Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define TEXT "Sec-WebSocket-Protocol: text.ircv3.net\r\n"
#define BINARY "Sec-WebSocket-Protocol: binary.ircv3.net\r\n"
#define RIGHT GET HOST UP CONN KEY VERSION

static struct upgrade u;

static unsigned
parse(const char *request, const char *origins)
{
	return upgrade_parse(span_of(request), span_of(origins), &u);
}

START_TEST(requests_that_are_right)
{
	static const struct {
		const char *request;
		enum upgrade_protocol protocol;
	} right[] = {
		{ RIGHT "\r\n", UPGRADE_NONE },
		{ RIGHT TEXT "\r\n", UPGRADE_TEXT },
		{ RIGHT BINARY "\r\n", UPGRADE_BINARY },
		/* the client's order counts, in one list or in two fields */
		{ RIGHT "Sec-WebSocket-Protocol: binary.ircv3.net , "
			"text.ircv3.net\r\n\r\n",
		    UPGRADE_BINARY },
		{ RIGHT TEXT BINARY "\r\n", UPGRADE_TEXT },
		{ RIGHT "Sec-WebSocket-Protocol: chat,,text.ircv3.net\r\n\r\n",
		    UPGRADE_TEXT },
		{ RIGHT "Sec-WebSocket-Protocol: chat\r\n\r\n", UPGRADE_NONE },
		/* as Firefox and Chromium say it, and others */
		{ GET HOST "Connection: keep-alive, Upgrade\r\n"
			   "upgrade:WebSocket\r\n" KEY VERSION
			   "Sec-WebSocket-Extensions: permessage-deflate\r\n"
			   "Cookie: a=b\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n",
		    UPGRADE_NONE },
		/* cookies of another program at this host */
		{ RIGHT "Cookie: a=\xc3\xa9;\tb=\"c\"\r\n\r\n", UPGRADE_NONE },
		{ "GET /webirc/?a=b HTTP/1.1\r\n" HOST UP "Upgrade: h2c\r\n"
		  "Connection: keep-alive\r\n" CONN KEY VERSION "\r\n",
		    UPGRADE_NONE },
	};

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		ck_assert_msg(parse(right[i].request, "") == 101, "%s: %s",
		    right[i].request, u.why);
		ck_assert_int_eq(u.protocol, right[i].protocol);
		ck_assert_uint_eq(u.used, strlen(right[i].request));
		ck_assert(span_eq(u.key, SPAN("dGhlIHNhbXBsZSBub25jZQ==")));
	}
}
END_TEST

START_TEST(requests_that_are_not)
{
	static const struct {
		unsigned status;
		const char *request, *why;
	} wrong[] = {
		{ 400, "NICK alice\r\nUSER a 0 * :a\r\n\r\n",
		    "this is no request of HTTP/1.1" },
		{ 400, RIGHT "Content-Length: 1\r\n\r\n",
		    "this is no request of HTTP/1.1" },
		{ 400, GET UP CONN KEY VERSION "\r\n",
		    "this is no request of HTTP/1.1" },
		{ 400, RIGHT HOST "\r\n", "this is no request of HTTP/1.1" },
		{ 400,
		    GET HOST "Upgrade : websocket\r\n" CONN KEY VERSION "\r\n",
		    "this is no request of HTTP/1.1" },
		{ 400, RIGHT "Cookie: a\1\r\n\r\n",
		    "this is no request of HTTP/1.1" },
		{ 400, RIGHT "Cookie: a\x7f\r\n\r\n",
		    "this is no request of HTTP/1.1" },
		{ 405, "POST / HTTP/1.1\r\n" HOST UP CONN KEY VERSION "\r\n",
		    "only GET is allowed" },
		{ 505, "GET / HTTP/1.0\r\n" HOST UP CONN KEY VERSION "\r\n",
		    "only HTTP/1.1 is spoken" },
		{ 505, "PRI * HTTP/2.0\r\n\r\n", "only HTTP/1.1 is spoken" },
		{ 426, GET HOST "\r\n",
		    "this port takes WebSocket connections only" },
		{ 426, GET HOST "Upgrade: h2c\r\n" CONN KEY VERSION "\r\n",
		    "this port takes WebSocket connections only" },
		{ 426,
		    GET HOST "Upgrade: websocketx\r\n" CONN KEY VERSION "\r\n",
		    "this port takes WebSocket connections only" },
		{ 400, GET HOST UP KEY VERSION "\r\n",
		    "Connection does not say Upgrade" },
		{ 400, GET HOST UP "Connection: close\r\n" KEY VERSION "\r\n",
		    "Connection does not say Upgrade" },
		{ 400, GET HOST UP CONN VERSION "\r\n",
		    "Sec-WebSocket-Key is missing" },
		{ 400, RIGHT KEY "\r\n", "Sec-WebSocket-Key comes twice" },
		{ 400,
		    GET HOST UP CONN VERSION
		    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n\r\n",
		    "Sec-WebSocket-Key is not 16 bytes in base64" },
		{ 400,
		    GET HOST UP CONN VERSION
		    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n\r\n",
		    "Sec-WebSocket-Key is not 16 bytes in base64" },
		{ 400,
		    GET HOST UP CONN VERSION
		    "Sec-WebSocket-Key: dGhlIHNhbXBsZ.Bub25jZQ==\r\n\r\n",
		    "Sec-WebSocket-Key is not 16 bytes in base64" },
		{ 400, GET HOST UP CONN KEY "\r\n",
		    "Sec-WebSocket-Version is missing" },
		{ 400, RIGHT VERSION "\r\n",
		    "Sec-WebSocket-Version comes twice" },
		{ 426, GET HOST UP CONN KEY "Sec-WebSocket-Version: 8\r\n\r\n",
		    "only version 13 of WebSocket is spoken" },
		{ 400, RIGHT "Origin: http://a\r\nOrigin: http://a\r\n\r\n",
		    "Origin comes twice" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(parse(wrong[i].request, "") == wrong[i].status,
		    "%s", wrong[i].request);
		ck_assert_str_eq(u.why, wrong[i].why);
	}
}
END_TEST

START_TEST(origins)
{
	static const char two[] = "https://a.test https://b.test:8443";
	static const struct {
		const char *allowed, *origin;
		unsigned status;
	} cases[] = {
		{ "", "https://evil.test", 101 },
		{ "*", "https://evil.test", 101 },
		{ "https://a.test *", "null", 101 },
		{ two, "https://a.test", 101 },
		{ two, "HTTPS://A.test", 101 },
		{ two, "https://b.test:8443", 101 },
		{ two, NULL, 101 }, /* no browser */
		{ two, "https://b.test", 403 },
		{ two, "http://a.test", 403 },
		{ two, "https://a.test.evil.test", 403 },
		{ two, "https://x.a.test", 403 },
		{ two, "null", 403 },
		{ two, "", 403 },
	};
	char text[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), RIGHT "%s%s%s\r\n",
		    cases[i].origin != NULL ? "Origin: " : "",
		    cases[i].origin != NULL ? cases[i].origin : "",
		    cases[i].origin != NULL ? "\r\n" : "");
		ck_assert_msg(parse(text, cases[i].allowed) == cases[i].status,
		    "%s", text);
	}
}
END_TEST

START_TEST(a_request_in_pieces_and_with_more_behind_it)
{
	static const char request[] = RIGHT TEXT "\r\n\x81\x80";
	size_t n = sizeof(request) - 3;

	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(upgrade_parse(span_make(request, i), SPAN(""),
				      &u),
		    0);
	for (size_t i = n; i < sizeof(request); i++) {
		ck_assert_uint_eq(upgrade_parse(span_make(request, i), SPAN(""),
				      &u),
		    101);
		ck_assert_uint_eq(u.used, n);
	}
}
END_TEST

START_TEST(a_request_without_an_end)
{
	static char text[UPGRADE_MAX + 1];

	memset(text, 'a', sizeof(text));
	memcpy(text, GET, sizeof(GET) - 1);
	ck_assert_uint_eq(upgrade_parse(span_make(text, UPGRADE_MAX - 1),
			      SPAN(""), &u),
	    0);
	ck_assert_uint_eq(upgrade_parse(span_make(text, UPGRADE_MAX), SPAN(""),
			      &u),
	    431);
	ck_assert_str_eq(u.why, "the request is too long");
}
END_TEST

static const char *
build(unsigned status, const char *accept)
{
	static char text[UPGRADE_ANSWER + 1];
	struct writer w;

	writer_init(&w, text, UPGRADE_ANSWER);
	upgrade_build(&w, status, &u, span_of(accept));
	ck_assert(!w.over);
	text[w.n] = '\0';
	return text;
}

START_TEST(answers)
{
	u = (struct upgrade){ .protocol = UPGRADE_NONE };
	ck_assert_str_eq(build(101, "x="),
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Accept: x=\r\n\r\n");
	u.protocol = UPGRADE_BINARY;
	ck_assert_ptr_nonnull(strstr(build(101, "x="),
	    "\r\nSec-WebSocket-Protocol: binary.ircv3.net\r\n\r\n"));
	u.why = "abc";
	ck_assert_str_eq(build(403, ""),
	    "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n"
	    "Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nabc\n");
	ck_assert_ptr_nonnull(strstr(build(405, ""), "\r\nAllow: GET\r\n"));
	ck_assert_ptr_nonnull(strstr(build(426, ""),
	    "\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n"
	    "Sec-WebSocket-Version: 13\r\n"));
}
END_TEST

Suite *
upgrade_suite(void)
{
	Suite *s = suite_create("wire/upgrade");
	TCase *t = unit_case("upgrade");

	tcase_add_test(t, requests_that_are_right);
	tcase_add_test(t, requests_that_are_not);
	tcase_add_test(t, origins);
	tcase_add_test(t, a_request_in_pieces_and_with_more_behind_it);
	tcase_add_test(t, a_request_without_an_end);
	tcase_add_test(t, answers);
	suite_add_tcase(s, t);
	return s;
}
