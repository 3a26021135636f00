#include <stdio.h>
#include <string.h>

#include "core/facts/facts_write.h"
#include "core/types/cost.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

START_TEST(registers_and_is_welcomed)
{
	struct rig r;
	const char *out;

	rig_init(&r);
	rig_open(&r, 1);
	rig_say(&r, 1, "NICK alice");
	rig_say(&r, 1, "USER al 0 * :Alice A");
	out = rig_heard(&r, 1);
	ck_assert_msg(strncmp(out, ":irc.test 001 alice :Welcome", 28) == 0,
	    "%s", out);
	ck_assert_ptr_nonnull(strstr(out, " 376 ")
				  ? " 376 "
				  : strstr(out, " 422 alice "));
	rig_fini(&r);
}
END_TEST

/* The user who was looked up last is kept, but not found after going. */
START_TEST(one_who_is_gone_is_not_found)
{
	static const unsigned char seed[16];
	const struct uid uid = { "1AAAAAAAA" };
	struct facts f;
	struct user *u;
	struct rig r;

	rig_init(&r);
	facts_init(&f, seed, &r.core->tables);
	ck_assert_ptr_null(facts_find_uid(&f, uid));
	u = facts_add_user(&f, uid, (struct dot){ .n = 1 });
	ck_assert_ptr_eq(facts_find_uid(&f, uid), u);
	facts_drop_user(&f, u);
	ck_assert_ptr_null(facts_find_uid(&f, uid));
	ck_assert(facts_fini(&f));
	rig_fini(&r);
}
END_TEST

/* Lines of later steps go to the receivers that were collected before, unless
 * something has changed: here a capability, then a membership. */
START_TEST(receivers_are_collected_anew_after_a_change)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "ann");
	rig_register(&r, 2, "bob");
	rig_say(&r, 1, "JOIN #c");
	rig_say(&r, 2, "JOIN #c");
	rig_heard(&r, 2);
	rig_say(&r, 1, "AWAY :one");
	ck_assert_str_eq(rig_heard(&r, 2), "");
	rig_say(&r, 2, "CAP REQ :away-notify");
	rig_heard(&r, 2);
	rig_say(&r, 1, "AWAY :two");
	ck_assert_str_eq(rig_heard(&r, 2), ":ann!u@127.0.0.1 AWAY :two\r\n");
	rig_say(&r, 2, "CAP REQ :-away-notify");
	rig_heard(&r, 2);
	rig_say(&r, 1, "AWAY :three");
	ck_assert_str_eq(rig_heard(&r, 2), "");
	rig_say(&r, 1, "PRIVMSG #c :four");
	rig_say(&r, 1, "PRIVMSG #c :five");
	ck_assert_str_eq(rig_heard(&r, 2),
	    ":ann!u@127.0.0.1 PRIVMSG #c :four\r\n"
	    ":ann!u@127.0.0.1 PRIVMSG #c :five\r\n");
	rig_say(&r, 2, "PART #c");
	rig_heard(&r, 2);
	rig_say(&r, 1, "MODE #c -n");
	rig_say(&r, 1, "PRIVMSG #c :six");
	ck_assert_str_eq(rig_heard(&r, 2), "");
	rig_fini(&r);
}
END_TEST

