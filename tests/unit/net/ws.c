/* net/ws.h: a stream under WebSocket, and a client that writes its bytes by
 * hand: what becomes of messages, of frames that are wrong, and of a client
 * that reads too little. */
#include "net/ws.h"

#include <sys/socket.h>

#include <openssl/ssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/net/check_net.h"
#include "unit/net/fixture.h"

#define REQUEST(more)                                                    \
	"GET / HTTP/1.1\r\nHost: irc.test\r\nUpgrade: websocket\r\n"     \
	"Connection: Upgrade\r\nSec-WebSocket-Key: "                     \
	"dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" more \
	"\r\n"
#define BINARY "Sec-WebSocket-Protocol: binary.ircv3.net\r\n"
#define TEXT "Sec-WebSocket-Protocol: text.ircv3.net\r\n"
/* RFC 6455, section 1.3 */
#define ACCEPTED                                                     \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" \
	"Connection: Upgrade\r\nSec-WebSocket-Accept: "              \
	"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define B(text) (text), sizeof(text) - 1
#define M "\0\0\0\0" /* a mask that changes nothing */

static struct owner o;
static int peer;

static void
begin(const char *origins, bool tight)
{
	const struct ws_conf web = { .origins = span_of(origins) };
	struct stream_conf conf;

	o = (struct owner){ .lines = -1 };
	conf = conf_of(&o, NULL);
	conf.web = &web;
	peer = tcp_up(&o, &conf, tight);
}

static void
open_as(const char *request)
{
	begin("", false);
	put(peer, request);
	TURN_UNTIL(o.opened);
	turns(3);
	ck_assert(strncmp(get(peer), ACCEPTED, sizeof(ACCEPTED) - 1) == 0);
}

