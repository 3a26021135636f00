/* Users whose connection a restart has ended: what happens while an entry is
 * under way, and what has a bound. tests/scenario/hold has the rest. */
#include <stdio.h>
#include <string.h>

#include "core/held.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define HOLD_S 60

static void
init(struct rig *r)
{
	rig_init(r);
	r->settings.hold_s = HOLD_S;
	r->class.flood_burst = 2000;
}

/* Take an event of a client, and leave the entries that it makes. */
static void
event(struct rig *r, unsigned client, enum event_kind kind)
{
	r->ev.kind = kind;
	r->ev.conn = (struct conn_id){ client, 1 };
	core_step(r->core, &r->ev, &r->fx);
}

/* Open a client with TLS, and with a certificate if cert is true. */
static void
open_tls(struct rig *r, unsigned client, bool cert)
{
	memset(&r->ev.u, 0, sizeof(r->ev.u));
	r->ev.u.open.addr = addr_v4((const unsigned char[]){ 127, 0, 0, 1 });
	r->ev.u.open.tls = true;
	r->ev.u.open.has_pin = cert;
	event(r, client, EV_CONN_OPEN);
	rig_drain(r);
}

static void
hold(struct rig *r, unsigned client)
{
	r->ev.u.closed.reason = SPAN("restart");
	event(r, client, EV_CONN_HELD);
	rig_drain(r);
}

/* Hold alice, the op of #c where bob is, who is client 2. */
static void
hold_alice(struct rig *r, bool cert)
{
	open_tls(r, 1, cert);
	rig_say(r, 1, "NICK alice");
	rig_say(r, 1, "USER u 0 * :A");
	rig_say(r, 1, "JOIN #c");
	rig_register(r, 2, "bob");
	rig_say(r, 2, "JOIN #c");
	rig_heard(r, 2);
	hold(r, 1);
	ck_assert_str_eq(rig_heard(r, 2), "");
}

static struct hold *
find(struct rig *r, const char *nick)
{
	const struct user *u = facts_find_nick(&r->core->facts, span_of(nick));

	return u == NULL ? NULL : user_hold(u);
}

/* Let client 3 come back as alice, and leave the entry that gives her rank
 * away. */
static void
take(struct rig *r)
{
	open_tls(r, 3, false);
	rig_say(r, 3, "NICK alice");
	r->granted[3]--;
	r->ev.u.line.line = SPAN("USER u 0 * :A");
	r->ev.u.line.too_long = r->ev.u.line.bad = false;
	event(r, 3, EV_LINE);
	ck_assert(core_has_out(r->core));
	ck_assert(!conn_id_is_none(find(r, "alice")->taker));
}

