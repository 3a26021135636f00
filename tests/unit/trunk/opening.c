/* gate-protocol.md, parts 2 to 4: who may open a trunk, and how. */
#include <stdio.h>
#include <string.h>

#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

#define HELLO "GATE 1 gate1 us :network=ExampleNet other"
#define ANSWER                                                     \
	"SERVER 1 001.100 irc.example.org eu :network=ExampleNet " \
	"peers load place streams=20000\n"

START_TEST(the_server_answers_gate)
{
	struct gates *g = gates_new();

	gate_open(g, 0);
	gate_hears(g, 0, "");
	gate_say(g, 0, HELLO);
	gate_hears(g, 0, ANSWER "POS 001.100=1\n");
	ck_assert(gates_logged(g, "trunk-up"));
	gates_free(g);
}
END_TEST

static void
without_region(struct settings *set)
{
	set->region = SPAN_NONE;
	set->network = SPAN("two words");
}

START_TEST(what_is_not_configured_is_not_said)
{
	struct gates *g = gates_with(without_region);

	gate_open(g, 0);
	gate_say(g, 0, "GATE 1 gate1 * :network=two");
	gate_is_refused(g, 0, "network");
	gate_open(g, 1);
	gate_say(g, 1, "GATE 1 gate1 * :");
	gate_hears(g, 1,
	    "SERVER 1 001.100 irc.example.org * :peers load place "
	    "streams=20000\n"
	    "POS 001.100=1\n");
	gates_free(g);
}
END_TEST

/* Lines of which one is the first of the gate, and the code of the ERROR. */
static const struct {
	const char *line, *code;
} wrong[] = {
	{ "GATE 2 gate1 eu :", "version" },
	{ "GATE 2", "version" },
	{ "GATE 01 gate1 eu :", "form" },
	{ "GATE 1", "form" },
	{ "GATE 1 gate1", "form" },
	{ "GATE 1 gate1 eu", "form" },
	{ "GATE 1 gate1 eu more :", "form" },
	{ "GATE 1 ga+te1 eu :", "form" },
	{ "GATE 1 gate1 e+u :", "form" },
	{ "GATE 1 "
	  "0123456789012345678901234567890123456789012345678901234567890123"
	  " eu :",
	    "form" },
	{ "GATE 1 "
	  "012345678901234567890123456789012345678901234567890123456789012"
	  " eu :",
	    "name" },
	{ "GATE 1 gate3 eu :", "name" },
	{ "GATE 1 gate2 eu :", "plaintext" },
	{ "GATE 1 gate1 eu :network=Other", "network" },
	{ "NEW 1", "state" },
	{ "BEAT 1", "state" },
	{ "HELLO", "form" },
	{ "gate 1 gate1 eu :", "form" },
	{ "", "form" },
	{ "@a=b", "form" },
	{ "SERVER 1 001.100 irc.example.org eu :", "form" },
};

START_TEST(a_wrong_first_line)
{
	struct gates *g = gates_new();

	gate_open(g, 0);
	gate_say(g, 0, wrong[_i].line);
	gate_is_refused(g, 0, wrong[_i].code);
	ck_assert(gates_logged(g, "trunk-refused"));
	/* nothing counts any more */
	gate_say(g, 0, HELLO);
	gate_hears(g, 0, "");
	gates_free(g);
}
END_TEST

START_TEST(spaces_and_tags_do_not_matter)
{
	struct gates *g = gates_new();

	gate_open(g, 0);
	gate_say(g, 0, "@x=y;z   GATE  1   gate1 us  :");
	gate_hears(g, 0, ANSWER "POS 001.100=1\n");
	gates_free(g);
}
END_TEST

START_TEST(the_key_names_the_gate)
{
	struct gates *g = gates_new();

	gate_open_tls(g, 0, '2');
	gate_say(g, 0, "GATE 1 gate2 * :");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), " streams=2\r\n"));
	gate_open_tls(g, 1, '1');
	gate_say(g, 1, "GATE 1 gate2 * :");
	gate_is_refused(g, 1, "name");
	gate_open_tls(g, 2, '3');
	gate_is_refused(g, 2, "pin");
	gate_open_tls(g, 3, '\0');
	gate_is_refused(g, 3, "pin");
	gates_free(g);
}
END_TEST

