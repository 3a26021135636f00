/*
 * A server meets an older claim of a nick and an older channel of the same name
 * (doc/link-protocol.md, 9.7 to 9.10): the lists of losers (core/show/losers.h)
 * until that is settled, and the entries that settle it.
 *
 * Server 002 has an older ann and an older #c; it is hidden until it is shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/facts/claim.h"
#include "core/facts/founding.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define OLDER                                                           \
	"+READY 002 5 two.test :two\r\n"                                \
	"+USER 002AAAAAA ann ann two.test 192.0.2.2 192.0.2.2 :Ann\r\n" \
	"+NICK 002AAAAAA ann 1 1000\r\n"                                \
	"+CHAN #c,1000.002\r\n"                                         \
	"+JOIN #c,1000.002 002AAAAAA\r\n"
#define FAR "140737488355327" /* a stamp that no clock follows: 2^47 - 1 */
#define CROWD 1100	      /* more than fit one entry */

static void
expect_right(struct rig *r)
{
	const char *why = core_check(r->core, r->arena);

	ck_assert_msg(why == NULL, "%s", why);
}

static void
apply(struct rig *r, struct entry *e)
{
	core_observe(r->core, e->stamp);
	core_apply_whole(r->core, &r->ev, e, false, &r->fx);
	entry_unref(e);
	effects_clear(&r->fx);
	expect_right(r);
}

/* An entry of server 002, applied; what this server makes then is not. */
static void
say(struct rig *r, unsigned n, const char *stamp, unsigned parts,
    const char *lines)
{
	static char text[8192];
	const char *why;
	struct entry *e;

	snprintf(text, sizeof(text), "ENTRY 002.5 %u %s * - %u\r\n%s", n, stamp,
	    parts, lines);
	e = entry_from_text(span_of(text), &why);
	ck_assert_msg(e != NULL, "%s", text);
	apply(r, e);
}

/* Server 002 is shown, or hidden. */
static void
see(struct rig *r, bool shown)
{
	struct server_view v = {
		.visible = shown ? 5 : 0, .reachable = shown, .hops = 1
	};
	struct overlay_view view = { .v = &v, .n = 1 };

	ck_assert(sid_parse(SPAN("002"), &v.sid));
	v.uplink = r->core->self.sid;
	rig_advance(r, 0); /* a new turn */
	core_overlay(r->core, &r->ev, &view, &r->fx);
	effects_clear(&r->fx);
	expect_right(r);
}

/* Take the next entry that this server has made, or NULL; do not apply it. */
static struct entry *
made(struct rig *r)
{
	struct out out;

	return core_out(r->core, &out) ? out.entry : NULL;
}

/* Count its parts of that kind. */
static size_t
parts_of(struct rig *r, const struct entry *e, enum part_id id)
{
	struct part *p = entry_parts(e, r->arena);
	size_t n = 0;

	for (size_t i = 0; i < e->nparts; i++)
		n += p[i].id == id;
	return n;
}

static void
expect_losers(const struct rig *r, unsigned users, unsigned chans)
{
	ck_assert_uint_eq(r->core->losers.nuser, users);
	ck_assert_uint_eq(r->core->losers.nchan, chans);
}

/* ann and bob are here, in #c and in #d. */
static void
begin(struct rig *r)
{
	rig_init(r);
	rig_register(r, 1, "ann");
	rig_register(r, 2, "bob");
	rig_say(r, 1, "JOIN #c,#d");
	rig_say(r, 2, "JOIN #c,#d");
	say(r, 1, "2000", 5, OLDER);
	expect_losers(r, 0, 0);
}

START_TEST(losers_are_known_until_they_are_settled)
{
	struct rig r;
	struct entry *e;

	begin(&r);
	see(&r, true);
	expect_losers(&r, 1, 1);
	e = made(&r);
	ck_assert_uint_eq(e->nparts, 1);
	ck_assert_uint_eq(parts_of(&r, e, PART_NICK), 1);
	ck_assert_ptr_null(made(&r));
	apply(&r, e);
	expect_losers(&r, 0, 1);
	e = made(&r);
	ck_assert_uint_eq(e->nparts, 2);
	ck_assert_uint_eq(parts_of(&r, e, PART_MOVE), 2);
	ck_assert_ptr_null(made(&r));
	apply(&r, e);
	expect_losers(&r, 0, 0);
	ck_assert_ptr_null(made(&r));
	rig_fini(&r);
}
END_TEST