static void
say(const char *p, size_t n)
{
	ck_assert_int_eq(send(peer, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

static size_t
hear(char *buf, size_t n)
{
	ssize_t got = -1;

	for (int i = 0; i < 200 && got < 0; i++) {
		loop_turn(loop, 10);
		got = recv(peer, buf, n, MSG_DONTWAIT);
	}
	ck_assert_int_ge(got, 0);
	return (size_t)got;
}

static void
assert_heard(const char *p, size_t n)
{
	static char buf[16 * KIB];
	size_t got = 0, more;

	while (got < n) {
		more = hear(buf + got, sizeof(buf) - got);
		ck_assert_uint_gt(more, 0);
		got += more;
	}
	ck_assert_uint_eq(got, n);
	ck_assert_mem_eq(buf, p, n);
}

static void
end(void)
{
	if (o.closed == 0)
		stream_close(o.s, false);
	close(peer);
	TURN_UNTIL(streams_count(streams) == 0);
}

/* ---- the handshake ---- */

START_TEST(a_client_is_let_in)
{
	open_as(REQUEST(TEXT));
	say(B("\x81\x87" M "NICK ab"));
	TURN_UNTIL(o.n == 9);
	ck_assert_str_eq(o.got, "NICK ab\r\n");
	stream_send_bytes(o.s, SPAN(":s 001 ab :Welcome\r\n:s 002 ab :x\r\n"));
	assert_heard(B("\x81\x12:s 001 ab :Welcome\x81\x0c:s 002 ab :x"));
	ck_assert_uint_eq(streams_queued(streams), 0);
	end();
}
END_TEST

START_TEST(a_request_comes_in_pieces)
{
	static const char all[] = REQUEST("") "\x81\x81" M "x\x81";

	begin("", false);
	for (size_t i = 0; i < sizeof(all) - 1; i++) {
		ck_assert_int_eq(o.opened, i >= sizeof(REQUEST("")) - 1);
		say(all + i, 1);
		turns(3);
	}
	TURN_UNTIL(o.n == 3);
	ck_assert_str_eq(o.got, "x\r\n");
	end();
}
END_TEST

START_TEST(frames_may_come_with_the_request)
{
	begin("", false);
	say(B(REQUEST("") "\x81\x81" M "x\x81\x81" M "y"));
	TURN_UNTIL(o.n == 6);
	ck_assert_str_eq(o.got, "x\r\ny\r\n");
	end();
}
END_TEST

START_TEST(the_protocol_is_told)
{
	begin("", false);
	put(peer, REQUEST(BINARY));
	assert_heard(B(ACCEPTED
	    "Sec-WebSocket-Protocol: binary.ircv3.net\r\n\r\n"));
	/* as they are: bytes that are not UTF-8 */
	stream_send_bytes(o.s, SPAN("a\xff\r\n"));
	assert_heard(B("\x82\2a\xff"));
	end();
}
END_TEST

START_TEST(a_wrong_request_is_answered)
{
	static const char head[] = "HTTP/1.1 403 Forbidden\r\n";
	const char *answer;

	begin("https://a.test", false);
	put(peer, REQUEST("Origin: https://b.test\r\n"));
	answer = get_all(peer);
	ck_assert(strncmp(answer, head, sizeof(head) - 1) == 0);
	ck_assert_str_eq(strstr(answer, "\r\n\r\n") + 4,
	    "pages of this origin may not connect here\n");
	ck_assert_int_eq(o.opened, 0);
	ck_assert_int_eq(o.closed, 1);
	ck_assert_int_eq(o.end, STREAM_WEBSOCKET);
	ck_assert_str_eq(o.why, "pages of this origin may not connect here");
	end();
}
END_TEST

START_TEST(an_origin_that_may_connect)
{
	begin("https://a.test https://b.test", false);
	put(peer, REQUEST("Origin: https://b.test\r\n"));
	TURN_UNTIL(o.opened);
	end();
}
END_TEST

START_TEST(a_request_that_never_ends)
{
	char much[9000];

	memset(much, 'x', sizeof(much));
	begin("", false);
	say(much, sizeof(much));
	ck_assert(strncmp(get_all(peer), "HTTP/1.1 431 ", 13) == 0);
	ck_assert_int_eq(o.end, STREAM_WEBSOCKET);
	end();
}
END_TEST

START_TEST(one_that_leaves_before_its_request)
{
	begin("", false);
	shutdown(peer, SHUT_WR);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_SILENT);
	end();
	begin("", false);
	put(peer, "GET /");
	turns(3);
	shutdown(peer, SHUT_WR);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_WEBSOCKET);
	end();
}
END_TEST

START_TEST(a_request_has_limited_time)
{
	const struct ws_conf web = { .origins = SPAN_NONE };
	struct stream_conf conf;

	o = (struct owner){ .lines = -1 };
	conf = conf_of(&o, NULL);
	conf.web = &web;
	conf.setup_ms = 50;
	peer = tcp_up(&o, &conf, false);
	put(peer, "GET / HTTP/1.1\r\n");
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_TIMEOUT);
	end();
}
END_TEST

/* ---- messages ---- */

START_TEST(messages_become_lines)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *lines;
	} cases[] = {
		{ B("\x81\x80" M), "\r\n" },
		{ B("\x82\x82" M "ab"), "ab\r\n" },
		{ B("\x81\x84" M "ab\r\n"), "ab\r\n" },
		{ B("\x81\x83" M "ab\n"), "ab\r\n" },
		{ B("\x81\x83" M "ab\r"), "ab\r\n" },
		/* never two lines */
		{ B("\x81\x83" M "a\nb"), "a\rb\r\n" },
		{ B("\x81\x86" M "a\r\nb\r\n"), "a\r\rb\r\n" },
		/* not UTF-8, in a message that need not be */
		{ B("\x82\x82" M "a\xff"), "a\xff\r\n" },
		/* fragments, with a ping between them */
		{ B("\1\x81" M "a\0\x80" M "\x89\x80" M "\0\x81" M "b\x80\x81" M
		    "c"),
		    "abc\r\n" },
		/* a character that is cut in two */
		{ B("\1\x81" M "\xc3\x80\x81" M "\xa9"), "\xc3\xa9\r\n" },
		{ B("\1\x80" M "\x80\x80" M), "\r\n" },
		{ B("\x81\x81\1\2\3\4`\x81\x82\1\2\3\4cf"), "a\r\nbd\r\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_as(REQUEST(""));
		say(cases[i].bytes, cases[i].n);
		TURN_UNTIL(o.n == strlen(cases[i].lines));
		ck_assert_str_eq(o.got, cases[i].lines);
		end();
	}
}
END_TEST

