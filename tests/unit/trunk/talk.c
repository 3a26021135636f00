/* gate-protocol.md, part 5: streams. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

START_TEST(a_client_registers_and_talks)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_say(g, 0, "@addr=192.0.2.7;port=6697 NEW 1");
	gate_hears(g, 0, "QUEUES 1048576 16384 1\nREAD 16 1\nPOS\n");
	gate_cmd(g, 0, 1, 1, "NICK alice");
	gate_hears(g, 0, "");
	gate_cmd(g, 0, 1, 2, "USER alice 0 * :Alice");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "L 1 ::irc.example.org 001 alice :"));
	gate_cmd(g, 0, 1, 3, "PING x");
	gate_hears(g, 0,
	    "L 1 ::irc.example.org PONG irc.example.org :x\n"
	    "POS\n");
	gates_free(g);
}
END_TEST

/* Return what WHOIS says of the only client. */
static const char *
whois(struct gates *g)
{
	(void)gate_heard(g, 0);
	gate_cmd(g, 0, 1, 3, "WHOIS alice");
	return gate_heard(g, 0);
}

START_TEST(the_client_is_who_new_says)
{
	struct gates *g = gates_new();
	const char *text;

	gate_begin(g, 0);
	gate_say(g, 0,
	    "@web;other=x\\:y;addr=2001:db8::7;port=6697;"
	    "tls=TLSv1.3-TLS_AES_256_GCM_SHA384;sni=irc.example.org;pin="
	    "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
	    " NEW 4294967295");
	gate_say(g, 0, "CMD 4294967295 1 :NICK alice");
	gate_say(g, 0, "CMD 4294967295 2 :USER a 0 * :A");
	(void)gate_heard(g, 0);
	gate_say(g, 0, "CMD 4294967295 3 :WHOIS alice");
	text = gate_heard(g, 0);
	ck_assert_ptr_nonnull(strstr(text, "@2001:db8::7 2001:db8::7\r\n"));
	ck_assert_ptr_nonnull(strstr(text, " 671 alice alice :"));
	ck_assert_ptr_nonnull(strstr(text,
	    " 320 alice alice :is connected by gate gate1\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "00112233445566778899aabbccddeeff"
					   "00112233445566778899aabbccddeeff"));
	gates_free(g);
}
END_TEST

START_TEST(tls_without_a_cipher)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_say(g, 0, "@addr=192.0.2.7;port=1;tls=TLS NEW 1");
	gate_cmd(g, 0, 1, 1, "NICK alice");
	gate_cmd(g, 0, 1, 2, "USER a 0 * :A");
	ck_assert_ptr_nonnull(strstr(whois(g), " 671 alice alice :"));
	gates_free(g);
}
END_TEST

static void
with_sts(struct settings *set)
{
	set->sts.port = 6697;
}

START_TEST(a_page_is_told_no_sts)
{
	struct gates *g = gates_with(with_sts);

	gate_begin(g, 0);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	gate_say(g, 0, "@addr=192.0.2.2;port=1;web NEW 2");
	(void)gate_heard(g, 0);
	gate_cmd(g, 0, 1, 1, "CAP LS 302");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), " sts=port=6697"));
	gate_cmd(g, 0, 2, 1, "CAP LS 302");
	ck_assert_ptr_null(strstr(gate_heard(g, 0), "sts"));
	gates_free(g);
}
END_TEST

static void
one_for_each_address(struct settings *set)
{
	((struct class_settings *)(uintptr_t)set->class)->per_address = 1;
}

START_TEST(limits_count_the_address_of_the_client)
{
	struct gates *g = gates_with(one_for_each_address);

	gate_begin(g, 0);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	gate_say(g, 0, "@addr=192.0.2.2;port=1 NEW 2");
	(void)gate_heard(g, 0);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 3");
	gate_hears(g, 0,
	    "QUEUES 1048576 16384 3\n"
	    "L 3 :ERROR :Closing link: 192.0.2.1 (Too many connections from "
	    "your host)\n"
	    "GONE 3 :Too many connections from your host\n"
	    "POS\n");
	/* it has ended, and its number is not used again */
	gate_say(g, 0, "CMD 3 1 :NICK x");
	gate_hears(g, 0, "");
	gate_say(g, 0, "@addr=192.0.2.9;port=1 NEW 3");
	gate_is_refused(g, 0, "stream");
	gates_free(g);
}
END_TEST

