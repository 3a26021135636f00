/* Parts of registration that a transcript cannot reach. */
#include <string.h>

#include "unit/core/check_core.h"
#include "unit/core/rig.h"

START_TEST(two_who_wait_for_one_nick)
{
	const char *heard;
	struct rig r;

	rig_init(&r);
	/*
	 * As before READY: both clients are complete, and neither has its
	 * entry.
	 */
	r.core->ready = false;
	rig_open(&r, 1);
	rig_say(&r, 1, "NICK alice");
	rig_say(&r, 1, "USER a 0 * :A");
	rig_open(&r, 2);
	rig_say(&r, 2, "NICK Alice");
	rig_say(&r, 2, "USER b 0 * :B");
	ck_assert_str_eq(rig_heard(&r, 1), "");
	ck_assert_str_eq(rig_heard(&r, 2), "");
	core_make_ready(r.core, &r.ev, &r.fx);
	rig_drain(&r);
	heard = rig_heard(&r, 1);
	ck_assert_msg(strstr(heard, " 001 alice ") != NULL, "%s", heard);
	ck_assert_str_eq(rig_heard(&r, 2),
	    ":irc.test 433 * Alice :Nickname is already in use\r\n");
	rig_say(&r, 2, "NICK bob");
	heard = rig_heard(&r, 2);
	ck_assert_msg(strstr(heard, " 001 bob ") != NULL, "%s", heard);
	rig_fini(&r);
}
END_TEST

/* A reload gives the class a password, and another one takes it away, while the
 * client waits for something else. */
START_TEST(who_waits_for_a_password_is_not_registered)
{
	const char *heard;
	struct rig r;

	for (int gone = 0; gone < 2; gone++) {
		rig_init(&r);
		r.core->ready = false;
		rig_open(&r, 1);
		rig_say(&r, 1, "NICK alice");
		rig_say(&r, 1, "USER a 0 * :A");
		r.class.verifier = SPAN("$verifier");
		rig_say(&r, 1, "PASS secret");
		ck_assert_int_eq(r.asked.kind, REQUEST_PASS);
		if (gone)
			r.class.verifier = SPAN_NONE;
		core_make_ready(r.core, &r.ev, &r.fx);
		rig_drain(&r);
		ck_assert_str_eq(rig_heard(&r, 1), "");
		rig_answer(&r, r.asked, ANSWER_OK);
		heard = rig_heard(&r, 1);
		ck_assert_msg(strstr(heard, " 001 alice ") != NULL, "%s",
		    heard);
		rig_fini(&r);
	}
}
END_TEST

/* The state directory cannot be written at first, and answers late then. */
START_TEST(who_waits_for_a_uid_is_told_once)
{
	struct rig_asked first;
	const char *heard;
	struct rig r;

	rig_init(&r);
	r.class.registration_s = 0;
	r.core->uid_next = r.core->uid_upto;
	for (unsigned i = 1; i <= 2; i++) {
		rig_open(&r, i);
		rig_say(&r, i, i == 1 ? "NICK alice" : "NICK bob");
		if (i == 2)
			rig_say(&r, i, "CAP REQ :standard-replies");
		rig_say(&r, i, "USER a 0 * :A");
		if (i == 2)
			rig_say(&r, i, "CAP END");
	}
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":irc.test NOTICE alice :USER: Nobody can be let in just now; "
	    "please "
	    "wait\r\n");
	heard = rig_heard(&r, 2);
	ck_assert_msg(strstr(heard, "FAIL USER TEMPORARILY_UNAVAILABLE :") !=
			  NULL,
	    "%s", heard);
	first = r.asked;
	rig_answer(&r, first, ANSWER_NO);
	rig_advance(&r, 4999);
	ck_assert_uint_eq(r.asked.token, first.token);
	rig_advance(&r, 1);
	ck_assert_uint_eq(r.asked.token, first.token + 1);
	/* nobody answers this one in time */
	first = r.asked;
	rig_advance(&r, request_row(REQUEST_UIDS)->expires_ms);
	rig_answer(&r, first, ANSWER_OK);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_advance(&r, 5000);
	ck_assert_uint_eq(r.asked.token, first.token + 1);
	rig_answer(&r, r.asked, ANSWER_OK);
	heard = rig_heard(&r, 1);
	ck_assert_msg(strstr(heard, " 001 alice ") != NULL, "%s", heard);
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 2), " 001 bob "));
	ck_assert_uint_eq(r.core->uid_upto, 2 * 65536);
	rig_fini(&r);
}
END_TEST

START_TEST(a_server_without_uids_lets_nobody_in)
{
	/* the last uid is that of the server (link-protocol.md, 10.2) */
	const uint64_t count = UINT64_C(26) * 36 * 36 * 36 * 36 * 36 - 1;
	const char *heard;
	struct rig r;

	rig_init(&r);
	r.core->uid_next = count - 1;
	r.core->uid_upto = count + 65536;
	for (unsigned i = 1; i <= 2; i++) {
		rig_open(&r, i);
		rig_say(&r, i, i == 1 ? "NICK alice" : "NICK bob");
		rig_say(&r, i, "USER a 0 * :A");
	}
	heard = rig_heard(&r, 1);
	ck_assert_msg(strstr(heard, " 001 alice ") != NULL, "%s", heard);
	ck_assert_ptr_nonnull(facts_find_uid(&r.core->facts,
	    (struct uid){ "1AAZ99998" }));
	heard = rig_heard(&r, 2);
	ck_assert_msg(strstr(heard, "(This server has no user ids left; use "
				    "another one)\r\n") != NULL,
	    "%s", heard);
	ck_assert_uint_eq(r.core->uid_next, count);
	rig_fini(&r);
}
END_TEST

Suite *
registration_suite(void)
{
	Suite *s = suite_create("registration");
	TCase *t = unit_case("all");

	tcase_add_test(t, two_who_wait_for_one_nick);
	tcase_add_test(t, who_waits_for_a_password_is_not_registered);
	tcase_add_test(t, who_waits_for_a_uid_is_told_once);
	tcase_add_test(t, a_server_without_uids_lets_nobody_in);
	suite_add_tcase(s, t);
	return s;
}
