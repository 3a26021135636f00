/*
 * core/sessions/request.h: a request ends once, by its answer or its time, and
 * not at all if its owner goes; before registration and after.
 */
#include <stdio.h>
#include <string.h>

#include "core/client.h"
#include "core/registration.h"
#include "core/sessions/request.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define EXPIRES_MS (request_row(REQUEST_OPER)->expires_ms)

/* Count the calls of the continuation, and keep its last status. */
static unsigned calls;
static enum answer_status last;
static char last_bytes[16];
static bool ends_client;

static void
door_answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	ck_assert(s == NULL || s == request_owner(st->core, r));
	ck_assert(span_eq(rcbuf_span(r->what), SPAN("the door")));
	snprintf(last_bytes, sizeof(last_bytes), "%.*s", SPAN_ARG(bytes));
	calls++;
	last = status;
	if (s == NULL)
		return;
	if (ends_client)
		client_end(st, s, SPAN("Not you"));
	else
		registration_try(st, s);
}

static const struct request_use use_door = {
	.kind = REQUEST_OPER, .hold = HOLD_ENTRY, .answered = door_answered
};

/* As a command of the client, or its connection, would. */
static bool
ask(struct rig *r, unsigned client)
{
	struct step st;
	bool asked;

	step_begin(&st, r->core, &r->ev, &r->fx);
	asked = request_ask(&st, rig_session(r, client), &use_door,
	    request_password(st.arena, SPAN("verifier"), SPAN("password")),
	    SPAN("the door"));
	rig_drain(r);
	return asked;
}

/* Open a client that has sent all that registration needs, and that waits. */
static void
wait_at_the_door(struct rig *r, unsigned client)
{
	calls = 0;
	ends_client = false;
	rig_open(r, client);
	ck_assert(ask(r, client));
	rig_say(r, client, "NICK alice");
	rig_say(r, client, "USER a 0 * :A");
	ck_assert_str_eq(rig_heard(r, client), "");
	ck_assert_uint_eq(r->granted[client], 1);
}

static bool
is_welcome(struct rig *r, unsigned client)
{
	return strstr(rig_heard(r, client), " 001 alice ") != NULL;
}

START_TEST(registration_waits_for_its_answer)
{
	struct rig r;

	rig_init(&r);
	wait_at_the_door(&r, 1);
	rig_answer(&r, r.asked, ANSWER_NO);
	ck_assert(is_welcome(&r, 1));
	ck_assert_int_eq(last, ANSWER_NO);
	rig_answer(&r, r.asked, ANSWER_OK);
	ck_assert_uint_eq(calls, 1);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_fini(&r);
}
END_TEST

START_TEST(an_answer_may_come_before_the_rest)
{
	struct rig r;

	rig_init(&r);
	calls = 0;
	rig_open(&r, 1);
	ck_assert(ask(&r, 1));
	rig_say(&r, 1, "NICK alice");
	rig_answer(&r, r.asked, ANSWER_OK);
	ck_assert_uint_eq(calls, 1);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_say(&r, 1, "USER a 0 * :A");
	ck_assert(is_welcome(&r, 1));
	rig_fini(&r);
}
END_TEST

START_TEST(a_request_expires_once)
{
	struct rig r;

	rig_init(&r);
	r.class.registration_s = 0;
	wait_at_the_door(&r, 1);
	rig_advance(&r, EXPIRES_MS - 1);
	ck_assert_uint_eq(calls, 0);
	ck_assert_int_eq(mono_sub_ms(r.deadline, r.ev.now), 1);
	rig_advance(&r, 1);
	ck_assert_uint_eq(calls, 1);
	ck_assert_int_eq(last, ANSWER_EXPIRED);
	ck_assert(is_welcome(&r, 1));
	rig_answer(&r, r.asked, ANSWER_OK);
	rig_advance(&r, EXPIRES_MS);
	ck_assert_uint_eq(calls, 1);
	rig_fini(&r);
}
END_TEST

START_TEST(who_goes_waits_for_nothing)
{
	struct rig r;

	rig_init(&r);
	wait_at_the_door(&r, 1);
	rig_close(&r, 1);
	rig_answer(&r, r.asked, ANSWER_OK);
	/* this one is ended by the server, and not closed so far */
	wait_at_the_door(&r, 1);
	rig_advance(&r, 30000);
	ck_assert(r.closed[1]);
	rig_answer(&r, r.asked, ANSWER_OK);
	rig_advance(&r, EXPIRES_MS);
	ck_assert_uint_eq(calls, 0);
	ck_assert_uint_eq(r.core->requests[REQUEST_OPER].n, 0);
	rig_fini(&r);
}
END_TEST

START_TEST(an_answer_may_end_the_client)
{
	struct rig r;

	rig_init(&r);
	wait_at_the_door(&r, 1);
	ends_client = true;
	rig_answer(&r, r.asked, ANSWER_NO);
	ck_assert(r.closed[1]);
	ck_assert_str_eq(rig_heard(&r, 1),
	    "ERROR :Closing link: 127.0.0.1 (Not you)\r\n");
	ck_assert_uint_eq(calls, 1);
	rig_fini(&r);
}
END_TEST

START_TEST(requests_of_a_client_are_bounded)
{
	struct rig r;
	struct rig_asked first;

	rig_init(&r);
	wait_at_the_door(&r, 1);
	first = r.asked;
	ck_assert(!ask(&r, 1));
	ck_assert_uint_eq(r.asked.token, first.token);
	rig_open(&r, 2);
	ck_assert(ask(&r, 2));
	rig_answer(&r, first, ANSWER_OK);
	ck_assert(is_welcome(&r, 1));
	ck_assert(ask(&r, 1));
	rig_fini(&r);
}
END_TEST