START_TEST(who_is_current_again_is_no_loser)
{
	struct rig r;
	struct entry *e;

	begin(&r);
	see(&r, true);
	e = made(&r);
	see(&r, false);
	expect_losers(&r, 0, 0);
	see(&r, true);
	expect_losers(&r, 1, 1);
	say(&r, 2, "2001", 1, "+QUIT 002AAAAAA :bye\r\n");
	expect_losers(&r, 0, 0);
	apply(&r, e); /* made before: ann has no claim to lose any more */
	ck_assert_ptr_null(made(&r));
	rig_fini(&r);
}
END_TEST

/* Each way to stop being a loser without being settled. */
START_TEST(who_goes_is_no_loser)
{
	struct rig r;
	struct entry *e;

	begin(&r);
	see(&r, true);
	e = made(&r);
	expect_losers(&r, 1, 1);
	r.ev.kind = EV_LINE;
	r.ev.conn = (struct conn_id){ 2, 1 };
	r.ev.u.line.line = SPAN("PART #c");
	r.ev.u.line.too_long = false;
	core_step(r.core, &r.ev, &r.fx);
	effects_clear(&r.fx);
	expect_losers(&r, 1, 1); /* ann is still in #c */
	r.ev.kind = EV_CONN_CLOSED;
	r.ev.conn = (struct conn_id){ 1, 1 };
	r.ev.u.closed.reason = SPAN("gone");
	core_step(r.core, &r.ev, &r.fx);
	effects_clear(&r.fx);
	apply(&r, e);
	expect_losers(&r, 0, 1);
	apply(&r, made(&r)); /* PART */
	expect_losers(&r, 0, 1);
	apply(&r, made(&r)); /* QUIT */
	expect_losers(&r, 0, 0);
	ck_assert_ptr_null(made(&r));
	rig_fini(&r);
}
END_TEST

START_TEST(a_core_ends_with_losers)
{
	struct rig r;

	begin(&r);
	see(&r, true);
	expect_losers(&r, 1, 1);
	rig_fini(&r);
}
END_TEST

START_TEST(no_stamp_is_taken_for_nothing)
{
	struct rig r;
	struct stamp before;
	uint64_t n;

	begin(&r);
	r.ev.wall.ms -= 1000; /* so that each stamp raises the clock by 1 */
	before = core_clock(r.core);
	n = r.core->last_n;
	see(&r, true);
	rig_drain(&r);
	expect_losers(&r, 0, 0);
	ck_assert_int_eq(core_clock(r.core).ms,
	    before.ms + (int64_t)(r.core->last_n - n));
	ck_assert_uint_eq(r.core->last_n - n, 2);
	rig_fini(&r);
}
END_TEST

/* A stamp that no clock follows is later than all that this server can write.
 * Each of the three was tried again and again within one step. */
START_TEST(a_claim_of_the_far_future_is_left)
{
	struct rig r;
	char line[128];

	begin(&r);
	see(&r, true);
	rig_drain(&r);
	snprintf(line, sizeof(line), "+NICK %s ann 1 3000\r\n",
	    rig_session(&r, 2)->user->uid.s);
	say(&r, 2, FAR, 1, line);
	ck_assert(span_eq(user_nick(rig_session(&r, 2)->user),
	    uid_span(&rig_session(&r, 2)->user->uid)));
	expect_losers(&r, 0, 0);
	rig_drain(&r);
	rig_fini(&r);
}
END_TEST

START_TEST(a_move_of_the_far_future_is_left)
{
	struct rig r;
	const struct chan *c;
	char line[128];

	begin(&r);
	c = facts_find_chan(&r.core->facts, SPAN("#d"));
	snprintf(line, sizeof(line), "+MOVE #d,3.002 1AA.5.%ju.%u\r\n",
	    (uintmax_t)TAILQ_FIRST(&c->members)->dot.n,
	    TAILQ_FIRST(&c->members)->dot.part);
	say(&r, 2, FAR, 1, line);
	expect_losers(&r, 0, 0);
	rig_drain(&r);
	rig_fini(&r);
}
END_TEST

/* A user of another server that claims the uid as nick, and before: such a
 * claim is one of that user's own uid (link-protocol.md, 11.20). */