START_TEST(a_taker_is_welcomed_when_its_entry_is_applied)
{
	struct rig r;

	init(&r);
	hold_alice(&r, false);
	take(&r);
	ck_assert_str_eq(rig_heard(&r, 3), "");
	rig_drain(&r);
	ck_assert_ptr_null(find(&r, "alice"));
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 3),
	    " 353 alice = #c :alice bob\r\n"));
	ck_assert_str_eq(rig_heard(&r, 2), ":irc.test MODE #c -o alice\r\n");
	ck_assert_ptr_nonnull(rig_session(&r, 3)->user);
	rig_says(&r, 3, "PRIVMSG bob :hi", "");
	ck_assert_str_eq(rig_heard(&r, 2), ":alice!u@127.0.0.1 PRIVMSG bob "
					   ":hi\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(a_taker_that_goes_leaves_the_user_held)
{
	struct rig r;

	init(&r);
	hold_alice(&r, false);
	take(&r);
	r.ev.u.closed.reason = SPAN("gone");
	event(&r, 3, EV_CONN_CLOSED);
	rig_drain(&r);
	ck_assert_ptr_nonnull(find(&r, "alice"));
	ck_assert_str_eq(rig_heard(&r, 2), ":irc.test MODE #c -o alice\r\n");
	rig_advance(&r, HOLD_S * 1000);
	ck_assert_str_eq(rig_heard(&r, 2),
	    ":alice!u@127.0.0.1 QUIT :Did not come back after a restart\r\n");
	rig_fini(&r);
}
END_TEST

/* The time is over while the client waits: the user is not held on then. */
START_TEST(a_taker_that_goes_too_late_ends_the_hold)
{
	struct rig r;

	init(&r);
	hold_alice(&r, false);
	rig_advance(&r, HOLD_S * 1000 - 10);
	take(&r);
	r.ev.now = mono_add_ms(r.ev.now, 20);
	r.ev.kind = EV_TICK;
	core_step(r.core, &r.ev, &r.fx);
	r.ev.u.closed.reason = SPAN("gone");
	event(&r, 3, EV_CONN_CLOSED);
	rig_drain(&r);
	ck_assert_ptr_null(find(&r, "alice"));
	ck_assert_str_eq(rig_heard(&r, 2),
	    ":irc.test MODE #c -o alice\r\n"
	    ":alice!u@127.0.0.1 QUIT :Did not come back after a restart\r\n");
	rig_fini(&r);
}
END_TEST

/* The user goes by the entry of another server, while the client waits. */
START_TEST(a_taker_whose_user_goes_is_a_user_of_its_own)
{
	struct rig r;
	char text[200];

	init(&r);
	hold_alice(&r, false);
	take(&r);
	(void)snprintf(text, sizeof(text),
	    "ENTRY 002.5 1 1700000100000 * - 1\r\n+QUIT %s :gone\r\n",
	    find(&r, "alice")->session->user->uid.s);
	rig_apply(&r, text);
	ck_assert_ptr_null(find(&r, "alice"));
	rig_hears(&r, 3, " 001 alice ");
	ck_assert_uint_eq(rig_session(&r, 3)->user->nmembers, 0);
	rig_says(&r, 3, "JOIN #c", " 353 alice = #c :bob alice\r\n");
	rig_fini(&r);
}
END_TEST

START_TEST(a_user_who_is_taken_does_not_quit)
{
	struct rig r;

	init(&r);
	hold_alice(&r, false);
	rig_advance(&r, HOLD_S * 1000 - 10);
	take(&r);
	r.ev.now = mono_add_ms(r.ev.now, 20);
	r.ev.kind = EV_TICK;
	core_step(r.core, &r.ev, &r.fx);
	ck_assert_ptr_nonnull(find(&r, "alice"));
	rig_drain(&r);
	ck_assert_ptr_null(find(&r, "alice"));
	ck_assert_ptr_nonnull(rig_session(&r, 3)->user);
	rig_fini(&r);
}
END_TEST

START_TEST(what_is_kept_has_a_bound)
{
	struct rig r;
	struct hold *h;
	unsigned n = 0;

	init(&r);
	hold_alice(&r, true);
	h = find(&r, "alice");
	do {
		rig_say(&r, 2, "PRIVMSG alice :12345678901234567890");
		n++;
		ck_assert_uint_le(h->bytes, HOLD_BYTES);
		ck_assert_uint_eq(h->bytes, r.core->holds.bytes);
	} while (strstr(rig_heard(&r, 2), "the message is lost") == NULL);
	ck_assert_uint_gt(n, 100);
	open_tls(&r, 3, true);
	rig_say(&r, 3, "NICK alice");
	rig_say(&r, 3, "USER other 0 * :A");
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 3),
	    "PRIVMSG alice :12345678901234567890"));
	ck_assert_uint_eq(r.core->holds.bytes, 0);
	rig_fini(&r);
}
END_TEST

/* There is a bound for all users together, too. */
START_TEST(all_that_is_kept_has_a_bound)
{
	const struct line l = { .body = SPAN(":a PRIVMSG alice :hi") };
	struct rig r;
	struct step st;
	struct hold *h;
	size_t bytes;

	init(&r);
	hold_alice(&r, true);
	h = find(&r, "alice");
	step_begin(&st, r.core, &r.ev, &r.fx);
	ck_assert(hold_keep(&st, h, &l));
	bytes = r.core->holds.bytes;
	r.core->holds.bytes = HOLD_BYTES_ALL - 10;
	ck_assert(!hold_keep(&st, h, &l));
	r.core->holds.bytes = bytes;
	rig_drain(&r);
	rig_fini(&r);
}
END_TEST

