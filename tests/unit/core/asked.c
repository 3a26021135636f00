/*
 * Questions of operators of other servers, STATS, TRACE, and CHECK of a module:
 * this server looks at their privileges itself, and answers no more than a step
 * may cost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/types/privilege.h"
#include "lib/modules.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define BANS 200

static struct oper_settings root = { .name = SPAN("root"),
	.verifier = SPAN("x") };

/* Let client 1 be an operator with these privileges, and set bans. */
static void
begin(struct rig *r, uint32_t privileges)
{
	static const struct rows *rows[1];
	char text[64];

	rows[0] = modules_find(SPAN("check"))->rows;
	rig_init_rows(r, "1AA", rows, 1);
	root.privileges = privileges;
	r->settings.oper = &root;
	r->settings.noper = 1;
	rig_register(r, 1, "root");
	rig_register(r, 2, "ann");
	rig_say(r, 1, "OPER root x");
	rig_answer(r, r->asked, ANSWER_OK);
	for (unsigned i = 0; i < BANS; i++) {
		(void)snprintf(text, sizeof(text), "*@h%u.example spam", i);
		ck_assert_ptr_null(core_ban(r->core, &r->ev, SPAN("kline"),
		    span_of(text), &r->fx));
		rig_drain(r);
	}
}

/* Ask as that server does for that uid. Return the lines of the answer, valid
 * until the next call; each ends with a line feed, DONE is the last. */
static const char *
ask_from(struct rig *r, const char *sid, struct uid from, const char *question)
{
	struct sid asker = { "" };

	static char text[64 * 1024];
	struct out out;
	size_t n = 0;

	memcpy(asker.s, sid, SID_LEN);
	core_query(r->core, &r->ev, 7, from, asker, span_of(question), &r->fx);
	while (core_out(r->core, &out)) {
		ck_assert_uint_eq(out.id, 7);
		ck_assert(out.kind == OUT_ANSWER || out.kind == OUT_DONE);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s\n",
		    out.kind == OUT_DONE ? 4 : (int)out.line.n,
		    out.kind == OUT_DONE ? "DONE" : out.line.p);
		ck_assert_uint_lt(n, sizeof(text));
		free(out.owned);
	}
	rig_drain(r);
	return text;
}

static const char *
ask_as(struct rig *r, struct uid from, const char *question)
{
	return ask_from(r, "002", from, question);
}