START_TEST(messages_in_every_cut)
{
	static const char all[] = "\1\x82" M "ab\x89\x81" M "p\x80\x81" M
				  "c\x82\x80" M "\x81\x83" M "d\r\n";

	for (size_t cut = 1; cut < sizeof(all) - 1; cut++) {
		open_as(REQUEST(""));
		say(all, cut);
		turns(3);
		say(all + cut, sizeof(all) - 1 - cut);
		TURN_UNTIL(o.n == 10);
		ck_assert_str_eq(o.got, "abc\r\n\r\nd\r\n");
		end();
	}
}
END_TEST

START_TEST(the_longest_message)
{
	char bytes[8 + WS_MESSAGE_MAX] = "\x82\xfe\x12\0" M;

	memset(bytes + 8, 'x', WS_MESSAGE_MAX);
	open_as(REQUEST(""));
	say(bytes, sizeof(bytes));
	TURN_UNTIL(o.n == WS_MESSAGE_MAX + 2);
	end();
}
END_TEST

/* The owner takes a line at a time, and the rest waits. */
START_TEST(lines_wait_for_the_owner)
{
	const struct stream_limits limits = { MIB, 4 * KIB, true };
	char frame[6 + 100] = "\x82\xe4" M;
	uint64_t sum = 0;

	memset(frame + 6, 'y', 100);
	open_as(REQUEST(""));
	stream_set_limits(o.s, &limits);
	o.lines = 0;
	for (int i = 0; i < 1000; i++) {
		frame[6] = (char)('a' + i % 26);
		say(frame, sizeof(frame));
		sum = sum_add(sum, frame + 6, 100);
		sum = sum_add(sum, "\r\n", 2);
	}
	turns(20);
	ck_assert_uint_eq(o.n, 0);
	ck_assert_uint_le(stream_unread(o.s), 4 * KIB);
	for (size_t i = 1; i <= 1000; i++) {
		o.lines = 1;
		stream_pull(o.s);
		TURN_UNTIL(o.n == i * 102);
	}
	ck_assert(o.sum == sum);
	end();
}
END_TEST

START_TEST(too_much_unread_is_told)
{
	const struct stream_limits limits = { MIB, 1000, false };
	char frame[6 + 100] = "\x82\xe4" M;

	memset(frame + 6, 'y', 100);
	open_as(REQUEST(""));
	stream_set_limits(o.s, &limits);
	o.lines = 0;
	for (int i = 0; i < 12; i++)
		say(frame, sizeof(frame));
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.overfull, 1);
	ck_assert_int_eq(o.end, STREAM_RECVQ);
	end();
}
END_TEST

START_TEST(a_text_is_mended)
{
	open_as(REQUEST(TEXT));
	stream_send_bytes(o.s, SPAN("a\xff\xc3(b\xc3\xa9\r\n\r\nc\r\n"));
	assert_heard(B("\x81\x0b"
		       "a\xef\xbf\xbd\xef\xbf\xbd(b\xc3\xa9\x81\1c"));
	end();
}
END_TEST

START_TEST(a_line_in_pieces_is_one_message)
{
	open_as(REQUEST(TEXT));
	stream_send_bytes(o.s, SPAN("ab"));
	turns(3);
	ck_assert_str_eq(get(peer), "");
	stream_send_bytes(o.s, SPAN("c\r"));
	turns(3);
	stream_send_bytes(o.s, SPAN("\nd"));
	assert_heard(B("\x81\3abc"));
	ck_assert_uint_eq(streams_queued(streams), 1);
	end();
}
END_TEST

/* Both kinds, and one line for many: the frames that were made last are used
 * again, and never for another kind or another line. */