START_TEST(talks_on_a_channel)
{
	struct rig r;
	const char *out;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_register(&r, 2, "bob");
	rig_say(&r, 1, "JOIN #c");
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":alice!u@127.0.0.1 JOIN #c\r\n"
	    ":irc.test 353 alice = #c :@alice\r\n"
	    ":irc.test 366 alice #c :End of NAMES list\r\n");
	rig_say(&r, 2, "JOIN #C");
	out = rig_heard(&r, 2);
	ck_assert_ptr_nonnull(strstr(out, "353 bob = #c :@alice bob\r\n"));
	ck_assert_str_eq(rig_heard(&r, 1), ":bob!u@127.0.0.1 JOIN #c\r\n");
	rig_say(&r, 2, "PRIVMSG #c :hello there");
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":bob!u@127.0.0.1 PRIVMSG #c :hello there\r\n");
	ck_assert_str_eq(rig_heard(&r, 2), "");
	rig_say(&r, 2, "NICK Robert");
	ck_assert_str_eq(rig_heard(&r, 1), ":bob!u@127.0.0.1 NICK :Robert\r\n");
	rig_say(&r, 2, "PART #c :bye");
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":Robert!u@127.0.0.1 PART #c :bye\r\n");
	rig_say(&r, 2, "JOIN #c");
	rig_heard(&r, 1);
	rig_say(&r, 2, "QUIT :off");
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":Robert!u@127.0.0.1 QUIT :Quit: off\r\n");
	ck_assert(r.closed[2]);
	rig_fini(&r);
}
END_TEST

/*
 * Return the value of the first such tag from *at on, and move *at behind it.
 */
static struct span
next_tag(const char **at, const char *tag)
{
	const char *p = strstr(*at, tag), *end;

	ck_assert_msg(p != NULL, "no %s in %s", tag, *at);
	p += strlen(tag);
	end = p + strcspn(p, "; ");
	*at = end;
	return span_make(p, (size_t)(end - p));
}

/* Check that all msgids differ, and that all times are that millisecond. */
static void
expect_talk(const char *out, const char *time, size_t lines)
{
	struct span id[8];

	for (size_t i = 0; i < lines; i++) {
		struct span at = next_tag(&out, "@time=2023-11-14T22:13:20.");

		ck_assert_msg(span_eq(at, span_of(time)), "%.*s, not %s",
		    SPAN_ARG(at), time);
		id[i] = next_tag(&out, "msgid=");
		for (size_t k = 0; k < i; k++)
			ck_assert(!span_eq(id[i], id[k]));
	}
	ck_assert_ptr_null(strstr(out, "@time="));
}

START_TEST(times_of_talk_neither_fall_nor_run_ahead)
{
	struct rig r;

	rig_init(&r);
	r.class.flood_burst = 0;
	rig_register(&r, 1, "alice");
	rig_register(&r, 2, "bob");
	rig_say(&r, 2, "CAP REQ :server-time message-tags");
	rig_say(&r, 2, "JOIN #c");
	rig_say(&r, 1, "JOIN #c");
	r.ev.wall.ms = 1700000000100;
	rig_heard(&r, 2);
	for (unsigned i = 0; i < 3; i++)
		rig_say(&r, 1, "PRIVMSG #c,bob :hello");
	expect_talk(rig_heard(&r, 2), "100Z", 6);
	/* the clock is set back */
	r.ev.wall.ms = 1700000000050;
	rig_say(&r, 1, "PRIVMSG #c :hello");
	expect_talk(rig_heard(&r, 2), "100Z", 1);
	/* An entry has a stamp of its own, and a message is not before it. */
	rig_say(&r, 1, "PART #c");
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 2), "20.101Z "));
	rig_say(&r, 1, "PRIVMSG bob,bob :hello");
	expect_talk(rig_heard(&r, 2), "101Z", 1);
	rig_fini(&r);
}
END_TEST

static unsigned
say_while_granted(struct rig *r, const char *line, unsigned max)
{
	unsigned n = 0;

	for (; r->granted[1] > 0 && n < max; n++)
		rig_say(r, 1, line);
	return n;
}

START_TEST(empty_lines_cost_nothing)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_advance(&r, 60000);
	ck_assert_uint_eq(say_while_granted(&r, "", 63), 63);
	ck_assert_uint_eq(say_while_granted(&r, "PING x", 100), 20);
	rig_fini(&r);
}
END_TEST

/* Each is an event: one client may not cause any number of them. */
START_TEST(very_many_empty_lines_cost)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_advance(&r, 60000);
	ck_assert_uint_eq(say_while_granted(&r, "", 10000), 20 * 64);
	rig_fini(&r);
}
END_TEST