/* The core itself asks for a thing of which there may be one in all. */
START_TEST(requests_of_a_core_are_bounded)
{
	static const struct request_use use = { .kind = REQUEST_UIDS,
		.hold = HOLD_NOTHING,
		.answered = door_answered };
	struct step st;
	struct rig r;

	rig_init(&r);
	calls = 0;
	step_begin(&st, r.core, &r.ev, &r.fx);
	ck_assert(request_ask(&st, NULL, &use, request_uids(st.arena, 7),
	    SPAN("the door")));
	ck_assert(!request_ask(&st, NULL, &use, request_uids(st.arena, 7),
	    SPAN("the door")));
	ck_assert_uint_eq(r.fx.n, 1);
	ck_assert(span_eq(r.fx.v[0].u.ask.bytes, SPAN("7")));
	rig_drain(&r);
	rig_answer(&r, r.asked, ANSWER_OK);
	ck_assert_uint_eq(calls, 1);
	ck_assert_uint_eq(map_count(&r.core->request_tokens), 0);
	rig_fini(&r);
}
END_TEST

START_TEST(an_answer_of_another_kind_is_none)
{
	struct rig_asked wrong;
	struct rig r;

	rig_init(&r);
	wait_at_the_door(&r, 1);
	wrong = (struct rig_asked){ r.asked.token, REQUEST_UIDS };
	rig_answer(&r, wrong, ANSWER_OK);
	wrong = (struct rig_asked){ r.asked.token + 1, REQUEST_OPER };
	rig_answer(&r, wrong, ANSWER_OK);
	ck_assert_uint_eq(calls, 0);
	rig_answer_with(&r, r.asked, ANSWER_OK, SPAN("and bytes"));
	ck_assert_uint_eq(calls, 1);
	ck_assert_str_eq(last_bytes, "and bytes");
	rig_fini(&r);
}
END_TEST

START_TEST(a_core_may_end_with_requests)
{
	struct rig r;

	rig_init(&r);
	wait_at_the_door(&r, 1);
	rig_fini(&r);
}
END_TEST

/* ---- OPER ---------------------------------------------------------------- */

static const struct oper_settings root = { .name = SPAN("root"),
	.verifier = SPAN("x") };

static void
wait_for_oper(struct rig *r)
{
	r->settings.oper = &root;
	r->settings.noper = 1;
	rig_register(r, 1, "alice");
	rig_say(r, 1, "OPER root secret");
	ck_assert_uint_eq(r->granted[1], 0);
}

START_TEST(oper_without_an_answer_is_told_to_wait)
{
	struct rig r;

	rig_init(&r);
	r.class.ping_s = 600;
	wait_for_oper(&r);
	rig_advance(&r, EXPIRES_MS - 1);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_advance(&r, 1);
	ck_assert_str_eq(rig_heard(&r, 1),
	    ":irc.test 263 alice OPER :Please wait a while and try again\r\n");
	rig_answer(&r, r.asked, ANSWER_OK);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_advance(&r, 60000);
	ck_assert_uint_eq(r.granted[1], 1);
	rig_fini(&r);
}
END_TEST

START_TEST(oper_that_goes_is_no_operator)
{
	struct rig r;

	rig_init(&r);
	wait_for_oper(&r);
	rig_close(&r, 1);
	rig_answer(&r, r.asked, ANSWER_OK);
	ck_assert_uint_eq(r.core->nopers, 0);
	rig_fini(&r);
}
END_TEST

/* The bytes are wiped where the effect has them, so there is no other copy. */
START_TEST(a_password_is_not_copied)
{
	struct effects fx;
	struct span bytes, verifier, password;
	struct addr from = { .b = { 0 } };

	effects_init(&fx);
	bytes = request_password(fx.arena, SPAN("$argon2id$v"), SPAN("a b"));
	effects_ask(&fx, 1, REQUEST_OPER, &from, bytes);
	ck_assert_ptr_eq(fx.v[0].u.ask.bytes.p, bytes.p);
	ck_assert_uint_eq(bytes.n, strlen("$argon2id$v") + 1 + strlen("a b"));
	request_password_split(bytes, &verifier, &password);
	ck_assert(span_eq(verifier, SPAN("$argon2id$v")));
	ck_assert(span_eq(password, SPAN("a b")));
	effects_fini(&fx);
}
END_TEST

Suite *
request_suite(void)
{
	Suite *s = suite_create("request");
	TCase *t = unit_case("all");

	tcase_add_test(t, registration_waits_for_its_answer);
	tcase_add_test(t, an_answer_may_come_before_the_rest);
	tcase_add_test(t, a_request_expires_once);
	tcase_add_test(t, who_goes_waits_for_nothing);
	tcase_add_test(t, an_answer_may_end_the_client);
	tcase_add_test(t, requests_of_a_client_are_bounded);
	tcase_add_test(t, requests_of_a_core_are_bounded);
	tcase_add_test(t, an_answer_of_another_kind_is_none);
	tcase_add_test(t, a_core_may_end_with_requests);
	tcase_add_test(t, oper_without_an_answer_is_told_to_wait);
	tcase_add_test(t, oper_that_goes_is_no_operator);
	tcase_add_test(t, a_password_is_not_copied);
	suite_add_tcase(s, t);
	return s;
}