START_TEST(one_line_for_many)
{
	static const char *const requests[] = { REQUEST(TEXT), REQUEST(BINARY),
		REQUEST(BINARY), REQUEST(TEXT) };
	struct owner owners[4];
	int peers[4];
	struct rcbuf *b = rcbuf_new(SPAN("x\xff\r\n"));
	struct rcbuf *c = rcbuf_new(SPAN("y\xff\r\n"));

	for (int i = 0; i < 4; i++) {
		const struct ws_conf web = { .origins = SPAN_NONE };
		struct stream_conf conf;

		owners[i] = (struct owner){ .lines = -1 };
		conf = conf_of(&owners[i], NULL);
		conf.web = &web;
		peers[i] = tcp_up(&owners[i], &conf, false);
		put(peers[i], requests[i]);
		TURN_UNTIL(owners[i].opened);
		turns(3);
		get(peers[i]);
	}
	for (int i = 0; i < 4; i++)
		stream_send(owners[i].s, b);
	stream_send(owners[3].s, c);
	o = owners[0];
	for (int i = 0; i < 4; i++) {
		peer = peers[i];
		if (i == 1 || i == 2)
			assert_heard(B("\x82\2x\xff"));
		else if (i == 0)
			assert_heard(B("\x81\4x\xef\xbf\xbd"));
		else
			assert_heard(B("\x81\4x\xef\xbf\xbd\x81\4y\xef\xbf"
				       "\xbd"));
		stream_close(owners[i].s, false);
		close(peer);
	}
	rcbuf_unref(b);
	rcbuf_unref(c);
	TURN_UNTIL(streams_count(streams) == 0);
}
END_TEST

/* ---- a client that reads slowly ---- */

static char *
line_of(size_t i)
{
	static char line[300];

	snprintf(line, sizeof(line), "%zu %.*s\r\n", i, (int)(i * 37 % 200),
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	return line;
}

/* Take one whole message off the bytes. Return its payload, without p if the
 * bytes do not have all of it. */
static struct span
message(struct span *bytes)
{
	const unsigned char *p = (const unsigned char *)bytes->p;
	size_t n, head = 2;

	if (bytes->n < 2)
		return SPAN_NONE;
	n = p[1];
	if (n == 126) {
		if (bytes->n < 4)
			return SPAN_NONE;
		n = (size_t)p[2] << 8 | p[3];
		head = 4;
	}
	if (bytes->n < head + n)
		return SPAN_NONE;
	*bytes = span_tail(*bytes, head + n);
	return span_make(p + head, n);
}

#define LINES 20000

START_TEST(a_slow_client_gets_every_line)
{
	static char buf[8 * MIB];
	size_t n = 0, sent = 0, pings = 0, pongs = 0, got;
	struct span rest, m;
	char *line;

	begin("", true);
	put(peer, REQUEST(""));
	TURN_UNTIL(o.opened);
	turns(3);
	get(peer);
	for (size_t i = 0; i < LINES; i++) {
		line = line_of(i);
		sent += strlen(line);
		stream_send_bytes(o.s, span_of(line));
	}
	turns(5);
	/* all that the system has not taken is counted, and no more */
	ck_assert_uint_gt(stream_queued(o.s), sent / 2);
	ck_assert_uint_eq(stream_queued(o.s) + o.taken, sent);
	while (o.taken < sent || stream_queued(o.s) > 0) {
		loop_turn(loop, 1);
		got = (size_t)recv(peer, buf + n, 3000, MSG_DONTWAIT);
		if (got != (size_t)-1)
			n += got;
		/* a ping is answered between two messages */
		if (pings < 20 && n > pings * 10000) {
			say(B("\x89\x80" M));
			pings++;
		}
		ck_assert(!o.closed);
	}
	for (int i = 0; i < 200; i++) {
		loop_turn(loop, 1);
		got =
		    (size_t)recv(peer, buf + n, sizeof(buf) - n, MSG_DONTWAIT);
		n += got != (size_t)-1 ? got : 0;
	}
	rest = span_make(buf, n);
	for (size_t i = 0; i < LINES;) {
		bool pong = rest.n > 0 && rest.p[0] == '\x8a';

		m = message(&rest);
		ck_assert_ptr_nonnull(m.p);
		pongs += pong;
		if (pong)
			continue;
		line = line_of(i++);
		ck_assert(span_eq(m, span_make(line, strlen(line) - 2)));
	}
	ck_assert_uint_gt(pongs, 0);
	ck_assert_uint_le(pongs, pings);
	end();
}
END_TEST

START_TEST(a_client_that_does_not_read_is_dropped)
{
	const struct stream_limits limits = { 64 * KIB, 16 * KIB, false };

	begin("", true);
	put(peer, REQUEST(""));
	TURN_UNTIL(o.opened);
	stream_set_limits(o.s, &limits);
	for (size_t i = 0; i < LINES && !o.closed; i++) {
		stream_send_bytes(o.s, span_of(line_of(i)));
		turns(i % 50 == 0);
	}
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_SENDQ);
	end();
}
END_TEST

