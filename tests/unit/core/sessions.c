/* A user with two sessions: no code may assume that a user has only one. */
#include <string.h>

#include "core/registration.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

/* Attach client 2 to the user of client 1, as a later command will. */
static void
share(struct rig *r)
{
	struct session *a = rig_session(r, 1), *b;

	rig_open(r, 2);
	b = rig_session(r, 2);
	b->id = (struct session_id){ a->user->uid, 2 };
	r->core->nunregistered--;
	session_attach(b, a->user);
	r->core->nlocal++;
}

START_TEST(both_hear)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_register(&r, 3, "bob");
	share(&r);
	rig_say(&r, 2, "JOIN #c");
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1), "JOIN #c"));
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 2), "353 alice = #c"));
	rig_say(&r, 3, "PRIVMSG alice :hi");
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":bob!u@127.0.0.1 PRIVMSG alice :hi\r\n");
	ck_assert_str_eq(rig_heard(&r, 2),
	    ":bob!u@127.0.0.1 PRIVMSG alice :hi\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(the_user_stays_while_one_is_left)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_register(&r, 3, "bob");
	share(&r);
	rig_say(&r, 1, "JOIN #c");
	rig_say(&r, 3, "JOIN #c");
	rig_heard(&r, 3);
	rig_close(&r, 1);
	ck_assert_str_eq(rig_heard(&r, 3), "");
	rig_heard(&r, 2);
	rig_say(&r, 3, "PRIVMSG #c :still there?");
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 2), "still there?"));
	rig_close(&r, 2);
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 3), " QUIT :"));
	rig_fini(&r);
}
END_TEST

Suite *
sessions_suite(void)
{
	Suite *s = suite_create("sessions");
	TCase *t = unit_case("all");

	tcase_add_test(t, both_hear);
	tcase_add_test(t, the_user_stays_while_one_is_left);
	suite_add_tcase(s, t);
	return s;
}