/* Do the same for a user here. */
static const char *
ask(struct rig *r, unsigned client, const char *question, int64_t left)
{
	if (left > 0)
		r->core->work.left = left;
	return ask_as(r, rig_session(r, client)->user->uid, question);
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

#define END(letter) "219 " letter " :End of /STATS report\nDONE\n"
#define LACKS "400 STATS :you lack the privilege for this\n"
#define MORE_HERE "NOTICE :there is more; ask for it as an operator on IRC\n"
#define MORE "NOTICE :there is more; ask for it at this server\n"

START_TEST(stats_asks_for_the_privilege_here)
{
	char question[32];
	struct rig r;

	begin(&r, PRIVB(KLINE));
	ck_assert_str_eq(ask(&r, 1, "STATS y", 0), LACKS END("y"));
	ck_assert_str_eq(ask(&r, 2, "STATS K", 0), LACKS END("K"));
	ck_assert_uint_eq(count(ask(&r, 1, "STATS K", 0), "216 K "), BANS);
	ck_assert_uint_eq(count(ask(&r, 2, "STATS u", 0), "242 "), 1);
	/* letters without a row, and none */
	ck_assert_str_eq(ask(&r, 1, "STATS !", 0), "DONE\n");
	ck_assert_str_eq(ask(&r, 1, "STATS", 0), "DONE\n");
	ck_assert_str_eq(ask(&r, 1, "STATS kk", 0), "DONE\n");
	/* a user is behind l and L only */
	(void)snprintf(question, sizeof(question), "STATS v %s",
	    rig_session(&r, 2)->user->uid.s);
	ck_assert_str_eq(ask(&r, 1, question, 0), END("v"));
	rig_fini(&r);
}
END_TEST

START_TEST(a_long_answer_ends_early)
{
	struct uid own = uid_of_server((struct sid){ "1AA" });
	const char *text;
	struct rig r;

	begin(&r, PRIVB(KLINE) | PRIVB(STATS));
	text = ask(&r, 1, "STATS K", 1000);
	ck_assert_uint_gt(count(text, "216 K "), 0);
	ck_assert_uint_lt(count(text, "216 K "), BANS);
	ck_assert_ptr_nonnull(strstr(text, MORE END("K")));
	text = ask(&r, 1, "TRACE", 20);
	ck_assert_uint_eq(count(text, "20"), 1);
	ck_assert_ptr_nonnull(strstr(text, MORE "262 "));
	/* the operator at the control socket has asked at this server */
	r.core->work.left = 1000;
	text = ask_from(&r, "1AA", own, "STATS K");
	ck_assert_ptr_nonnull(strstr(text, MORE_HERE END("K")));
	r.core->work.left = 20;
	text = ask_from(&r, "1AA", own, "TRACE");
	ck_assert_ptr_nonnull(strstr(text, MORE_HERE "262 "));
	text = ask(&r, 1, "TRACE", 1000000);
	ck_assert_uint_eq(count(text, "204 Oper "), 1);
	ck_assert_uint_eq(count(text, "205 User "), 1);
	ck_assert_ptr_null(strstr(text, MORE));
	rig_fini(&r);
}
END_TEST

/* The operator at the control socket of the server that asks may see all; but
 * no server can speak for another one. */
START_TEST(servers_ask_for_their_own_operators)
{
	struct uid own = uid_of_server((struct sid){ "002" });
	struct uid other = uid_of_server((struct sid){ "003" });
	struct uid nobody = { "002AAAAAA" };
	struct rig r;

	begin(&r, PRIVB(KLINE));
	r.settings.remote_die = true;
	ck_assert_str_eq(uid_span(&own).p, "002Z99999");
	ck_assert_uint_eq(count(ask_as(&r, own, "STATS y"), "218 "), 1);
	ck_assert_str_eq(ask_as(&r, other, "STATS y"), LACKS END("y"));
	ck_assert_str_eq(ask_as(&r, nobody, "STATS y"), LACKS END("y"));
	ck_assert_uint_eq(count(ask_as(&r, own, "TRACE"), "205 User "), 1);
	/* whoever another server gives that uid to */
	rig_apply(&r,
	    "ENTRY 003.5 1 10 * - 1\r\n"
	    "+USER 002Z99999 bob bob two.test 192.0.2.2 192.0.2.2 :Bob\r\n");
	ck_assert_uint_eq(count(ask_as(&r, own, "STATS y"), "218 "), 1);
	ck_assert_uint_eq(count(ask_as(&r, other, "TRACE"), "205 User "), 0);
	ck_assert_str_eq(ask_as(&r, other, "DIE"),
	    "400 DIE :you lack the privilege: die\nDONE\n");
	ck_assert_str_eq(ask_as(&r, own, "DIE"),
	    "NOTICE :this server stops\nDONE\n");
	rig_fini(&r);
}
END_TEST

START_TEST(trace_asks_for_the_privilege_here)
{
	struct rig r;

	begin(&r, PRIVB(KLINE));
	ck_assert_uint_eq(count(ask(&r, 1, "TRACE", 0), "205 User "), 0);
	/* a user who is not there, and no uid */
	ck_assert_uint_eq(count(ask(&r, 1, "TRACE 001ZZZZZZ", 0), "20"), 0);
	ck_assert_str_eq(ask(&r, 1, "TRACE x", 0), "DONE\n");
	rig_fini(&r);
}
END_TEST

/* CHECK is about a user: only the home of the user asks the row. */
START_TEST(a_row_answers_at_the_home)
{
	char question[32];
	const char *text;
	struct rig r;

	begin(&r, PRIVB(STATS));
	(void)snprintf(question, sizeof(question), "CHECK %s",
	    rig_session(&r, 2)->user->uid.s);
	text = ask(&r, 1, question, 0);
	ck_assert_uint_eq(count(text, "802 ann "), 9);
	ck_assert_uint_eq(count(text, "802 ann end "), 0);
	ck_assert_uint_eq(count(text, "\nDONE\n"), 1);
	ck_assert_str_eq(ask(&r, 2, question, 0),
	    "NOTICE :you lack the privilege for this\nDONE\n");
	/* no user, one who is not there, one of another server, no row */
	ck_assert_str_eq(ask(&r, 1, "CHECK", 0), "DONE\n");
	ck_assert_str_eq(ask(&r, 1, "CHECK x", 0), "DONE\n");
	ck_assert_str_eq(ask(&r, 1, "CHECK 1AAZZZZZZ", 0), "DONE\n");
	rig_apply_parts(&r, "002.5", 1, "-",
	    "+READY 002 5 two.test :two\r\n"
	    "+USER 002B00000 z z two.test 192.0.2.2 192.0.2.2 :Z\r\n"
	    "+NICK 002B00000 zed 1 1500\r\n");
	rig_overlay(&r, &(struct origin){ { "002" }, 5 }, 1);
	ck_assert_str_eq(ask(&r, 1, "CHECK 002B00000", 0), "DONE\n");
	ck_assert_str_eq(ask(&r, 1, "CHUCK 002B00000", 0), "DONE\n");
	rig_fini(&r);
}
END_TEST

#define LINE_BYTES 64 /* of one that waits, beside its own */

/* The row says how much of an answer is listened to. */
START_TEST(an_answer_to_a_row_is_bounded)
{
	const char *text;
	struct rig r;
	size_t lines;

	begin(&r, PRIVB(STATS));
	rig_apply_parts(&r, "002.5", 1, "-",
	    "+READY 002 5 two.test :two\r\n"
	    "+USER 002B00000 z z two.test 192.0.2.2 192.0.2.2 :Z\r\n"
	    "+NICK 002B00000 zed 1 1500\r\n");
	rig_overlay(&r, &(struct origin){ { "002" }, 5 }, 1);
	(void)rig_heard(&r, 1);
	rig_say(&r, 1, "CHECK zed");
	for (unsigned i = 0; i < 1000; i++)
		core_answer(r.core, &r.ev, r.core->next_token,
		    SPAN("802 zed key :text"), &r.fx);
	rig_drain(&r);
	text = rig_heard(&r, 1);
	lines = count(text, " key :text\r\n");
	ck_assert_uint_gt(lines, 8192 / 128);
	ck_assert_uint_le((lines - 1) * LINE_BYTES, 8192);
	ck_assert_uint_eq(count(text, " 263 root CHECK :"), 1);
	ck_assert_uint_eq(count(text, " 802 root zed end :"), 1);
	rig_fini(&r);
}
END_TEST

Suite *
asked_suite(void)
{
	Suite *s = suite_create("asked");
	TCase *t = unit_case("all");

	tcase_add_test(t, stats_asks_for_the_privilege_here);
	tcase_add_test(t, a_long_answer_ends_early);
	tcase_add_test(t, servers_ask_for_their_own_operators);
	tcase_add_test(t, a_row_answers_at_the_home);
	tcase_add_test(t, an_answer_to_a_row_is_bounded);
	tcase_add_test(t, trace_asks_for_the_privilege_here);
	suite_add_tcase(s, t);
	return s;
}