START_TEST(a_client_that_ended_does_not_wait_for_its_allowance)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_register(&r, 2, "bob");
	rig_say(&r, 1, "JOIN #c");
	rig_say(&r, 2, "JOIN #c");
	rig_advance(&r, 60000);
	say_while_granted(&r, "PING x", 100);
	rig_heard(&r, 2);
	rig_end(&r, 1);
	rig_advance(&r, 0);
	ck_assert(r.closed[1]);
	ck_assert_str_eq(rig_heard(&r, 2),
	    ":alice!u@127.0.0.1 QUIT :end of file\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(lines_before_the_end_are_carried_out)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_register(&r, 2, "bob");
	rig_advance(&r, 60000);
	rig_end(&r, 1);
	rig_advance(&r, 0);
	ck_assert(!r.closed[1]);
	rig_say(&r, 1, "PRIVMSG bob :last words");
	ck_assert_str_eq(rig_heard(&r, 2),
	    ":alice!u@127.0.0.1 PRIVMSG bob :last words\r\n");
	ck_assert_uint_eq(say_while_granted(&r, "PING x", 100), 19);
	rig_advance(&r, 0);
	ck_assert(r.closed[1]);
	rig_fini(&r);
}
END_TEST

START_TEST(flood_is_read_more_slowly)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_advance(&r, 60000);
	ck_assert_uint_eq(say_while_granted(&r, "PING x", 100), 20);
	rig_advance(&r, 199);
	ck_assert_uint_eq(r.granted[1], 0);
	rig_advance(&r, 1);
	ck_assert_uint_eq(r.granted[1], 1);
	rig_fini(&r);
}
END_TEST

/* A link is taken from these addresses, however many others come from there. */
START_TEST(addresses_of_peers_are_known)
{
	struct peer_address address[] = { { .host = SPAN("s2.test") },
		{ .port = 6900 }, { .port = 6901 } };
	const struct peer_settings peer[] = { { .name = SPAN("s1.test") },
		{ .address = address, .naddress = 3 } };
	const struct settings set = { .peer = peer, .npeer = 2 };
	struct addr a = { .b = { 0 } };

	ck_assert(addr_parse(SPAN("192.0.2.1"), &address[1].addr));
	ck_assert(addr_parse(SPAN("2001:db8::1"), &address[2].addr));
	ck_assert(settings_is_peer(&set, &address[1].addr));
	ck_assert(settings_is_peer(&set, &address[2].addr));
	/* the address of one that has a name is not known */
	ck_assert(!settings_is_peer(&set, &a));
	ck_assert(addr_parse(SPAN("192.0.2.2"), &a));
	ck_assert(!settings_is_peer(&set, &a));
}
END_TEST

START_TEST(silence_is_pinged_then_closed)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_advance(&r, 119999);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_advance(&r, 1);
	ck_assert_str_eq(rig_heard(&r, 1), "PING :irc.test\r\n");
	rig_advance(&r, 60000);
	ck_assert(r.closed[1]);
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1), "Ping timeout"));
	rig_fini(&r);
}
END_TEST

START_TEST(registration_has_its_time)
{
	struct rig r;

	rig_init(&r);
	rig_open(&r, 1);
	rig_advance(&r, 29999);
	ck_assert(!r.closed[1]);
	rig_advance(&r, 1);
	ck_assert(r.closed[1]);
	rig_close(&r, 1);
	ck_assert_uint_eq(r.core->nconn, 0);
	rig_fini(&r);
}
END_TEST

START_TEST(a_label_comes_back)
{
	struct rig r;
	const char *out;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_say(&r, 1, "CAP REQ :labeled-response batch");
	rig_heard(&r, 1);
	rig_say(&r, 1, "@label=a PING x");
	ck_assert_str_eq(rig_heard(&r, 1),
	    "@label=a :irc.test PONG irc.test :x\r\n");
	rig_say(&r, 1, "@label=b PONG x");
	ck_assert_str_eq(rig_heard(&r, 1), "@label=b :irc.test ACK\r\n");
	rig_say(&r, 1, "@label=c JOIN #c");
	out = rig_heard(&r, 1);
	ck_assert_msg(strncmp(out, "@label=c :irc.test BATCH +", 26) == 0, "%s",
	    out);
	ck_assert_ptr_nonnull(strstr(out, " JOIN #c\r\n"));
	rig_fini(&r);
}
END_TEST

