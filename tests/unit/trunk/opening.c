/* gate-protocol.md, parts 2 to 4: who may open a trunk, and how. */
#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

#include <string.h>

START_TEST(the_server_answers_gate)
{
	struct gates *g = gates_new();

	gate_open(g, 0);
	gate_hears(g, 0, "");
	gate_say(g, 0, "GATE 1 gate1 us :network=ExampleNet other");
	gate_hears(g, 0,
	    "SERVER 1 001.100 irc.example.org eu :network=ExampleNet "
	    "streams=20000\n"
	    "POS 001.100=1\n");
	ck_assert(gates_logged(g, "trunk-up"));
	gates_free(g);
}
END_TEST

Suite *
opening_suite(void)
{
	Suite *s = suite_create("opening");
	TCase *tc = unit_case("opening");

	tcase_add_test(tc, the_server_answers_gate);
	suite_add_tcase(s, tc);
	return s;
}
