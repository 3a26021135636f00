/*
 * The cost of the entries of a client: the time of parts_tat in session.h,
 * counted in parts.
 */
#include <stdio.h>
#include <string.h>

#include "core/sessions/session.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define PART_MS 200 /* at the default rate of 5 a second */

static int64_t
debt_ms(struct rig *r, unsigned client)
{
	const struct conn *x = rig_session(r, client)->conn;

	if (mono_cmp(x->parts_tat, r->ev.now) < 0)
		return 0;
	return mono_sub_ms(x->parts_tat, r->ev.now);
}

/* Return what the line cost, in parts. Everything before it is paid for. */
static unsigned
cost_of(struct rig *r, const char *line)
{
	rig_advance(r, 60000);
	rig_say(r, 1, line);
	ck_assert_int_eq(debt_ms(r, 1) % PART_MS, 0);
	return (unsigned)(debt_ms(r, 1) / PART_MS);
}

static void
begin(struct rig *r)
{
	rig_init(r);
	r->class.channels = 100;
	r->class.ping_s = 100000;
	rig_register(r, 1, "alice");
	rig_register(r, 2, "bob");
	rig_say(r, 2, "JOIN #there,#too");
}

START_TEST(each_part_of_an_entry_costs)
{
	struct rig r;

	begin(&r);
	ck_assert_uint_eq(cost_of(&r, "PING 1"), 0);
	ck_assert_uint_eq(cost_of(&r, "JOIN #there"), 1);
	ck_assert_uint_eq(cost_of(&r, "PART #there"), 1);
	ck_assert_uint_eq(cost_of(&r, "JOIN #there,#too"), 2);
	ck_assert_uint_eq(cost_of(&r, "JOIN 0"), 2);
	/* CHAN, two modes, JOIN, STAT */
	ck_assert_uint_eq(cost_of(&r, "JOIN #new"), 5);
	ck_assert_uint_eq(cost_of(&r, "JOIN #new2,#new3"), 10);
	ck_assert_uint_eq(cost_of(&r, "TOPIC #new :short"), 1);
	ck_assert_uint_eq(cost_of(&r, "MODE #new +im"), 2);
	ck_assert_uint_eq(cost_of(&r, "AWAY :gone"), 1);
	ck_assert_uint_eq(cost_of(&r, "NICK carol"), 1);
	/* a fact, and the message about it */
	ck_assert_uint_eq(cost_of(&r, "INVITE bob #new"), 2);
	/* bob is here: no server has to keep this */
	ck_assert_uint_eq(cost_of(&r, "PRIVMSG bob :hello"), 0);
	rig_fini(&r);
}
END_TEST

START_TEST(a_mask_costs_twice_as_much_as_its_removal)
{
	struct rig r;

	begin(&r);
	rig_say(&r, 1, "JOIN #new");
	ck_assert_uint_eq(cost_of(&r, "MODE #new +bbb x y z"), 6);
	ck_assert_uint_eq(cost_of(&r, "MODE #new -bbb x y z"), 3);
	rig_fini(&r);
}
END_TEST

/* A mask of 190 bytes takes so much more memory than a short one. */
START_TEST(a_long_mask_costs_more)
{
	struct rig r;
	char line[500] = "MODE #new +b ";
	size_t n = strlen(line);

	begin(&r);
	rig_say(&r, 1, "JOIN #new");
	memset(line + n, 'm', 190);
	ck_assert_uint_eq(cost_of(&r, line), 3);
	line[n] = 'x';
	line[n + 100] = '\0';
	ck_assert_uint_eq(cost_of(&r, line), 2);
	rig_fini(&r);
}
END_TEST

/* The entry of a TOPIC of 390 bytes has more than 512. */
START_TEST(a_long_entry_costs_more)
{
	struct rig r;
	char line[500] = "TOPIC #new :";

	begin(&r);
	rig_say(&r, 1, "JOIN #new");
	memset(line + strlen(line), 't', 390);
	ck_assert_uint_eq(cost_of(&r, line), 2);
	rig_fini(&r);
}
END_TEST

/* irssi, WeeChat and ZNC join all channels when they connect, and then ask two
 * things about each. */