/* ---- control frames and the end ---- */

START_TEST(pings_are_answered)
{
	open_as(REQUEST(""));
	say(B("\x89\x83" M "abc"));
	assert_heard(B("\x8a\3abc"));
	/* of several at once, the last one */
	say(B("\x89\x81" M "a\x8a\x81" M "b\x89\x81" M "c\x81\x81" M "x"));
	assert_heard(B("\x8a\1c"));
	ck_assert_str_eq(o.got, "x\r\n");
	end();
}
END_TEST

START_TEST(close_is_answered_after_what_is_queued)
{
	open_as(REQUEST(""));
	stream_send_bytes(o.s, SPAN("last\r\n"));
	say(B("\x81\x81" M "x\x88\x84" M "\x0f\xa1yz"));
	assert_heard(B("\x81\4last\x88\2\x0f\xa1"));
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_EOF);
	ck_assert_str_eq(o.got, "x\r\n");
	ck_assert_uint_eq(hear((char[1]){ 0 }, 1), 0);
	end();
	open_as(REQUEST(""));
	say(B("\x88\x80" M));
	assert_heard(B("\x88\0"));
	end();
}
END_TEST

/* In one piece with lines before it, which the owner takes first. */
START_TEST(nothing_counts_behind_the_end)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *heard;
		size_t nheard;
	} ends[] = {
		{ B("\x81\x81" M "x\x88\x82" M "\3\xe8\x81\x81" M "y"),
		    B("\x88\2\3\xe8") },
		{ B("\x81\x81" M "x\x80\x81" M "z\x81\x81" M "y"),
		    B("\x88\x22\3\xea"
		      "a fragment belongs to no message") },
	};

	for (int i = 0; i < 2; i++) {
		open_as(REQUEST(""));
		say(ends[i].bytes, ends[i].n);
		assert_heard(ends[i].heard, ends[i].nheard);
		TURN_UNTIL(o.closed);
		ck_assert_str_eq(o.got, "x\r\n");
		end();
	}
}
END_TEST

START_TEST(the_owner_ends)
{
	open_as(REQUEST(""));
	stream_send_bytes(o.s, SPAN("ERROR :bye\r\n"));
	stream_close(o.s, true);
	o.closed = 1;
	assert_heard(B("\x81\x0a"
		       "ERROR :bye\x88\2\3\xe8"));
	ck_assert_uint_eq(hear((char[1]){ 0 }, 1), 0);
	end();
}
END_TEST

START_TEST(the_owner_goes_away)
{
	open_as(REQUEST(""));
	stream_send_bytes(o.s, SPAN("ERROR :bye\r\n"));
	stream_goes(o.s);
	stream_close(o.s, true);
	o.closed = 1;
	assert_heard(B("\x81\x0a"
		       "ERROR :bye\x88\2\3\xe9"));
	end();
}
END_TEST

START_TEST(a_client_that_vanishes)
{
	open_as(REQUEST(""));
	say(B("\x81\x85" M "ab"));
	turns(3);
	shutdown(peer, SHUT_WR);
	TURN_UNTIL(o.closed);
	ck_assert_int_eq(o.end, STREAM_EOF);
	ck_assert_uint_eq(o.n, 0);
	end();
}
END_TEST