START_TEST(who_claims_its_uid_has_nothing_to_lose)
{
	struct rig r;
	const char *bob;
	char line[128];

	begin(&r);
	see(&r, true);
	rig_drain(&r);
	bob = rig_session(&r, 2)->user->uid.s;
	snprintf(line, sizeof(line), "+NICK 002AAAAAA %s 1 1\r\n", bob);
	say(&r, 2, "2001", 1, line);
	snprintf(line, sizeof(line), "+NICK %s %s 1 5\r\n", bob, bob);
	say(&r, 3, "1900000000000", 1, line);
	ck_assert_ptr_eq(nick_holder(rig_session(&r, 2)->user->claimed),
	    rig_session(&r, 2)->user);
	expect_losers(&r, 0, 0);
	rig_drain(&r);
	rig_fini(&r);
}
END_TEST

/* ---- a crowd ------------------------------------------------------------- */

/* An entry of this server, as if it had made it: sessions are not needed. */
static void
make(struct rig *r, const char *lines, unsigned parts)
{
	struct core *c = r->core;
	size_t max = strlen(lines) + 128;
	char *text = malloc(max);
	const char *why;
	struct entry *e;

	c->last_stamp = core_stamp(c, r->ev.wall);
	snprintf(text, max, "ENTRY 1AA.5 %ju %jd * - %u\r\n%s",
	    (uintmax_t)++c->last_n, (intmax_t)c->last_stamp.ms, parts, lines);
	e = entry_from_text(span_of(text), &why);
	ck_assert_msg(e != NULL, "%.200s", text);
	free(text);
	apply(r, e);
}

/* CROWD users of this server: zed0 and so on, in #big from 1500 on. */
static void
crowd(struct rig *r)
{
	char lines[1024];

	rig_init(r);
	make(r, "+CHAN #big,1500.1AA\r\n", 1);
	for (unsigned i = 0; i < CROWD; i++) {
		snprintf(lines, sizeof(lines),
		    "+USER 1AAB%05u zed%u z irc.test 192.0.2.1 192.0.2.1 :Z\r\n"
		    "+NICK 1AAB%05u zed%u 1 1500\r\n"
		    "+JOIN #big,1500.1AA 1AAB%05u\r\n",
		    i, i, i, i, i);
		make(r, lines, 3);
	}
	see(r, true);
}

/* Apply the one entry that was made; it has so many parts of two kinds. */
static void
expect_entry(struct rig *r, enum part_id first, size_t nfirst,
    enum part_id second, size_t nsecond)
{
	struct entry *e = made(r);

	ck_assert_ptr_nonnull(e);
	ck_assert_uint_le(e->nparts, ENTRY_PARTS_MAX);
	ck_assert_int_eq(entry_parts(e, r->arena)[0].id, first);
	ck_assert_uint_eq(parts_of(r, e, first), nfirst);
	ck_assert_uint_eq(parts_of(r, e, second), nsecond);
	ck_assert_ptr_null(made(r));
	apply(r, e);
}

START_TEST(a_crowd_moves_in_several_entries)
{
	struct rig r;
	uint64_t looked;

	crowd(&r);
	looked = r.core->settling.visits;
	say(&r, 1, "2000", 3,
	    "+USER 002AAAAAA old o two.test 192.0.2.2 192.0.2.2 :O\r\n"
	    "+CHAN #big,1000.002\r\n+JOIN #big,1000.002 002AAAAAA\r\n");
	expect_losers(&r, 0, 1);
	expect_entry(&r, PART_MOVE, ENTRY_PARTS_MAX, PART_NICK, 0);
	expect_losers(&r, 0, 1);
	expect_entry(&r, PART_MOVE, CROWD - ENTRY_PARTS_MAX, PART_NICK, 0);
	expect_losers(&r, 0, 0);
	/* each member once, and the channel and one member again */
	ck_assert_uint_le(r.core->settling.visits - looked, CROWD + 1 + 3);
	rig_fini(&r);
}
END_TEST

