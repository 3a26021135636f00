/*
 * A command that shows an operator something by privilege leaves one line of
 * the log, in however many pieces its answer is given.
 */
#include <stdio.h>
#include <string.h>

#include "core/types/privilege.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define FROM 2 /* the client of the first of the users */

static struct oper_settings root = { .name = SPAN("root"),
	.verifier = SPAN("x") };

/* Let client 1 be an operator with these privileges. */
static void
begin(struct rig *r, uint32_t privileges)
{
	rig_init(r);
	root.privileges = privileges;
	r->settings.oper = &root;
	r->settings.noper = 1;
	rig_register(r, 1, "root");
	rig_say(r, 1, "OPER root x");
	rig_answer(r, r->asked, ANSWER_OK);
	rig_hears(r, 1, " 381 root ");
}

/* Send a line of the operator, and let the operator read the whole answer.
 * Return how many pieces it had. */
static unsigned
ask(struct rig *r, const char *line)
{
	unsigned n = 1;

	(void)rig_heard(r, 1);
	memset(r->logged, 0, sizeof(r->logged));
	rig_say(r, 1, line);
	for (; r->drain[1]; n++)
		rig_read(r, 1);
	return n;
}

static const struct {
	const char *line, *last;
} pieces[] = {
	{ "WHO #c", " 315 root #c " },
	{ "WHO u*", " 315 root u* " },
	{ "NAMES #c", " 366 root #c " },
	{ "LIST", " 323 root " },
};

START_TEST(many_pieces_leave_one_line)
{
	char text[64];
	struct rig r;

	begin(&r, PRIVB(SEE_HIDDEN));
	for (unsigned i = FROM; i < RIG_CLIENTS; i++) {
		(void)snprintf(text, sizeof(text), "u%028u", i);
		rig_register(&r, i, text);
		(void)snprintf(text, sizeof(text), "JOIN #c,#%050u", i);
		rig_say(&r, i, text);
		(void)snprintf(text, sizeof(text), "MODE #%050u +s", i);
		rig_say(&r, i, text);
	}
	rig_say(&r, FROM, "MODE #c +s");
	r.class.sendq = 4096;
	ck_assert_uint_gt(ask(&r, pieces[_i].line), 1);
	rig_hears(&r, 1, pieces[_i].last);
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 1);
	/* the next command has a line of its own */
	(void)ask(&r, pieces[_i].line);
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 1);
	rig_fini(&r);
}
END_TEST

/* A user of another server whose host is not the address, as a server with
 * resolved names or cloaks will tell it. */
static void
far_user(struct rig *r)
{
	rig_apply_parts(r, "002.5", 1, "-",
	    "+USER 002AAAAAA far u far.test 10.0.0.1 host.test :Far\r\n"
	    "+NICK 002AAAAAA far 1 1000\r\n");
	rig_overlay(r, &(struct origin){ { "002" }, 5 }, 1);
}

START_TEST(a_look_at_an_address_is_told)
{
	struct rig r;

	begin(&r, PRIVB(SEE_ADDRESS));
	far_user(&r);
	(void)ask(&r, "WHOIS far");
	rig_hears(&r, 1,
	    " 378 root far :is connecting from *@host.test 10.0.0.1");
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 1);
	(void)ask(&r, "USERIP far");
	rig_hears(&r, 1, " 340 root :far=+u@10.0.0.1\r\n");
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 1);
	(void)ask(&r, "WHO far %ihn");
	rig_hears(&r, 1, " 354 root 10.0.0.1 host.test far\r\n");
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 1);
	rig_apply_parts(&r, "002.5", 2, "-", "+QUIT 002AAAAAA :bye\r\n");
	(void)ask(&r, "WHOWAS far");
	rig_hears(&r, 1, " 338 root far 10.0.0.1 :Is actually using host");
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 1);
	rig_register(&r, FROM, "near");
	(void)ask(&r, "WHOIS near");
	rig_hears(&r, 1, " 378 root near ");
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 0);
	rig_fini(&r);
}
END_TEST

/* The host of such a user is shown with a 0 before the colon. */
START_TEST(an_address_that_is_the_host_is_no_look)
{
	struct rig r;

	begin(&r, PRIVB(SEE_ADDRESS));
	rig_apply_parts(&r, "002.5", 1, "-",
	    "+USER 002AAAAAA far u far.test 0::7 0::7 :Far\r\n"
	    "+NICK 002AAAAAA far 1 1000\r\n");
	rig_overlay(&r, &(struct origin){ { "002" }, 5 }, 1);
	(void)ask(&r, "WHOIS far");
	rig_hears(&r, 1, " 378 root far :is connecting from *@0::7 ::7");
	(void)ask(&r, "WHO far %i");
	rig_hears(&r, 1, " 354 root 0::7\r\n");
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 0);
	rig_apply_parts(&r, "002.5", 2, "-", "+QUIT 002AAAAAA :bye\r\n");
	(void)ask(&r, "WHOWAS far");
	rig_hears(&r, 1, " 338 root far 0::7 :");
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 0);
	rig_fini(&r);
}
END_TEST

START_TEST(an_address_that_is_not_shown_is_no_look)
{
	struct rig r;

	begin(&r, PRIVB(SEE_HIDDEN));
	far_user(&r);
	(void)ask(&r, "WHOIS far");
	ck_assert_ptr_null(strstr(rig_heard(&r, 1), " 378 "));
	rig_says(&r, 1, "USERIP far", " 340 root :far=+u@255.255.255.255\r\n");
	rig_says(&r, 1, "WHO far %ihn",
	    " 354 root 255.255.255.255 host.test far\r\n");
	rig_apply_parts(&r, "002.5", 2, "-", "+QUIT 002AAAAAA :bye\r\n");
	(void)ask(&r, "WHOWAS far");
	ck_assert_ptr_null(strstr(rig_heard(&r, 1), " 338 "));
	ck_assert_uint_eq(r.logged[LOG_SIGHT], 0);
	rig_fini(&r);
}
END_TEST

Suite *
sight_suite(void)
{
	Suite *s = suite_create("sight");
	TCase *t = unit_case("all");

	tcase_add_loop_test(t, many_pieces_leave_one_line, 0,
	    sizeof(pieces) / sizeof(pieces[0]));
	tcase_add_test(t, a_look_at_an_address_is_told);
	tcase_add_test(t, an_address_that_is_not_shown_is_no_look);
	tcase_add_test(t, an_address_that_is_the_host_is_no_look);
	suite_add_tcase(s, t);
	return s;
}