START_TEST(guessing_passwords_is_slow)
{
	static const struct oper_settings root = { .name = SPAN("root"),
		.verifier = SPAN("x") };
	struct rig r;
	unsigned before;

	rig_init(&r);
	r.settings.oper = &root;
	r.settings.noper = 1;
	rig_register(&r, 1, "alice");
	rig_advance(&r, 60000);
	(void)rig_heard(&r, 1);
	rig_say(&r, 1, "OPER root busy");
	rig_answer(&r, r.asked, ANSWER_REFUSED);
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":irc.test 263 alice OPER :Please wait a while and try again\r\n");
	rig_advance(&r, 60000);
	rig_say(&r, 1, "OPER root wrong");
	rig_answer(&r, r.asked, ANSWER_NO);
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":irc.test 464 alice :Password incorrect\r\n");
	before = r.granted[1];
	rig_say(&r, 1, "OPER root wrong");
	rig_answer(&r, r.asked, ANSWER_NO);
	ck_assert_uint_eq(r.granted[1], before - 1);
	rig_advance(&r, 2000);
	ck_assert_uint_eq(r.granted[1], before - 1);
	rig_advance(&r, 2000);
	ck_assert_uint_eq(r.granted[1], before);
	rig_say(&r, 1, "OPER root right");
	rig_answer(&r, r.asked, ANSWER_OK);
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1), " 381 alice "));
	rig_fini(&r);
}
END_TEST

/*
 * Passwords that are being checked, and questions to servers, share their
 * numbers.
 */
START_TEST(a_password_is_no_question_to_a_server)
{
	static const struct oper_settings root = { .name = SPAN("root"),
		.verifier = SPAN("x") };
	struct rig r;

	rig_init(&r);
	r.settings.oper = &root;
	r.settings.noper = 1;
	rig_register(&r, 1, "alice");
	(void)rig_heard(&r, 1);
	rig_say(&r, 1, "OPER root right");
	core_answer(r.core, &r.ev, r.asked.token, SPAN("381 :forged"), &r.fx);
	core_done(r.core, &r.ev, r.asked.token, &r.fx);
	rig_drain(&r);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_answer(&r, r.asked, ANSWER_NO);
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":irc.test 464 alice :Password incorrect\r\n");
	rig_fini(&r);
}
END_TEST

/*
 * A connection has one timer, however often it is set, and none when it is
 * gone.
 */
START_TEST(a_connection_has_one_timer)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_register(&r, 2, "bob");
	for (unsigned i = 0; i < 100; i++) {
		while (r.granted[1] > 0)
			rig_say(&r, 1, "PING x");
		rig_advance(&r, 200);
	}
	ck_assert_uint_le(r.core->ntimer, 2);
	rig_close(&r, 1);
	ck_assert_uint_eq(r.core->ntimer, 1);
	rig_advance(&r, 120000);
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 2), "PING :irc.test\r\n"));
	rig_fini(&r);
}
END_TEST

static unsigned
count_told(struct rig *r, unsigned n, const char *token)
{
	const char *text, *at;
	unsigned told = 0;

	for (unsigned i = 1; i <= n; i++) {
		text = rig_heard(r, i);
		if (text[0] == '\0')
			continue;
		at = strstr(text, token);
		ck_assert_msg(at != NULL && strstr(at + 1, token) == NULL, "%s",
		    text);
		told++;
	}
	return told;
}

/* Clients are told of a new configuration in slices. A client is told
 * the difference to what it knows, also if a second one comes meanwhile. */
