/*
 * Commands about channels, as far as one server goes. tests/scenario has the
 * answers.
 */
#include <string.h>

#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define SEES(r, who, text)                                   \
	do {                                                 \
		const char *heard = rig_heard((r), (who));   \
		ck_assert_msg(strcmp(heard, (text)) == 0,    \
		    "heard:\n%swanted:\n%s", heard, (text)); \
	} while (0)

/* alice is op, bob and carol are not. */
static void
meet(struct rig *r)
{
	rig_init(r);
	rig_register(r, 1, "alice");
	rig_register(r, 2, "bob");
	rig_register(r, 3, "carol");
	for (unsigned i = 1; i <= 3; i++)
		rig_say(r, i, "JOIN #c");
	for (unsigned i = 1; i <= 3; i++)
		rig_heard(r, i);
}

START_TEST(topic)
{
	struct rig r;

	meet(&r);
	rig_say(&r, 2, "TOPIC #c");
	SEES(&r, 2, ":irc.test 331 bob #c :No topic is set\r\n");
	rig_say(&r, 2, "TOPIC #c :mine");
	SEES(&r, 2,
	    ":irc.test 482 bob #c :You're not channel operator or halfop\r\n");
	rig_say(&r, 1, "TOPIC #c :a : b");
	SEES(&r, 2, ":alice!u@127.0.0.1 TOPIC #c :a : b\r\n");
	rig_say(&r, 2, "TOPIC #c");
	SEES(&r, 2,
	    ":irc.test 332 bob #c :a : b\r\n"
	    ":irc.test 333 bob #c alice!u@127.0.0.1 1700000000\r\n");
	rig_say(&r, 1, "TOPIC #c :");
	SEES(&r, 2, ":alice!u@127.0.0.1 TOPIC #c :\r\n");
	rig_say(&r, 1, "TOPIC #c :");
	SEES(&r, 2, "");
	rig_fini(&r);
}
END_TEST