START_TEST(plaintext_is_for_loopback)
{
	struct gates *g = gates_new();
	struct event ev = { .kind = EV_TRUNK_OPEN, .conn = { 100, 1 } };

	gates_step(g, &ev);
	gate_is_refused(g, 0, "plaintext");
	gates_free(g);
}
END_TEST

static struct peer_settings peer = { .name = SPAN_INIT("two.example.org"),
	.sid = { "002" },
	.plaintext = true };

static void
waits_for_a_link(struct settings *set)
{
	set->peer = &peer;
	set->npeer = 1;
	set->alone_ms = 3500;
}

START_TEST(a_gate_waits_for_a_server_that_is_not_ready)
{
	struct gates *g = gates_with(waits_for_a_link);

	gate_open(g, 0);
	gate_say(g, 0, HELLO);
	gate_hears(g, 0, "");
	gates_run(g, 1500);
	ck_assert_int_eq(strncmp(gate_heard(g, 0), "BEAT ", 5), 0);
	gate_say(g, 0, "BEAT 7");
	gates_run(g, 3000);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "peers load place streams=20000\r\nPOS 001.100=1\r\n"));
	gates_free(g);
}
END_TEST

START_TEST(a_gate_that_waits_says_nothing_else)
{
	struct gates *g = gates_with(waits_for_a_link);

	gate_open(g, 0);
	gate_say(g, 0, HELLO);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	gate_is_refused(g, 0, "state");
	gates_free(g);
}
END_TEST

START_TEST(gate_comes_once)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_say(g, 0, HELLO);
	gate_is_refused(g, 0, "state");
	gates_free(g);
}
END_TEST

START_TEST(gate_must_come_in_time)
{
	struct gates *g = gates_new();

	gate_open(g, 0);
	gates_run(g, 9999);
	gate_hears(g, 0, "");
	gates_run(g, 2);
	gate_is_refused(g, 0, "silent");
	gates_free(g);
}
END_TEST

static void
open_more(struct gates *g, uint32_t slot)
{
	struct event ev = { .kind = EV_TRUNK_OPEN, .conn = { slot, 1 } };

	ev.u.link_open.proof.loopback = true;
	gates_step(g, &ev);
}

/* gate-protocol.md, 8: 128 trunks on which no GATE has come */
START_TEST(the_oldest_stranger_makes_room)
{
	struct gates *g = gates_new();

	gate_open(g, 0);
	gate_open(g, 1);
	for (uint32_t i = 0; i < 126; i++)
		open_more(g, 1000 + i);
	ck_assert(!g->trunk[0].closed);
	open_more(g, 2000);
	gate_is_refused(g, 0, "bounds");
	ck_assert(!g->trunk[1].closed);
	gate_say(g, 1, HELLO);
	open_more(g, 2001);
	ck_assert(!g->trunk[1].closed);
	gates_free(g);
}
END_TEST

START_TEST(a_gate_has_sixteen_trunks)
{
	struct gates *g = gates_new();

	for (uint32_t i = 0; i < 15; i++) {
		struct event ev = { .kind = EV_TRUNK_LINE,
			.conn = { 1000 + i, 1 } };

		open_more(g, 1000 + i);
		ev.u.line.line = SPAN(HELLO);
		gates_step(g, &ev);
	}
	gate_begin(g, 0);
	ck_assert(!g->trunk[0].closed);
	gate_open(g, 1);
	gate_say(g, 1, HELLO);
	gate_is_refused(g, 1, "bounds");
	gate_cut(g, 0, false);
	gate_open(g, 2);
	gate_say(g, 2, HELLO);
	gate_hears(g, 2, ANSWER "POS 001.100=1\n");
	gates_free(g);
}
END_TEST