START_TEST(a_gate_has_so_many_streams)
{
	struct gates *g = gates_new();

	gate_open_tls(g, 0, '2');
	gate_say(g, 0, "GATE 1 gate2 * :");
	gate_open_tls(g, 1, '2');
	gate_say(g, 1, "GATE 1 gate2 * :");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	gate_say(g, 1, "@addr=192.0.2.1;port=1 NEW 7");
	(void)gate_heard(g, 0);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 2");
	gate_hears(g, 0, "GONE 2 :The gate has too many clients\nPOS\n");
	gate_say(g, 0, "CLOSED 2 :crossed");
	gate_hears(g, 0, "");
	gate_say(g, 1, "CLOSED 7 :gone");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 3");
	gate_hears(g, 0, "QUEUES 1048576 16384 3\nREAD 16 3\nPOS\n");
	gates_free(g);
}
END_TEST

static void
slow_class(struct settings *set)
{
	struct class_settings *c =
	    (struct class_settings *)(uintptr_t)set->class;

	c->flood_burst = 4;
	c->flood_rate = 1;
}

/* Let stream 1 send all the lines that it is granted. Return the number of the
 * next one. */
static unsigned
spend_all(struct gates *g)
{
	unsigned long left = 0;
	unsigned c = 1;
	const char *p;

	for (;;) {
		p = strstr(gate_heard(g, 0), "READ ");
		left += p == NULL ? 0 : strtoul(p + 5, NULL, 10);
		if (left == 0)
			return c;
		ck_assert_uint_lt(c, 100);
		left--;
		gate_cmd(g, 0, 1, c++, "PING x");
	}
}

START_TEST(a_line_that_was_not_granted)
{
	struct gates *g = gates_with(slow_class);

	gate_begin(g, 0);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	gate_cmd(g, 0, 1, spend_all(g), "PING x");
	gate_is_refused(g, 0, "grant");
	gates_free(g);
}
END_TEST

START_TEST(grants_come_when_the_allowance_is_there)
{
	struct gates *g = gates_with(slow_class);
	unsigned c;

	gate_begin(g, 0);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	c = spend_all(g);
	gates_run(g, 3500);
	ck_assert_ptr_null(strstr(gate_heard(g, 0), "READ"));
	gates_run(g, 1500);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), "READ 8 1\r\nPOS\r\n"));
	gate_cmd(g, 0, 1, c, "PING x");
	ck_assert(!g->trunk[0].closed);
	gates_free(g);
}
END_TEST

/* ---- long and bad lines -------------------------------------------------- */

/* Send a line of the third number with n bytes of tags, and m of the rest. */
static void
say_sized(struct gates *g, const char *tag, size_t n, size_t m)
{
	char *text = malloc(n + m + 1);

	memset(text, 'x', n + m);
	text[n + m] = '\0';
	if (n > 0) {
		text[0] = '@';
		text[n - 1] = ' ';
	}
	if (m > 5)
		memcpy(text + n, "PING ", 5);
	gate_sayf(g, 0, "%sCMD 1 3 :%s", tag, text);
	free(text);
}

/* 4096 bytes of tags with "@" and the space, 510 without CR LF */
START_TEST(a_text_has_the_limits_of_clients)
{
	static const struct {
		const char *tag;
		size_t n, m;
		bool fits;
	} rows[] = {
		{ "", 4096, 510, true },
		{ "", 0, 510, true },
		{ "", 4097, 100, false },
		{ "", 4096, 511, false },
		{ "", 0, 511, false },
		{ "@long ", 4096, 510, true },
		{ "@long ", 0, 511, false },
		{ "@bad ", 0, 0, true },
		{ "@bad;long ", 0, 0, true },
	};
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	say_sized(g, rows[_i].tag, rows[_i].n, rows[_i].m);
	if (!rows[_i].fits)
		gate_is_refused(g, 0, "form");
	ck_assert_int_eq(g->trunk[0].closed, !rows[_i].fits);
	gates_free(g);
}
END_TEST

START_TEST(a_long_line_is_told_to_the_client)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	say_sized(g, "@long ", 0, 510);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "L 1 ::irc.example.org 417 alice :"));
	gates_free(g);
}
END_TEST

START_TEST(an_empty_line_counts)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	for (unsigned c = 3; c <= 8; c++)
		gate_cmd(g, 0, 1, c, "");
	gate_hears(g, 0, "READ 8 1\nPOS\n");
	gates_free(g);
}
END_TEST