static const struct {
	const char *bytes;
	size_t n;
	unsigned int code;
	const char *why;
} faults[] = {
	{ B("\x81\1x"), 1002, "a frame is not masked" },
	{ B("\xc1\x81" M "x"), 1002, "a reserved bit of a frame is set" },
	{ B("\x83\x81" M "x"), 1002, "the opcode of a frame is not known" },
	{ B("\x80\x81" M "x"), 1002, "a fragment belongs to no message" },
	{ B("\1\x81" M "x\x81\x81" M "x"), 1002,
	    "a message begins within another one" },
	{ B("\t\x81" M "x"), 1002, "the header of a frame is wrong" },
	{ B("\x81\xff\x80\0\0\0\0\0\0\0" M "x"), 1002,
	    "the header of a frame is wrong" },
	{ B("\x81\xff\0\0\1\0\0\0\0\0" M "x"), 1009, "a message is too long" },
	{ B("\x81\xfe\x12\1" M "x"), 1009, "a message is too long" },
	{ B("\x81\x81" M "\xff"), 1007, "a text is not UTF-8" },
	{ B("\1\x81" M "\xc3\x80\x81" M "("), 1007, "a text is not UTF-8" },
	{ B("\x88\x81" M "\3"), 1002, "the code of a close is wrong" },
	{ B("\x88\x82" M "\3\xed"), 1002, "the code of a close is wrong" },
	{ B("\x88\x83" M "\3\xe8\xff"), 1007, "a close is not UTF-8" },
};

START_TEST(faults_end_the_connection)
{
	char expected[130];

	open_as(REQUEST(""));
	stream_send_bytes(o.s, SPAN("never seen\r\n"));
	say(B("\x81\x81" M "x"));
	turns(3);
	assert_heard(B("\x81\x0anever seen"));
	say(faults[_i].bytes, faults[_i].n);
	snprintf(expected, sizeof(expected), "\x88%c\3%c%s",
	    (int)strlen(faults[_i].why) + 2, (int)(faults[_i].code & 0xff),
	    faults[_i].why);
	assert_heard(expected, strlen(faults[_i].why) + 4);
	ck_assert_uint_eq(hear((char[1]){ 0 }, 1), 0);
	ck_assert_int_eq(o.closed, 1);
	ck_assert_int_eq(o.end, STREAM_WEBSOCKET);
	ck_assert_str_eq(o.why, faults[_i].why);
	ck_assert_str_eq(o.got, "x\r\n");
	end();
}
END_TEST

START_TEST(lines_before_a_fault_reach_the_owner)
{
	open_as(REQUEST(""));
	say(B("\x81\x81" M "x\x81\x81" M "y\x81\1z"));
	TURN_UNTIL(o.closed);
	ck_assert_str_eq(o.got, "x\r\ny\r\n");
	ck_assert_int_eq(o.end, STREAM_WEBSOCKET);
	end();
}
END_TEST

START_TEST(endless_frames)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *why;
	} endless[] = {
		{ B("\x89\x80" M), "too many control frames" },
		{ B("\x8a\x80" M), "too many control frames" },
		{ B("\0\x80" M), "too many empty fragments" },
		{ B("\x80\x80" M "\1\x80" M), "too many empty fragments" },
		{ B("\0\x81" M "x"), "a message has too many fragments" },
		{ B("\0\xff\0\0\0\0\0\0\0\0"),
		    "the header of a frame is wrong" },
	};

	for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
		open_as(REQUEST(""));
		say(B("\1\x80" M));
		for (int j = 0; j < 100 && !o.closed; j++) {
			(void)send(peer, endless[i].bytes, endless[i].n,
			    MSG_NOSIGNAL);
			turns(1);
		}
		TURN_UNTIL(o.closed);
		ck_assert_str_eq(o.why, endless[i].why);
		end();
	}
}
END_TEST

/* Write the frames of a message of n bytes, each in a fragment of its own.
 * Return how many bytes they have. */