START_TEST(a_connection_that_ends_first_is_no_news)
{
	struct gates *g = gates_new();

	gate_open(g, 0);
	gate_cut(g, 0, false);
	ck_assert(gates_logged(g, "trunk-accept-failed"));
	gates_free(g);
}
END_TEST

/* ---- lines --------------------------------------------------------------- */

START_TEST(a_line_has_its_bounds)
{
	struct gates *g = gates_new();
	struct event ev = { .kind = EV_TRUNK_LINE, .conn = { 100, 1 } };
	char line[16385];

	memset(line, 'x', sizeof(line));
	memcpy(line, "@", 1);
	memcpy(line + 16382 - 7, " BEAT 1", 7);
	gate_begin(g, 0);
	ev.u.line.line = span_make(line, 16382);
	gates_step(g, &ev);
	ck_assert(!g->trunk[0].closed);
	memcpy(line + 16382 - 7, "xxxxxxx", 7);
	memcpy(line + 16383 - 7, " BEAT 1", 7);
	ev.u.line.line = span_make(line, 16383);
	gates_step(g, &ev);
	gate_is_refused(g, 0, "form");
	gates_free(g);
}
END_TEST

START_TEST(a_line_that_the_frame_refuses)
{
	struct gates *g = gates_new();
	struct event ev = { .kind = EV_TRUNK_LINE, .conn = { 100, 1 } };

	ev.u.line.line = SPAN("BEAT 1");
	gate_begin(g, 0);
	ev.u.line.bad = _i == 0;
	ev.u.line.too_long = _i == 1;
	if (_i == 2)
		ev.u.line.line = span_make("BEAT 1\0", 7);
	gates_step(g, &ev);
	gate_is_refused(g, 0, "form");
	gates_free(g);
}
END_TEST

/* Lines that must not come on a trunk that is up, with two streams, of which
 * the second one has ended; 7.1. */
static const struct {
	const char *line, *code;
} must_not[] = {
	{ "SERVER 1 001.100 a.b * :", "form" },
	{ "L 1 :x", "form" },
	{ "STATE", "form" },
	{ "BEAT", "form" },
	{ "BEAT 0", "form" },
	{ "BEAT 01", "form" },
	{ "BEAT -1", "form" },
	{ "BEAT 9223372036854775808", "form" },
	{ "BEAT 1 2", "form" },
	{ "BEAT 1 2 3 4", "form" },
	{ "BEAT 1 2 3 :4", "form" },
	{ "ERROR", "form" },
	{ "ERROR code", "form" },
	{ "ERROR code :\xff", "form" },
	{ "NEW 3", "form" },
	{ "@addr=192.0.2.1;port=1 NEW", "form" },
	{ "@addr=192.0.2.1;port=1 NEW 0", "form" },
	{ "@addr=192.0.2.1;port=1 NEW 03", "form" },
	{ "@addr=192.0.2.1;port=1 NEW 4294967296", "form" },
	{ "@addr=192.0.2.1;port=1 NEW 3 4", "form" },
	{ "@addr=192.0.2.1;port=1 NEW 3 :", "form" },
	{ "@addr=192.0.2.1;port=1 NEW 2", "stream" },
	{ "@addr=192.0.2.1;port=1 NEW 1", "stream" },
	{ "@port=1 NEW 3", "form" },
	{ "@addr=192.0.2.1 NEW 3", "form" },
	{ "@addr;port=1 NEW 3", "form" },
	{ "@addr=example;port=1 NEW 3", "form" },
	{ "@addr=0.0.0.0;port=1 NEW 3", "form" },
	{ "@addr=::;port=1 NEW 3", "form" },
	{ "@addr=192.0.2.1;port=0 NEW 3", "form" },
	{ "@addr=192.0.2.1;port=65536 NEW 3", "form" },
	{ "@addr=192.0.2.1;port=01 NEW 3", "form" },
	{ "@addr=192.0.2.1;port=1;tls NEW 3", "form" },
	{ "@addr=192.0.2.1;port=1;tls=a\\sb NEW 3", "form" },
	{ "@addr=192.0.2.1;port=1;sni=a NEW 3", "form" },
	{ "@addr=192.0.2.1;port=1;tls=TLS;pin=00 NEW 3", "form" },
	{ "@addr=192.0.2.1;port=1;pin="
	  "0000000000000000000000000000000000000000000000000000000000000000"
	  " NEW 3",
	    "form" },
	{ "@addr=192.0.2.1;port=1;tls=TLS;pin="
	  "000000000000000000000000000000000000000000000000000000000000000g"
	  " NEW 3",
	    "form" },
	{ "@addr=192.0.2.1;port=1;tls=TLS;pin="
	  "00000000000000000000000000000000000000000000000000000000000000000"
	  " NEW 3",
	    "form" },
	{ "CMD", "form" },
	{ "CMD 1", "form" },
	{ "CMD 1 3", "form" },
	{ "CMD 1 0 :x", "form" },
	{ "CMD 1 9223372036854775808 :x", "form" },
	{ "CMD 1 3 PING", "form" },
	{ "CMD 3 1 :x", "stream" },
	{ "CMD 1 2 :x", "command" },
	{ "CMD 1 4 :x", "command" },
	{ "@bad CMD 1 3 :x", "form" },
	{ "EOF", "form" },
	{ "EOF 1 2", "form" },
	{ "EOF 3", "stream" },
	{ "EXCESS", "form" },
	{ "EXCESS 3", "stream" },
	{ "DRAINED 1 :", "form" },
	{ "DRAINED 3", "stream" },
	{ "CLOSED 1", "form" },
	{ "CLOSED 1 x", "form" },
	{ "CLOSED 1 :\xff", "form" },
	{ "CLOSED 3 :x", "stream" },
};

