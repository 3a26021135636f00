/* gate-protocol.md, part 5: streams. */
#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

#include <string.h>

START_TEST(a_client_registers_and_talks)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_say(g, 0, "@addr=192.0.2.7;port=6697 NEW 1");
	gate_hears(g, 0, "QUEUES 1048576 16384 1\nREAD 1 1\nPOS\n");
	gate_cmd(g, 0, 1, 1, "NICK alice");
	gate_hears(g, 0, "READ 1 1\nPOS\n");
	gate_cmd(g, 0, 1, 2, "USER alice 0 * :Alice");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "L 1 ::irc.example.org 001 alice :"));
	gate_cmd(g, 0, 1, 3, "PING x");
	gate_hears(g, 0,
	    "L 1 ::irc.example.org PONG irc.example.org :x\n"
	    "READ 1 1\nPOS\n");
	gates_free(g);
}
END_TEST

Suite *
talk_suite(void)
{
	Suite *s = suite_create("talk");
	TCase *tc = unit_case("talk");

	tcase_add_test(tc, a_client_registers_and_talks);
	suite_add_tcase(s, tc);
	return s;
}