static size_t
fragments(char *p, int n)
{
	static const char frame[] = "\0\x81" M "x";
	const size_t each = sizeof(frame) - 1;

	for (int i = 0; i < n; i++)
		memcpy(p + (size_t)i * each, frame, each);
	p[0] = '\1';
	p[(size_t)(n - 1) * each] = '\x80';
	return (size_t)n * each;
}

START_TEST(a_turn_takes_few_frames)
{
	const size_t line = WS_FRAGMENTS_MAX + 2;
	char bytes[20 * WS_FRAGMENTS_MAX * 7];
	size_t n = 0, before = 0;

	open_as(REQUEST(""));
	for (int i = 0; i < 20; i++)
		n += fragments(bytes + n, WS_FRAGMENTS_MAX);
	say(bytes, n);
	for (int i = 0; i < 40 && o.n < 20 * line; i++) {
		loop_turn(loop, 10);
		ck_assert_uint_le(o.n - before, 2 * line);
		before = o.n;
	}
	ck_assert_uint_eq(o.n, 20 * line);
	end();
}
END_TEST

/* Nothing more comes from the client that would wake the stream. */
START_TEST(a_line_behind_many_frames)
{
	char bytes[20 * 6 + WS_FRAGMENTS_MAX * 7];
	size_t n = 0;

	open_as(REQUEST(""));
	for (; n < 20 * 6; n += 6)
		memcpy(bytes + n, "\x8a\x80" M, 6);
	n += fragments(bytes + n, WS_FRAGMENTS_MAX);
	say(bytes, n);
	TURN_UNTIL(o.n == WS_FRAGMENTS_MAX + 2);
	end();
}
END_TEST

START_TEST(a_long_message_in_fragments)
{
	char bytes[8 + 1000] = "\1\xfe\3\xe8" M;

	open_as(REQUEST(""));
	memset(bytes + 8, 'x', 1000);
	for (int i = 0; i < 5; i++) {
		say(bytes, sizeof(bytes));
		bytes[0] = 0;
	}
	TURN_UNTIL(o.closed);
	ck_assert_str_eq(o.why, "a message is too long");
	end();
}
END_TEST

/* ---- under TLS ---- */

static bool asked; /* the server wants to see a certificate */

static int
no_certificate(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
	(void)ssl;
	(void)cert;
	(void)key;
	asked = true;
	return 0;
}

static SSL *
client(SSL_CTX **ctx)
{
	static const unsigned char alpn[] = "\2h2\10http/1.1";
	SSL *ssl;

	*ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_client_cert_cb(*ctx, no_certificate);
	asked = false;
	ck_assert_int_eq(SSL_CTX_set_alpn_protos(*ctx, alpn, 12), 0);
	ssl = SSL_new(*ctx);
	SSL_set_fd(ssl, peer);
	SSL_set_connect_state(ssl);
	return ssl;
}