START_TEST(a_line_that_must_not_come)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_begin(g, 1);
	gate_user(g, 0, 1, "alice");
	gate_user(g, 0, 2, "bob");
	gate_user(g, 1, 1, "carol");
	gate_say(g, 0, "CLOSED 2 :gone");
	(void)gate_heard(g, 0);
	(void)gates_logged(g, "");
	gate_say(g, 0, must_not[_i].line);
	gate_is_refused(g, 0, must_not[_i].code);
	ck_assert(gates_logged(g, "trunk-down"));
	/* the other trunk feels nothing */
	(void)gate_heard(g, 1);
	gate_cmd(g, 1, 1, 3, "PING x");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 1),
	    "L 1 ::irc.example.org PONG "));
	gates_free(g);
}
END_TEST

Suite *
opening_suite(void)
{
	Suite *s = suite_create("opening");
	TCase *tc = unit_case("opening");

	tcase_add_test(tc, the_server_answers_gate);
	tcase_add_test(tc, what_is_not_configured_is_not_said);
	tcase_add_loop_test(tc, a_wrong_first_line, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, spaces_and_tags_do_not_matter);
	tcase_add_test(tc, the_key_names_the_gate);
	tcase_add_test(tc, plaintext_is_for_loopback);
	tcase_add_test(tc, a_gate_waits_for_a_server_that_is_not_ready);
	tcase_add_test(tc, a_gate_that_waits_says_nothing_else);
	tcase_add_test(tc, gate_comes_once);
	tcase_add_test(tc, gate_must_come_in_time);
	tcase_add_test(tc, the_oldest_stranger_makes_room);
	tcase_add_test(tc, a_gate_has_sixteen_trunks);
	tcase_add_test(tc, a_connection_that_ends_first_is_no_news);
	suite_add_tcase(s, tc);
	tc = unit_case("lines");
	tcase_add_test(tc, a_line_has_its_bounds);
	tcase_add_loop_test(tc, a_line_that_the_frame_refuses, 0, 3);
	tcase_add_loop_test(tc, a_line_that_must_not_come, 0,
	    sizeof(must_not) / sizeof(must_not[0]));
	suite_add_tcase(s, tc);
	return s;
}