/* ---- ends ---------------------------------------------------------------- */

START_TEST(the_gate_tells_that_a_client_has_gone)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	plain_user(g, 0, "bob");
	gate_cmd(g, 0, 1, 3, "JOIN #tea");
	plain_say(g, 0, "JOIN #tea");
	(void)plain_heard(g, 0);
	(void)gate_heard(g, 0);
	gate_say(g, 0, "CLOSED 1 :Connection reset by peer");
	ck_assert_ptr_nonnull(strstr(plain_heard(g, 0),
	    " QUIT :Connection reset by peer\r\n"));
	/* nothing comes of a stream that has ended, and nothing goes to it */
	gate_hears(g, 0, "");
	gate_cmd(g, 0, 1, 3, "JOIN #tea");
	gate_cmd(g, 0, 1, 77, "JOIN #tea");
	gate_say(g, 0, "EOF 1");
	gate_say(g, 0, "EXCESS 1");
	gate_say(g, 0, "DRAINED 1");
	gate_say(g, 0, "CLOSED 1 :again");
	plain_say(g, 0, "PRIVMSG #tea :hello");
	gate_hears(g, 0, "");
	gates_free(g);
}
END_TEST

START_TEST(the_server_ends_a_stream)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gate_cmd(g, 0, 1, 3, "QUIT :bye");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "L 1 :ERROR :Closing link: 192.0.2.2 (Quit: bye)\r\n"
	    "GONE 1 :Quit: bye\r\nPOS 001.100="));
	/* what crosses is passed over */
	gate_say(g, 0, "CMD 1 4 :PING x");
	gate_say(g, 0, "CLOSED 1 :Connection reset by peer");
	gate_hears(g, 0, "");
	ck_assert_uint_eq(trunk_net_streams(node_trunks(g->node)), 0);
	gates_free(g);
}
END_TEST

START_TEST(a_reason_is_one_line_of_utf8)
{
	struct gates *g = gates_new();

	g->set.utf8only = false;
	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gate_cmd(g, 0, 1, 3, "QUIT :b\xffye");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "\r\nGONE 1 :Quit: b?ye\r\n"));
	gates_free(g);
}
END_TEST

START_TEST(eof_ends_a_client_whose_lines_must_wait)
{
	struct gates *g = gates_with(slow_class);

	gate_begin(g, 0);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	(void)spend_all(g);
	gate_say(g, 0, "EOF 1");
	gates_run(g, 1);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "GONE 1 :end of file\r\n"));
	gates_free(g);
}
END_TEST

START_TEST(eof_comes_once)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gate_say(g, 0, "EOF 1");
	gate_say(g, 0, "EOF 1");
	gate_is_refused(g, 0, "state");
	gates_free(g);
}
END_TEST

START_TEST(excess_ends_a_client_that_floods)
{
	struct gates *g = gates_with(slow_class);

	gate_begin(g, 0);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	(void)spend_all(g);
	gate_say(g, 0, "EXCESS 1");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), "GONE 1 :Excess Flood"));
	gates_free(g);
}
END_TEST

/* ---- answers in pieces --------------------------------------------------- */

static void
small_sendq(struct settings *set)
{
	((struct class_settings *)(uintptr_t)set->class)->sendq = 4096;
}

/* A long answer is given in pieces, and DRAINED asks for the next one. */
START_TEST(drain_paces_a_long_answer)
{
	struct gates *g = gates_with(small_sendq);
	unsigned pieces = 0, c = 3;
	const char *text;
	char line[32];

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gate_say(g, 0, "DRAINED 1"); /* nobody waits for it */
	gate_hears(g, 0, "");
	for (unsigned i = 0; i < 60; i++) {
		(void)snprintf(line, sizeof(line), "JOIN #%u", i);
		gate_cmd(g, 0, 1, c++, line);
		if (strstr(gate_heard(g, 0), "DRAIN 1 256\r\n") != NULL)
			gate_say(g, 0, "DRAINED 1");
	}
	(void)gate_heard(g, 0);
	gate_cmd(g, 0, 1, c, "LIST");
	gates_run(g, 1);
	while (strstr(text = gate_heard(g, 0), " 323 ") == NULL) {
		ck_assert_msg(strstr(text, "DRAIN 1 256\r\n") != NULL, "%s",
		    text);
		ck_assert_uint_lt(strlen(text), 4096);
		gate_say(g, 0, "DRAINED 1");
		gates_run(g, 1);
		pieces++;
	}
	ck_assert_uint_ge(pieces, 2);
	gates_free(g);
}
END_TEST