START_TEST(websocket_over_tls)
{
	const struct ws_conf web = { .origins = SPAN_NONE };
	struct stream_conf conf;
	struct tls_info info;
	struct tls_ctx *ctx;
	struct cert cert;
	char why[TLS_WHY_LEN], buf[4 * KIB];
	const unsigned char *chosen;
	unsigned int len;
	SSL_CTX *theirs;
	SSL *ssl;
	int n = -1;

	cert_make(&cert, "a.example");
	ctx = tls_ctx_new(TLS_CLIENTS, cert.file, cert.key, why);
	ck_assert_msg(ctx != NULL, "%s", why);
	o = (struct owner){ .lines = -1 };
	conf = conf_of(&o, ctx);
	conf.web = &web;
	peer = tcp_up(&o, &conf, false);
	tls_ctx_free(ctx);
	ssl = client(&theirs);
	TURN_UNTIL(SSL_do_handshake(ssl) == 1);
	ck_assert(!asked); /* Chromium gives a WebSocket up then */
	SSL_get0_alpn_selected(ssl, &chosen, &len);
	ck_assert(span_eq(span_make(chosen, len), SPAN("http/1.1")));
	ck_assert_int_eq(o.opened, 0);
	SSL_write(ssl, B(REQUEST(TEXT) "\x81\x82" M "ab"));
	TURN_UNTIL(o.n == 4);
	ck_assert_str_eq(o.got, "ab\r\n");
	ck_assert(stream_tls(o.s, &info));
	ck_assert_str_eq(info.version, "TLSv1.3");
	TURN_UNTIL((n = SSL_read(ssl, buf, sizeof(buf))) > 0);
	ck_assert(strncmp(buf, ACCEPTED, sizeof(ACCEPTED) - 1) == 0);
	stream_send_bytes(o.s, SPAN("cd\r\n"));
	TURN_UNTIL((n = SSL_read(ssl, buf, sizeof(buf))) > 0);
	ck_assert(span_eq(span_make(buf, (size_t)n), SPAN("\x81\2cd")));
	SSL_write(ssl, B("\x88\x82" M "\3\xe8"));
	TURN_UNTIL((n = SSL_read(ssl, buf, sizeof(buf))) > 0);
	ck_assert(span_eq(span_make(buf, (size_t)n), SPAN("\x88\2\3\xe8")));
	TURN_UNTIL((n = SSL_read(ssl, buf, sizeof(buf))) == 0);
	ck_assert_int_eq(SSL_get_error(ssl, n), SSL_ERROR_ZERO_RETURN);
	ck_assert_int_eq(o.end, STREAM_EOF);
	SSL_free(ssl);
	SSL_CTX_free(theirs);
	end();
}
END_TEST

START_TEST(it_is_not_handed_over)
{
	struct stream_rest rest;

	open_as(REQUEST(""));
	ck_assert(!stream_release(o.s, &rest));
	end();
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_client_is_let_in);
	tcase_add_test(t, a_request_comes_in_pieces);
	tcase_add_test(t, frames_may_come_with_the_request);
	tcase_add_test(t, the_protocol_is_told);
	tcase_add_test(t, a_wrong_request_is_answered);
	tcase_add_test(t, an_origin_that_may_connect);
	tcase_add_test(t, a_request_that_never_ends);
	tcase_add_test(t, one_that_leaves_before_its_request);
	tcase_add_test(t, a_request_has_limited_time);
	tcase_add_test(t, messages_become_lines);
	tcase_add_test(t, messages_in_every_cut);
	tcase_add_test(t, the_longest_message);
	tcase_add_test(t, lines_wait_for_the_owner);
	tcase_add_test(t, too_much_unread_is_told);
	tcase_add_test(t, a_text_is_mended);
	tcase_add_test(t, a_line_in_pieces_is_one_message);
	tcase_add_test(t, one_line_for_many);
	tcase_add_test(t, a_slow_client_gets_every_line);
	tcase_add_test(t, a_client_that_does_not_read_is_dropped);
	tcase_add_test(t, pings_are_answered);
	tcase_add_test(t, close_is_answered_after_what_is_queued);
	tcase_add_test(t, nothing_counts_behind_the_end);
	tcase_add_test(t, the_owner_ends);
	tcase_add_test(t, the_owner_goes_away);
	tcase_add_test(t, a_client_that_vanishes);
	tcase_add_loop_test(t, faults_end_the_connection, 0,
	    (int)(sizeof(faults) / sizeof(faults[0])));
	tcase_add_test(t, lines_before_a_fault_reach_the_owner);
	tcase_add_test(t, endless_frames);
	tcase_add_test(t, a_turn_takes_few_frames);
	tcase_add_test(t, a_line_behind_many_frames);
	tcase_add_test(t, a_long_message_in_fragments);
	tcase_add_test(t, websocket_over_tls);
	tcase_add_test(t, it_is_not_handed_over);
}

Suite *
ws_suite(void)
{
	Suite *s = suite_create("net/ws");
	TCase *t = unit_case("ws");
	TCase *together = unit_case("ws/together");

	tcase_add_checked_fixture(t, net_up, net_down);
	add_tests(t);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(together, net_up_together, net_down);
	add_tests(together);
	suite_add_tcase(s, together);
	return s;
}
