/* gate-protocol.md, 11.1 and 11.2: the servers that a gate is told of. */
#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "core/state.h"
#include "node/state.h"
#include "trunk/state.h"
#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

#define HELLO "GATE 1 gate1 us :network=ExampleNet peers"
#define PIN "3131313131313131313131313131313131313131313131313131313131313131"
#define OWN "PEER 001 irc.example.org eu 192.0.2.1 7001 " PIN "\n"

static void
at_an_address(struct settings *set)
{
	set->weight = 100;
	(void)addr_parse(SPAN("192.0.2.1"), &set->gates_at.at.addr);
	set->gates_at.at.port = 7001;
	set->gates_at.has_pin = true;
	memset(set->gates_at.pin, '1', sizeof(set->gates_at.pin));
}

static struct gates *
begun(void)
{
	struct gates *g = gates_with(at_an_address);

	gates_run(g, 10);
	g->unchecked = true; /* entries come without links */
	return g;
}

/* Let an entry of another server come. */
static void
says(struct gates *g, const char *run, unsigned n, const char *part)
{
	struct event ev = { .kind = EV_TICK, .now = { g->ms * NS_PER_MS } };
	char text[1024];
	const char *why;
	struct entry *e;

	snprintf(text, sizeof(text), "ENTRY %s %u %u * - 1\r\n%s\r\n", run, n,
	    2000 + n, part);
	e = entry_from_text(span_of(text), &why);
	ck_assert_msg(e != NULL, "%s: %s", why, text);
	core_apply_whole(g->node->core, &ev, e, false, &g->fx);
	entry_unref(e);
	gates_run(g, 1);
}

/* Let the map have n servers more, from 002 on, that are visible as the run 5,
 * or not at all. */
static void
sees(struct gates *g, unsigned n, bool visible)
{
	struct event ev = { .kind = EV_TICK, .now = { g->ms * NS_PER_MS } };
	static struct server_view v[200];
	struct overlay_view all = { v, 1 + n, true };

	for (unsigned i = 0; i <= n; i++) {
		v[i] = (struct server_view){ .visible = i == 0	  ? 100
							: visible ? 5
								  : 0,
			.reachable = i == 0 || visible };
		snprintf(v[i].sid.s, sizeof(v[i].sid.s), "%03u", i + 1);
	}
	core_overlay(g->node->core, &ev, &all, &g->fx);
	gates_run(g, 1);
}

/* Return what the gate was sent but BEAT and POS. */
static const char *
peers(struct gates *g, unsigned k)
{
	static char out[64 * 1024];
	const char *text = gate_heard(g, k);
	size_t n = 0, len;

	for (; *text != '\0'; text += len + 2) {
		len = strcspn(text, "\r");
		if (strncmp(text, "PEER ", 5) == 0)
			n += (size_t)snprintf(out + n, sizeof(out) - n,
			    "%.*s\n", (int)len, text);
	}
	out[n] = '\0';
	return out;
}

#define TWO "@kind=element,run +TRUNK two.example 7 * 200 draining - later"
#define TWO_TOLD "PEER 002 002 * two.example 7 -\n"

START_TEST(the_servers_come_before_the_first_position)
{
	struct gates *g = begun();

	says(g, "002.5", 1, TWO);
	gate_open(g, 0);
	gate_say(g, 0, HELLO);
	/* nobody sees 002 yet */
	gate_hears(g, 0,
	    "SERVER 1 001.100 irc.example.org eu :network=ExampleNet peers "
	    "load place streams=20000\n" OWN "POS 001.100=2\n");
	sees(g, 1, true);
	gate_hears(g, 0, TWO_TOLD "POS\n");
	gate_open(g, 1);
	gate_say(g, 1, HELLO);
	ck_assert_str_eq(peers(g, 1), OWN TWO_TOLD);
	/* a gate that does not read PEER hears none */
	gate_open(g, 2);
	gate_say(g, 2, "GATE 1 gate1 us :");
	ck_assert_str_eq(peers(g, 2), "");
	gates_free(g);
}
END_TEST