static struct class_settings other = { .name = SPAN_INIT("other"),
	.sendq = 77777,
	.recvq = 8888,
	.ping_s = 3600,
	.ping_close_s = 60 };

START_TEST(a_reload_says_new_limits)
{
	struct gates *g = gates_new();
	struct event ev = { .kind = EV_CONF };
	struct settings next = g->set;

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	next.class = &other;
	ev.u.conf.settings = &next;
	gates_step(g, &ev);
	gates_run(g, 10);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "QUEUES 77777 8888 1\r\n"));
	gates_free(g);
}
END_TEST

/* ---- for operators ------------------------------------------------------- */

START_TEST(banyanctl_shows_the_trunks)
{
	struct gates *g = gates_new();
	const char *text;

	ck_assert_str_eq(gates_ask(g, "gates"), "");
	gate_begin(g, 0);
	gate_open(g, 1);
	gate_user(g, 0, 1, "alice");
	gate_user(g, 0, 2, "bob");
	gate_user(g, 0, 3, "carol");
	gate_cmd(g, 0, 1, 3, "JOIN #tea");
	gate_cmd(g, 0, 2, 3, "JOIN #tea");
	gate_cmd(g, 0, 3, 3, "JOIN #tea");
	gates_run(g, 500);
	text = gates_ask(g, "gates json");
	ck_assert_ptr_nonnull(strstr(text,
	    "{\"name\":\"gate1\",\"region\":\"eu\",\"state\":\"up\","
	    "\"address\":\"127.0.0.1\",\"since_ms\":500,\"rtt_ms\":-1,"
	    "\"streams\":3,\"lists\":2,\"queued\":0,\"sent\":"));
	ck_assert_ptr_nonnull(strstr(text,
	    ",\"received\":350,\"lines_sent\":67,"
	    "\"lines_received\":13,\"tls\":false}\n"
	    "{\"name\":\"\",\"region\":\"\",\"state\":\"open\","
	    "\"address\":\"127.0.0.1\",\"since_ms\":500,\"rtt_ms\":-1,"
	    "\"streams\":0,\"lists\":0,\"queued\":0,\"sent\":0,"
	    "\"received\":0,\"lines_sent\":0,\"lines_received\":0,"
	    "\"tls\":false}\n"));
	ck_assert_ptr_nonnull(strstr(gates_ask(g, "status"),
	    " trunks=1 streams=3 "));
	gates_free(g);
}
END_TEST

Suite *
talk_suite(void)
{
	Suite *s = suite_create("talk");
	TCase *tc = unit_case("clients");

	tcase_add_test(tc, a_client_registers_and_talks);
	tcase_add_test(tc, the_client_is_who_new_says);
	tcase_add_test(tc, tls_without_a_cipher);
	tcase_add_test(tc, a_page_is_told_no_sts);
	tcase_add_test(tc, limits_count_the_address_of_the_client);
	tcase_add_test(tc, a_gate_has_so_many_streams);
	tcase_add_test(tc, a_line_that_was_not_granted);
	tcase_add_test(tc, grants_come_when_the_allowance_is_there);
	suite_add_tcase(s, tc);
	tc = unit_case("texts");
	tcase_add_loop_test(tc, a_text_has_the_limits_of_clients, 0, 9);
	tcase_add_test(tc, a_long_line_is_told_to_the_client);
	tcase_add_test(tc, an_empty_line_counts);
	suite_add_tcase(s, tc);
	tc = unit_case("ends of streams");
	tcase_add_test(tc, the_gate_tells_that_a_client_has_gone);
	tcase_add_test(tc, the_server_ends_a_stream);
	tcase_add_test(tc, a_reason_is_one_line_of_utf8);
	tcase_add_test(tc, eof_ends_a_client_whose_lines_must_wait);
	tcase_add_test(tc, eof_comes_once);
	tcase_add_test(tc, excess_ends_a_client_that_floods);
	suite_add_tcase(s, tc);
	tc = unit_case("pieces");
	tcase_add_test(tc, drain_paces_a_long_answer);
	tcase_add_test(tc, a_reload_says_new_limits);
	tcase_add_test(tc, banyanctl_shows_the_trunks);
	suite_add_tcase(s, tc);
	return s;
}