START_TEST(kick)
{
	struct rig r;

	meet(&r);
	rig_say(&r, 2, "KICK #c carol");
	SEES(&r, 2,
	    ":irc.test 482 bob #c :You're not channel operator or halfop\r\n");
	rig_say(&r, 1, "KICK #c bob,bob,nosuch,Carol :out");
	SEES(&r, 1,
	    ":irc.test 401 alice nosuch :No such nick/channel\r\n"
	    ":alice!u@127.0.0.1 KICK #c bob :out\r\n"
	    ":alice!u@127.0.0.1 KICK #c carol :out\r\n");
	rig_say(&r, 1, "KICK #c bob");
	SEES(&r, 1,
	    ":irc.test 441 alice bob #c :They aren't on that channel"
	    "\r\n");
	rig_say(&r, 1, "KICK #c,#d,#e bob,carol");
	SEES(&r, 1, ":irc.test 461 alice KICK :Not enough parameters\r\n");
	rig_say(&r, 1, "KICK #c alice");
	SEES(&r, 1, ":alice!u@127.0.0.1 KICK #c alice :alice\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(modes_are_one_entry_and_the_last_word_counts)
{
	struct rig r;
	uint64_t n;

	meet(&r);
	n = r.core->last_n;
	rig_say(&r, 1, "MODE #c +kl-n+m-m+ov key 5 bob carol");
	ck_assert_uint_eq(r.core->last_n, n + 1);
	SEES(&r, 3, ":alice!u@127.0.0.1 MODE #c -n+ovkl bob carol key 5\r\n");
	rig_say(&r, 1, "MODE #c");
	rig_say(&r, 1, "MODE #c +o-o carol carol");
	ck_assert_uint_eq(r.core->last_n, n + 1);
	rig_heard(&r, 1);
	rig_say(&r, 1, "MODE #c");
	SEES(&r, 1,
	    ":irc.test 324 alice #c +tkl key 5\r\n"
	    ":irc.test 329 alice #c 1700000000\r\n");
	rig_register(&r, 4, "dave");
	rig_say(&r, 4, "MODE #c");
	SEES(&r, 4,
	    ":irc.test 324 dave #c +tkl * 5\r\n"
	    ":irc.test 329 dave #c 1700000000\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(lists_are_normalised_and_found_folded)
{
	struct rig r;

	meet(&r);
	rig_say(&r, 1, "MODE #c +bb Dave u@10.0.0.0/8");
	SEES(&r, 2,
	    ":alice!u@127.0.0.1 MODE #c +bb Dave!*@* "
	    "*!u@10.0.0.0/8\r\n");
	rig_say(&r, 1, "MODE #c +b dave!*@*");
	SEES(&r, 2, "");
	rig_say(&r, 2, "MODE #c b");
	SEES(&r, 2,
	    ":irc.test 367 bob #c Dave!*@* alice!u@127.0.0.1 "
	    "1700000000\r\n"
	    ":irc.test 367 bob #c *!u@10.0.0.0/8 alice!u@127.0.0.1 "
	    "1700000000\r\n"
	    ":irc.test 368 bob #c :End of channel ban list\r\n");
	rig_say(&r, 1, "MODE #c -b DAVE");
	SEES(&r, 2, ":alice!u@127.0.0.1 MODE #c -b Dave!*@*\r\n");
	rig_fini(&r);
}
END_TEST

/* Let another server give a status that no user here could give. */
static void
give(struct rig *r, const char *name, unsigned who, uint64_t n)
{
	struct user *u = rig_session(r, who)->user;
	struct chan *c = facts_find_chan(&r->core->facts, SPAN("#c"));
	struct part p = { .id = PART_STAT };
	struct dest all = { .all = true };
	struct cause none = { 0 };
	struct origin o = { .inc = 1 };
	struct entry *e;

	(void)sid_parse(SPAN("2BB"), &o.sid);
	p.u.stat =
	    (struct part_stat){ { rcbuf_span(c->name), c->current->cinc },
		    facts_find_member(c, u)->dot, span_of(name), true,
		    by_server(o.sid) };
	e = entry_new(o, n, (struct stamp){ r->ev.wall.ms + 1000 + (int64_t)n },
	    &all, &none, &p, 1);
	core_apply_whole(r->core, &r->ev, e, false, &r->fx);
	entry_unref(e);
	rig_drain(r);
}

#define REFUSED(r, who, nick, line, missing)                                 \
	do {                                                                 \
		rig_say((r), (who), (line));                                 \
		SEES((r), (who),                                             \
		    ":irc.test 482 " nick " #c :You're not channel " missing \
		    "\r\n");                                                 \
	} while (0)

START_TEST(owners_and_admins_rank_above_ops)
{
	struct rig r;

	meet(&r);
	rig_register(&r, 4, "dave");
	rig_say(&r, 4, "JOIN #c");
	give(&r, "owner", 1, 1);
	give(&r, "admin", 2, 2);
	give(&r, "admin", 3, 3);
	rig_say(&r, 1, "MODE #c +o dave");
	for (unsigned i = 1; i <= 4; i++)
		rig_heard(&r, i);
	rig_say(&r, 4, "NAMES #c");
	SEES(&r, 4,
	    ":irc.test 353 dave = #c :~alice &bob &carol @dave\r\n"
	    ":irc.test 366 dave #c :End of NAMES list\r\n");
	REFUSED(&r, 4, "dave", "KICK #c alice", "owner");
	REFUSED(&r, 4, "dave", "KICK #c bob", "owner");
	REFUSED(&r, 4, "dave", "MODE #c -o alice", "owner");
	REFUSED(&r, 4, "dave", "MODE #c +a dave", "admin or owner");
	REFUSED(&r, 2, "bob", "KICK #c carol", "owner");
	REFUSED(&r, 2, "bob", "MODE #c -a carol", "owner");
	REFUSED(&r, 2, "bob", "MODE #c +q bob", "owner");
	REFUSED(&r, 2, "bob", "MODE #c -q alice", "owner");
	rig_say(&r, 2, "MODE #c +a-a dave bob");
	SEES(&r, 1, ":bob!u@127.0.0.1 MODE #c -a+a bob dave\r\n");
	rig_say(&r, 1, "MODE #c +q-aa bob carol dave");
	SEES(&r, 1, ":alice!u@127.0.0.1 MODE #c -aa+q carol dave bob\r\n");
	rig_heard(&r, 2);
	rig_say(&r, 2, "KICK #c alice :equals");
	SEES(&r, 2, ":bob!u@127.0.0.1 KICK #c alice :equals\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(own_modes)
{
	struct rig r;

	meet(&r);
	rig_say(&r, 2, "MODE bob");
	SEES(&r, 2, ":irc.test 221 bob +i\r\n");
	rig_say(&r, 2, "MODE Bob +wo-ix");
	SEES(&r, 2,
	    ":irc.test 501 bob :Unknown mode flag x\r\n"
	    ":bob!u@127.0.0.1 MODE bob -i+w\r\n");
	rig_say(&r, 2, "MODE alice +w");
	SEES(&r, 2,
	    ":irc.test 502 bob :Can't view or change modes of others"
	    "\r\n");
	rig_fini(&r);
}
END_TEST

Suite *
channel_suite(void)
{
	Suite *s = suite_create("channel");
	TCase *t = unit_case("all");

	tcase_add_test(t, topic);
	tcase_add_test(t, kick);
	tcase_add_test(t, modes_are_one_entry_and_the_last_word_counts);
	tcase_add_test(t, lists_are_normalised_and_found_folded);
	tcase_add_test(t, owners_and_admins_rank_above_ops);
	tcase_add_test(t, own_modes);
	suite_add_tcase(s, t);
	return s;
}