START_TEST(a_crowd_without_incarnation_founds_one)
{
	struct rig r;
	const struct chan *c;
	struct founding *g;
	char line[128];

	crowd(&r);
	c = facts_find_chan(&r.core->facts, SPAN("#big"));
	g = founding_first(c);
	snprintf(line, sizeof(line), "+UNCHAN #big,1500.1AA 1AA.5.%ju.0\r\n",
	    (uintmax_t)g->dot.n);
	say(&r, 1, "2000", 1, line);
	expect_losers(&r, 0, 1);
	expect_entry(&r, PART_CHAN, 1, PART_MOVE, ENTRY_PARTS_MAX - 1);
	expect_entry(&r, PART_MOVE, CROWD + 1 - ENTRY_PARTS_MAX, PART_CHAN, 0);
	expect_losers(&r, 0, 0);
	ck_assert_ptr_nonnull(c->current);
	rig_fini(&r);
}
END_TEST

/* The walk stopped somewhere. A member before that place loses once more, and
 * no member after it does. */
START_TEST(a_kept_walk_begins_anew)
{
	struct rig r;
	struct member *m, *next;
	char line[128];
	struct entry *e;
	unsigned n = 10;

	crowd(&r);
	say(&r, 1, "2000", 3,
	    "+USER 002AAAAAA old o two.test 192.0.2.2 192.0.2.2 :O\r\n"
	    "+CHAN #big,1000.002\r\n+JOIN #big,1000.002 002AAAAAA\r\n");
	e = made(&r);
	m = (struct member *)(uintptr_t)r.core->settling.rest.next;
	for (; m != NULL; m = next) {
		next = TAILQ_NEXT(m, chan_link);
		snprintf(line, sizeof(line), "+QUIT %s :x\r\n", m->user->uid.s);
		if (strncmp(m->user->uid.s, "1AA", 3) == 0)
			say(&r, n++, "1800000000000", 1, line);
	}
	m = TAILQ_FIRST(&facts_find_chan(&r.core->facts, SPAN("#big"))
			     ->members);
	apply(&r, e);
	expect_losers(&r, 0, 0);
	snprintf(line, sizeof(line), "+MOVE #big,1500.1AA 1AA.5.%ju.2\r\n",
	    (uintmax_t)m->dot.n);
	say(&r, n, "1900000000000", 1, line);
	expect_losers(&r, 0, 1);
	expect_entry(&r, PART_MOVE, 1, PART_NICK, 0);
	expect_losers(&r, 0, 0);
	rig_fini(&r);
}
END_TEST

/* Server 002 claims all of their nicks, longer ago. */
START_TEST(a_crowd_loses_its_nicks)
{
	struct rig r;
	char lines[256];

	crowd(&r);
	see(&r, false);
	for (unsigned i = 0; i < CROWD; i++) {
		snprintf(lines, sizeof(lines),
		    "+USER 002B%05u zed%u z two.test 192.0.2.2 192.0.2.2 :Z\r\n"
		    "+NICK 002B%05u zed%u 1 1000\r\n",
		    i, i, i, i);
		say(&r, i + 1, "2000", 2, lines);
	}
	say(&r, CROWD + 1, "2001", 1, "+READY 002 5 two.test :two\r\n");
	see(&r, true);
	expect_losers(&r, CROWD, 0);
	expect_entry(&r, PART_NICK, ENTRY_PARTS_MAX, PART_MOVE, 0);
	expect_entry(&r, PART_NICK, CROWD - ENTRY_PARTS_MAX, PART_MOVE, 0);
	expect_losers(&r, 0, 0);
	ck_assert_ptr_null(made(&r));
	rig_fini(&r);
}
END_TEST

Suite *
settle_suite(void)
{
	Suite *s = suite_create("home");
	TCase *t = unit_case("home");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, losers_are_known_until_they_are_settled);
	tcase_add_test(t, who_is_current_again_is_no_loser);
	tcase_add_test(t, who_goes_is_no_loser);
	tcase_add_test(t, a_core_ends_with_losers);
	tcase_add_test(t, no_stamp_is_taken_for_nothing);
	tcase_add_test(t, a_claim_of_the_far_future_is_left);
	tcase_add_test(t, a_move_of_the_far_future_is_left);
	tcase_add_test(t, who_claims_its_uid_has_nothing_to_lose);
	tcase_add_test(t, a_crowd_moves_in_several_entries);
	tcase_add_test(t, a_crowd_without_incarnation_founds_one);
	tcase_add_test(t, a_kept_walk_begins_anew);
	tcase_add_test(t, a_crowd_loses_its_nicks);
	return s;
}