START_TEST(a_new_configuration_is_told_in_slices)
{
	enum { CLIENTS = 30 };
	struct settings next, last;
	struct rig r;
	char nick[8];
	unsigned told;

	rig_init(&r);
	for (unsigned i = 1; i <= CLIENTS; i++) {
		snprintf(nick, sizeof(nick), "u%u", i);
		rig_register(&r, i, nick);
		(void)rig_heard(&r, i);
	}
	r.no_ticks = true;
	next = r.settings;
	next.turn_work = 16 * COST_TIMER * 4; /* a piece: four clients */
	next.topic_len = 77;
	rig_conf(&r, &next);
	told = count_told(&r, CLIENTS, " 005 ");
	ck_assert_uint_ge(told, 1);
	ck_assert_uint_le(told, 4);
	ck_assert(rig_tick(&r));
	told = count_told(&r, CLIENTS, " TOPICLEN=77 :");
	ck_assert_uint_ge(told, 1);
	ck_assert_uint_le(told, 16);
	/* the settings before are free, and their classes with them */
	last = next;
	last.topic_len = 66;
	memset(&r.settings, 0xa5, sizeof(r.settings));
	r.no_ticks = false;
	rig_conf(&r, &last);
	for (unsigned i = 1; i <= CLIENTS; i++)
		ck_assert_ptr_nonnull(strstr(rig_heard(&r, i),
		    " TOPICLEN=66 :"));
	rig_conf(&r, &last);
	for (unsigned i = 1; i <= CLIENTS; i++)
		ck_assert_str_eq(rig_heard(&r, i), "");
	rig_fini(&r);
}
END_TEST

/* A timer costs more than such a turn has. The line of a client is granted all
 * the same, though the client's timer is what grants it. */
START_TEST(small_turns_grant_lines)
{
	struct rig r;
	unsigned ticks = 0;

	rig_init(&r);
	rig_register(&r, 1, "ann");
	rig_register(&r, 2, "bob");
	(void)rig_heard(&r, 1);
	(void)rig_heard(&r, 2);
	r.no_ticks = true;
	r.settings.turn_work = COST_TIMER / 2;
	rig_advance(&r, 1);
	for (unsigned i = 0; i < 4; i++) {
		rig_say(&r, 1, "PING a");
		rig_say(&r, 2, "PING b");
		while (rig_tick(&r))
			ck_assert_uint_le(++ticks, 100);
		ck_assert_str_ne(rig_heard(&r, 1), "");
		ck_assert_str_ne(rig_heard(&r, 2), "");
	}
	rig_fini(&r);
}
END_TEST

Suite *
client_suite(void)
{
	Suite *s = suite_create("client");
	TCase *t = unit_case("all");

	tcase_add_test(t, registers_and_is_welcomed);
	tcase_add_test(t, small_turns_grant_lines);
	tcase_add_test(t, one_who_is_gone_is_not_found);
	tcase_add_test(t, receivers_are_collected_anew_after_a_change);
	tcase_add_test(t, talks_on_a_channel);
	tcase_add_test(t, times_of_talk_neither_fall_nor_run_ahead);
	tcase_add_test(t, flood_is_read_more_slowly);
	tcase_add_test(t, empty_lines_cost_nothing);
	tcase_add_test(t, very_many_empty_lines_cost);
	tcase_add_test(t, a_client_that_ended_does_not_wait_for_its_allowance);
	tcase_add_test(t, lines_before_the_end_are_carried_out);
	tcase_add_test(t, addresses_of_peers_are_known);
	tcase_add_test(t, silence_is_pinged_then_closed);
	tcase_add_test(t, registration_has_its_time);
	tcase_add_test(t, a_label_comes_back);
	tcase_add_test(t, guessing_passwords_is_slow);
	tcase_add_test(t, a_password_is_no_question_to_a_server);
	tcase_add_test(t, a_connection_has_one_timer);
	tcase_add_test(t, a_new_configuration_is_told_in_slices);
	suite_add_tcase(s, t);
	return s;
}