START_TEST(a_gate_follows_changes)
{
	struct gates *g = begun();

	gate_open(g, 0);
	gate_say(g, 0, HELLO);
	(void)gate_heard(g, 0);
	says(g, "002.5", 1, TWO);
	ck_assert_str_eq(peers(g, 0), "");
	sees(g, 1, true);
	ck_assert_str_eq(peers(g, 0), TWO_TOLD);
	says(g, "002.5", 2, "@kind=element,run +TRUNK 0::2 8 us 200 - " PIN);
	ck_assert_str_eq(peers(g, 0), "PEER 002 002 us 0::2 8 " PIN "\n");
	/* the weight is told by LOAD of that server */
	says(g, "002.5", 3, "@kind=element,run +TRUNK 0::2 8 us 9 - " PIN);
	ck_assert_str_eq(peers(g, 0), "");
	sees(g, 1, false);
	ck_assert_str_eq(peers(g, 0), "PEER 002\n");
	sees(g, 1, true);
	ck_assert_str_eq(peers(g, 0), "PEER 002 002 us 0::2 8 " PIN "\n");
	says(g, "002.5", 4,
	    "@kind=removal,1 +UNTRUNK 002.5.1.0 002.5.2.0 002.5.3.0");
	ck_assert_str_eq(peers(g, 0), "PEER 002\n");
	/* another run of it is another matter */
	says(g, "002.6", 1, TWO);
	ck_assert_str_eq(peers(g, 0), "");
	gates_free(g);
}
END_TEST

/* A gate that reads nothing is told the last state of each server. */
START_TEST(a_slow_gate_is_told_once)
{
	struct gates *g = begun();
	char line[200];

	gate_open(g, 0);
	gate_say(g, 0, HELLO);
	sees(g, 1, true);
	says(g, "002.5", 1, TWO);
	(void)gate_heard(g, 0);
	gate_stop_taking(g, 0);
	for (unsigned i = 2; g->trunk[0].bytes < 256 * 1024; i++) {
		snprintf(line, sizeof(line),
		    "@kind=element,run +TRUNK h%u.example 7 * 1 - " PIN, i);
		says(g, "002.5", i, line);
	}
	(void)gate_heard(g, 0);
	for (unsigned i = 1; i < 100; i++) {
		snprintf(line, sizeof(line),
		    "@kind=element,run +TRUNK i%u.example 7 * 1 - " PIN, i);
		says(g, "002.5", 10000 + i, line);
	}
	sees(g, 1, false);
	ck_assert_str_eq(peers(g, 0), "");
	gate_take(g, 0, g->trunk[0].bytes);
	ck_assert_str_eq(peers(g, 0), "PEER 002\n");
	gates_free(g);
}
END_TEST

/* The table forgets a server that has gone, once all gates know that. */
START_TEST(nothing_is_kept_of_servers_that_have_gone)
{
	struct gates *g = begun();
	const struct trunk_peers *x;
	char run[16];

	for (unsigned i = 2; i <= 150; i++) {
		snprintf(run, sizeof(run), "%03u.5", i);
		says(g, run, 1, TWO);
	}
	gate_open(g, 0);
	gate_say(g, 0, HELLO);
	sees(g, 149, true);
	gates_run(g, 10);
	x = &g->node->trunks->peers;
	ck_assert_uint_eq(map_count(&x->by_sid), 150);
	sees(g, 149, false);
	gates_run(g, 10);
	says(g, "150.5", 2, TWO);
	ck_assert_uint_eq(map_count(&x->by_sid), 1);
	gates_free(g);
}
END_TEST

/* One turn sends a gate as many as its budget has room for. */
START_TEST(many_changes_are_told_in_slices)
{
	struct gates *g = begun();
	struct event ev = { .kind = EV_TICK };
	char run[16];
	size_t n = 0;

	g->set.turn_work = 2000;
	for (unsigned i = 2; i <= 150; i++) {
		snprintf(run, sizeof(run), "%03u.5", i);
		says(g, run, 1, TWO);
	}
	gate_open(g, 0);
	gate_say(g, 0, HELLO);
	gate_stop_taking(g, 0);
	(void)gate_heard(g, 0);
	sees(g, 149, true);
	for (unsigned i = 0; i < 150 && g->deadline.ns <= g->ms * NS_PER_MS;
	     i++) {
		gates_step(g, &ev);
		ck_assert_uint_lt(strlen(gate_heard(g, 0)), 50 * 40);
		n++;
	}
	ck_assert_uint_gt(n, 3);
	gate_open(g, 1);
	gate_say(g, 1, HELLO);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 1), "PEER 150 150 "));
	gates_free(g);
}
END_TEST

Suite *
peers_suite(void)
{
	Suite *s = suite_create("peers");
	TCase *tc = unit_case("peers");

	tcase_add_test(tc, the_servers_come_before_the_first_position);
	tcase_add_test(tc, a_gate_follows_changes);
	tcase_add_test(tc, a_slow_gate_is_told_once);
	tcase_add_test(tc, nothing_is_kept_of_servers_that_have_gone);
	tcase_add_test(tc, many_changes_are_told_in_slices);
	suite_add_tcase(s, tc);
	return s;
}