START_TEST(an_autojoin_is_not_slowed_down)
{
	struct rig r;
	char line[500] = "JOIN #c0";

	rig_init(&r);
	r.class.channels = 100;
	rig_register(&r, 1, "alice");
	for (unsigned i = 1; i < 20; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line),
		    ",#c%u", i);
	rig_say(&r, 1, line);
	/* All channels are new, which is 100 parts. The next lines are read. */
	rig_say(&r, 1, "MODE #c0");
	rig_say(&r, 1, "WHO #c0");
	ck_assert_uint_eq(r.granted[1], 1);
	rig_fini(&r);
}
END_TEST

/* A client that joins and leaves 50 channels is as slow as one that sends 50
 * lines for each. No line is lost. */
START_TEST(a_client_that_makes_many_parts_is_read_slowly)
{
	struct rig r;
	char join[500] = "JOIN #c0";
	unsigned lines = 0;

	rig_init(&r);
	r.class.channels = 100;
	r.class.ping_s = 100000;
	rig_register(&r, 1, "alice");
	for (unsigned i = 1; i < 50; i++)
		snprintf(join + strlen(join), sizeof(join) - strlen(join),
		    ",#c%u", i);
	for (unsigned s = 0; s < 600; s++) {
		for (; r.granted[1] > 0; lines++)
			rig_say(&r, 1, lines % 2 == 0 ? join : "JOIN 0");
		rig_advance(&r, 1000);
	}
	/* There is time for 3120 parts, and a pair of lines makes 150 to 350.
	 * Without the charge 3020 lines are read. */
	ck_assert_uint_gt(lines, 10);
	ck_assert_uint_lt(lines, 60);
	rig_fini(&r);
}
END_TEST

/* Without flood control nothing costs. */
/* Let n users of server 002 join the channel. */
static void
fill(struct rig *r, const char *chan, unsigned n)
{
	static char parts[7000];
	static unsigned entry, user;
	int at = 0;

	for (unsigned i = 0; i < n; i++, user++) {
		at += snprintf(parts + at, sizeof(parts) - (size_t)at,
		    "+USER 002B%05u z z two.test h h :Z\r\n"
		    "+NICK 002B%05u z%u 1 1500\r\n"
		    "+JOIN %s,%.*s 002B%05u\r\n",
		    user, user, user, chan, SPAN_ARG(rig_cinc(r, chan)), user);
		ck_assert_uint_lt((size_t)at, sizeof(parts));
	}
	rig_apply_parts(r, "002.5", ++entry, "-", parts);
}

/* The entry, and each member, but no more than 600. */
START_TEST(a_rename_costs_a_part_for_each_member)
{
	struct rig r;

	begin(&r);
	rig_overlay(&r, &(struct origin){ { "002" }, 5 }, 1);
	rig_say(&r, 1, "JOIN #new");
	ck_assert_uint_eq(cost_of(&r, "RENAME #new #a"), 2);
	/* it is refused, so soon after the first one */
	ck_assert_uint_eq(cost_of(&r, "RENAME #a #b"), 0);
	fill(&r, "#new", 50);
	rig_advance(&r, 600000);
	ck_assert_uint_eq(cost_of(&r, "RENAME #a #b"), 52);
	for (unsigned i = 0; i < 12; i++)
		fill(&r, "#new", 50);
	rig_advance(&r, 600000);
	ck_assert_uint_eq(cost_of(&r, "RENAME #b #c"), 601);
	rig_fini(&r);
}
END_TEST

START_TEST(a_class_without_flood_control_pays_nothing)
{
	struct rig r;

	rig_init(&r);
	r.class.flood_burst = 0;
	rig_register(&r, 1, "alice");
	rig_say(&r, 1, "JOIN #a,#b,#c,#d");
	ck_assert_int_eq(debt_ms(&r, 1), 0);
	rig_fini(&r);
}
END_TEST

Suite *
flood_suite(void)
{
	Suite *s = suite_create("flood");
	TCase *t = unit_case("all");

	tcase_add_test(t, each_part_of_an_entry_costs);
	tcase_add_test(t, a_mask_costs_twice_as_much_as_its_removal);
	tcase_add_test(t, a_long_mask_costs_more);
	tcase_add_test(t, a_long_entry_costs_more);
	tcase_add_test(t, an_autojoin_is_not_slowed_down);
	tcase_add_test(t, a_client_that_makes_many_parts_is_read_slowly);
	tcase_add_test(t, a_rename_costs_a_part_for_each_member);
	tcase_add_test(t, a_class_without_flood_control_pays_nothing);
	suite_add_tcase(s, t);
	return s;
}
