/*
 * core/hostname.h: a client waits for its name, for two seconds at most, and is
 * registered whatever the answer is. tests/scenario/dns has the lines.
 */
#include "core/hostname.h"

#include <stdio.h>

#include "core/sessions/request.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

static void
begin(struct rig *r, bool enabled, bool private)
{
	rig_init(r);
	r->settings.dns_enabled = enabled;
	r->settings.dns_private = private;
	r->settings.host_len = 63;
	r->asked = (struct rig_asked){ 0 };
	rig_open(r, 1);
	rig_say(r, 1, "NICK alice");
	rig_say(r, 1, "USER alice 0 * :A");
}

static bool
is_welcome(struct rig *r, const char *host)
{
	char want[128];

	snprintf(want, sizeof(want), " alice!alice@%s\r\n", host);
	return strstr(rig_heard(r, 1), want) != NULL;
}

START_TEST(registration_waits_for_the_name)
{
	struct rig r;

	begin(&r, true, true);
	ck_assert_int_eq(r.asked.kind, REQUEST_NAME);
	ck_assert_str_eq(rig_heard(&r, 1), ""); /* dns_notices is not set */
	rig_answer_with(&r, r.asked, ANSWER_OK, SPAN("host.example"));
	ck_assert(is_welcome(&r, "host.example"));
	rig_fini(&r);
}
END_TEST

START_TEST(no_name_is_waited_for_two_seconds)
{
	struct rig r;

	begin(&r, true, true);
	rig_advance(&r, 1999);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_advance(&r, 1);
	ck_assert(is_welcome(&r, "127.0.0.1"));
	/* late, and twice */
	rig_answer_with(&r, r.asked, ANSWER_OK, SPAN("host.example"));
	rig_answer_with(&r, r.asked, ANSWER_OK, SPAN("host.example"));
	rig_says(&r, 1, "USERHOST alice", "alice=+alice@127.0.0.1");
	rig_fini(&r);
}
END_TEST

START_TEST(odd_answers_leave_the_address)
{
	static const struct {
		enum answer_status status;
		const char *name;
	} odd[] = {
		{ ANSWER_NO, "host.example" },
		{ ANSWER_REFUSED, "host.example" },
		{ ANSWER_OK, "" },
		{ ANSWER_OK, "localhost" }, /* no dot: it may be a nick */
		{ ANSWER_OK, "10.0.0.1" },
		{ ANSWER_OK, "a b.example" },
		{ ANSWER_OK, "a\\.b.example" },
		{ ANSWER_OK, "*.example" },
		{ ANSWER_OK, "-a.example" },
		{ ANSWER_OK, "a..example" },
		{ ANSWER_OK,
		    "a12345678901234567890123456789012345678901234567890123"
		    "4.example" },
	};
	struct rig r;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		begin(&r, true, true);
		r.settings.host_len = 62;
		rig_answer_with(&r, r.asked, odd[i].status,
		    span_of(odd[i].name));
		ck_assert_msg(is_welcome(&r, "127.0.0.1"), "%s", odd[i].name);
		rig_fini(&r);
	}
}
END_TEST

START_TEST(names_are_asked_for_by_the_settings)
{
	struct rig r;

	begin(&r, false, true);
	ck_assert_uint_eq(r.core->requests[REQUEST_NAME].n, 0);
	ck_assert(is_welcome(&r, "127.0.0.1"));
	rig_fini(&r);
	begin(&r, true, false);
	ck_assert_uint_eq(r.core->requests[REQUEST_NAME].n, 0);
	ck_assert(is_welcome(&r, "127.0.0.1"));
	rig_fini(&r);
}
END_TEST

Suite *
hostname_suite(void)
{
	Suite *s = suite_create("core/hostname");
	TCase *t = unit_case("hostname");

	tcase_add_test(t, registration_waits_for_the_name);
	tcase_add_test(t, no_name_is_waited_for_two_seconds);
	tcase_add_test(t, odd_answers_leave_the_address);
	tcase_add_test(t, names_are_asked_for_by_the_settings);
	suite_add_tcase(s, t);
	return s;
}