/* As a second restart does: each hold keeps its end. */
START_TEST(a_hold_begins_again_with_what_is_left)
{
	struct rig r;
	struct effects fx;
	struct step st;
	struct hold *h;
	struct session *s;

	init(&r);
	hold_alice(&r, false);
	rig_advance(&r, 10000);
	h = find(&r, "alice");
	s = h->session;
	ck_assert_int_eq(hold_left_ms(h, event_awake(&r.ev)),
	    HOLD_S * 1000 - 10000);
	hold_end(r.core, s);
	effects_init(&fx);
	step_begin(&st, r.core, &r.ev, &fx);
	hold_begin(&st, s, HOLD_S * 1000 - 10000);
	effects_fini(&fx);
	r.deadline = r.ev.now;
	rig_advance(&r, HOLD_S * 1000 - 10000 - 1);
	ck_assert_ptr_nonnull(find(&r, "alice"));
	rig_advance(&r, 1);
	ck_assert_ptr_null(find(&r, "alice"));
	rig_fini(&r);
}
END_TEST

/* So much needs a proof that no entry can give it away: the nick alone is free.
 */
START_TEST(a_user_on_very_many_channels_needs_a_proof)
{
	struct rig r;
	char text[200];

	init(&r);
	hold_alice(&r, false);
	for (unsigned i = 1; i <= 300; i++) {
		(void)snprintf(text, sizeof(text),
		    "ENTRY 002.5 %u 17000001%05u * - 2\r\n"
		    "+CHAN #x%u,%u.002\r\n+JOIN #x%u,%u.002 %s\r\n",
		    i, i, i, i, i, i, find(&r, "alice")->session->user->uid.s);
		rig_apply(&r, text);
	}
	open_tls(&r, 3, false);
	rig_say(&r, 3, "NICK alice");
	rig_say(&r, 3, "USER u 0 * :A");
	rig_hears(&r, 3, " 001 alice ");
	ck_assert_str_eq(rig_heard(&r, 2),
	    ":alice!u@127.0.0.1 QUIT :Came back after a restart\r\n");
	ck_assert_uint_eq(rig_session(&r, 3)->user->nmembers, 0);
	rig_fini(&r);
}
END_TEST

/* More bans than are looked at: none of them matches, but nobody can know. */
START_TEST(a_channel_with_very_many_bans_needs_a_proof)
{
	struct rig r;
	struct span cinc;
	char text[200];

	init(&r);
	hold_alice(&r, false);
	for (unsigned i = 1; i <= 1000 + (unsigned)_i; i++) {
		cinc = rig_cinc(&r, "#c");
		(void)snprintf(text, sizeof(text),
		    "ENTRY 002.5 %u 17000001%05u * - 1\r\n"
		    "+LADD #c,%.*s ban 002 0 :m%u!*@* 002\r\n",
		    i, i, (int)cinc.n, cinc.p, i);
		rig_apply(&r, text);
		(void)rig_heard(&r, 2);
	}
	open_tls(&r, 3, false);
	rig_say(&r, 3, "NICK alice");
	rig_say(&r, 3, "USER u 0 * :A");
	ck_assert_str_eq(rig_heard(&r, 2),
	    _i == 0 ? ":irc.test MODE #c -o alice\r\n"
		    : ":alice!u@127.0.0.1 PART #c :Came back without a "
		      "certificate\r\n");
	rig_fini(&r);
}
END_TEST

Suite *
held_suite(void)
{
	Suite *s = suite_create("held");
	TCase *t = unit_case("all");

	tcase_add_test(t, a_taker_is_welcomed_when_its_entry_is_applied);
	tcase_add_test(t, a_taker_that_goes_leaves_the_user_held);
	tcase_add_test(t, a_taker_that_goes_too_late_ends_the_hold);
	tcase_add_test(t, a_taker_whose_user_goes_is_a_user_of_its_own);
	tcase_add_test(t, a_user_who_is_taken_does_not_quit);
	tcase_add_test(t, what_is_kept_has_a_bound);
	tcase_add_test(t, all_that_is_kept_has_a_bound);
	tcase_add_test(t, a_hold_begins_again_with_what_is_left);
	tcase_add_test(t, a_user_on_very_many_channels_needs_a_proof);
	tcase_add_loop_test(t, a_channel_with_very_many_bans_needs_a_proof, 0,
	    2);
	suite_add_tcase(s, t);
	return s;
}
