/*
 * A linked server can make any number of some things, one entry each. How many
 * things are looked at one by one (facts->visits) grows with that number, not
 * with its square.
 */
#include <stdio.h>
#include <string.h>

#include "core/facts/claim.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/membership.h"
#include "core/facts/shown_list.h"
#include "core/facts/thin.h"
#include "core/state.h"
#include "core/types/cost.h"
#include "lib/modules.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define MANY 2000u
#define SOME 300u /* where core_check() of each step takes long */

/* Return a stamp that is later than all that the server has seen. */
static intmax_t
next_stamp(const struct rig *r)
{
	return r->core->last_stamp.ms + 1;
}

/* Apply an entry of server 2BB, run 7. */
static void
foreign(struct rig *r, unsigned n, unsigned parts, const char *text)
{
	static char all[2048];

	snprintf(all, sizeof(all), "ENTRY 2BB.7 %u %jd * - %u\r\n%s", n,
	    next_stamp(r), parts, text);
	rig_apply(r, all);
}

/* Server 2BB with the user ann on #c; this server has those rows. Return the
 * number of the last entry of 2BB. */
static unsigned
begin_rows(struct rig *r, const struct rows *const *rows, size_t nrows)
{
	rig_init_rows(r, "1AA", rows, nrows);
	rig_register(r, 1, "alice");
	foreign(r, 1, 1, "+READY 2BB 7 b.test :b\r\n");
	foreign(r, 2, 2,
	    "+USER 2BBAAAAAA ann ann b.test 192.0.2.1 192.0.2.1 :Ann\r\n"
	    "+NICK 2BBAAAAAA ann 1 1000\r\n");
	foreign(r, 3, 2, "+CHAN #c,1.2BB\r\n+JOIN #c,1.2BB 2BBAAAAAA\r\n");
	rig_overlay(r, &(struct origin){ { "2BB" }, 7 }, 1);
	r->core->facts.visits = 0;
	return 3;
}

static unsigned
begin(struct rig *r)
{
	return begin_rows(r, NULL, 0);
}

START_TEST(one_user_in_many_channels)
{
	struct rig r;
	char text[128];
	unsigned n = begin(&r);
	const struct user *u;
	const struct chan *c;
	size_t visits = 0;

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text),
		    "+CHAN #c%u,1.2BB\r\n+JOIN #c%u,1.2BB 2BBAAAAAA\r\n", i, i);
		foreign(&r, ++n, 2, text);
	}
	u = facts_find_nick(&r.core->facts, SPAN("ann"));
	for (size_t i = 0; (c = map_next(&r.core->facts.chans, &i)) != NULL;)
		ck_assert(membership_find(c, u, &visits)->chan == c);
	ck_assert_uint_le(visits, MANY + 1);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "+PART #c%u,1.2BB 2BB.7.%u.1\r\n",
		    i, i + 4);
		foreign(&r, ++n, 1, text);
	}
	ck_assert(u->many);
	foreign(&r, ++n, 2, "+CHAN #d,1.2BB\r\n+JOIN #d,1.2BB 2BBAAAAAA\r\n");
	ck_assert(!u->many);
	visits = 0;
	c = facts_find_chan(&r.core->facts, SPAN("#c"));
	ck_assert(membership_find(c, u, &visits)->chan == c);
	ck_assert_uint_eq(visits, 1);
	rig_fini(&r);
}
END_TEST

START_TEST(many_users_claim_one_nick)
{
	struct rig r;
	char text[256];
	unsigned n = begin(&r);
	const struct nick *nick;

	/* each claim is older than those before */
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text),
		    "+USER 2BBB%05u x u b.test h h :r\r\n"
		    "+NICK 2BBB%05u same 1 %u\r\n",
		    i, i, 900000 - i);
		foreign(&r, ++n, 2, text);
	}
	ck_assert_uint_le(r.core->facts.visits, 6 * MANY);
	nick = chains_find(&r.core->facts.nicks, SPAN("same"));
	ck_assert_uint_eq(nick_nclaims(nick), MANY);
	snprintf(text, sizeof(text), "2BBB%05u", MANY - 1);
	ck_assert(span_eq(uid_span(&nick_holder(nick)->uid), span_of(text)));
	ck_assert_ptr_eq(nick_shown_by(nick), nick_holder(nick));
	rig_fini(&r);
}
END_TEST

/* All members of a ring of nicks move on by one in one entry: each waits for
 * the next. */
START_TEST(nicks_go_round)
{
	enum { RING = 100 };
	static char text[RING * 64];
	struct rig r;
	unsigned n = begin(&r);
	size_t used = 0;

	for (unsigned i = 0; i < RING; i++) {
		char one[256];

		snprintf(one, sizeof(one),
		    "+USER 2BBB%05u x u b.test h h :r\r\n"
		    "+NICK 2BBB%05u n%u 1 1000\r\n",
		    i, i, i);
		foreign(&r, ++n, 2, one);
	}
	r.core->facts.visits = 0;
	n++;
	used = (size_t)snprintf(text, sizeof(text),
	    "ENTRY 2BB.7 %u %jd * - %u\r\n", n, next_stamp(&r), RING);
	for (unsigned i = 0; i < RING; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "+NICK 2BBB%05u n%u 1 2000\r\n", i, (i + 1) % RING);
	rig_apply(&r, text);
	for (unsigned i = 0; i < RING; i++) {
		const struct user *u;

		snprintf(text, sizeof(text), "n%u", (i + 1) % RING);
		u = facts_find_nick(&r.core->facts, span_of(text));
		snprintf(text, sizeof(text), "2BBB%05u", i);
		ck_assert_ptr_nonnull(u);
		ck_assert(span_eq(uid_span(&u->uid), span_of(text)));
	}
	ck_assert_uint_le(r.core->facts.visits, 6 * RING);
	rig_fini(&r);
}
END_TEST

START_TEST(many_masks_before_one_more)
{
	struct rig r;
	char text[256];
	unsigned n = begin(&r);
	const struct chan *c;

	/* nobody is on the channel whose list grows */
	foreign(&r, ++n, 1, "+CHAN #d,1.2BB\r\n");
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text),
		    "+LADD #d,1.2BB ban 2BB 0 :*!*@h%u x\r\n", i);
		foreign(&r, ++n, 1, text);
	}
	foreign(&r, ++n, 1, "+JOIN #d,1.2BB 2BBAAAAAA\r\n");
	while (rig_tick(&r))
		;
	foreign(&r, ++n, 1, "+LADD #d,1.2BB ban 2BB 0 :*!*@last x\r\n");
	foreign(&r, ++n, 1, "+LADD #d,1.2BB ban 2BB 0 :*!*@h7 y\r\n");
	ck_assert_uint_le(r.core->facts.visits, 16 * MANY);
	c = facts_find_chan(&r.core->facts, SPAN("#d"));
	ck_assert_uint_eq(shown_count(c, CM_BAN), MANY + 1);
	snprintf(text, sizeof(text), "+LDEL #d,1.2BB 2BB 2BB.7.%u.0\r\n", n);
	foreign(&r, ++n, 1, text);
	ck_assert_uint_eq(shown_count(c, CM_BAN), MANY + 1);
	snprintf(text, sizeof(text),
	    "+LDEL #d,1.2BB 2BB 2BB.7.12.0 2BB.7.13.0 2BB.7.13.0\r\n");
	foreign(&r, ++n, 1, text);
	ck_assert_uint_eq(shown_count(c, CM_BAN), MANY - 1);
	rig_fini(&r);
}
END_TEST

/* Clients are told of each mask when it comes or goes. No change looks at the
 * masks that stay. */
START_TEST(a_shown_list_changes_one_by_one)
{
	struct rig r;
	char text[256];
	unsigned n = begin(&r), first;
	const struct chan *c = facts_find_chan(&r.core->facts, SPAN("#c"));
	const struct shown_mask *m;

	first = n + 1;
	for (unsigned i = 0; i < SOME; i++) {
		snprintf(text, sizeof(text),
		    "+LADD #c,1.2BB ban 2BB 0 :*!*@h%u x\r\n", i);
		foreign(&r, ++n, 1, text);
	}
	ck_assert_uint_eq(shown_count(c, CM_BAN), SOME);
	ck_assert_uint_eq(r.core->facts.visits, SOME);
	/* one that looks like the first one, and expires */
	foreign(&r, ++n, 1, "+LADD #c,1.2BB ban 2BB 5000000 :*!*@h0 z\r\n");
	ck_assert_uint_eq(shown_count_ending(c, CM_BAN), 0);
	for (unsigned i = 0; i < SOME; i++) {
		snprintf(text, sizeof(text),
		    "+LDEL #c,1.2BB 2BB 2BB.7.%u.0\r\n", first + i);
		foreign(&r, ++n, 1, text);
	}
	ck_assert_uint_eq(r.core->facts.visits, 2 * SOME + 1);
	ck_assert_uint_eq(shown_count(c, CM_BAN), 1);
	m = shown_first(c, CM_BAN);
	ck_assert(span_eq(rcbuf_span(m->text), SPAN("*!*@h0 z")));
	ck_assert_int_eq(m->expiry.ms, 5000000);
	ck_assert_uint_eq(shown_count_ending(c, CM_BAN), 1);
	rig_fini(&r);
}
END_TEST

/* The dots of another channel's masks and invitations remove nothing. */
START_TEST(a_removal_is_of_its_own_channel)
{
	struct rig r;
	unsigned n = begin(&r);
	const struct founding *g;

	foreign(&r, ++n, 1, "+CHAN #d,1.2BB\r\n");
	foreign(&r, ++n, 3,
	    "+LADD #d,1.2BB ban 2BB 0 :*!*@x y\r\n"
	    "+INVITE #d,1.2BB 2BBAAAAAA 2BB 0\r\n"
	    "+INVITE #d,1.2BB 2BBAAAAAA 2BB 0\r\n");
	foreign(&r, ++n, 1, "+LDEL #c,1.2BB 2BB 2BB.7.5.0 2BB.7.5.1\r\n");
	g = founding_first(facts_find_chan(&r.core->facts, SPAN("#d")));
	ck_assert_uint_eq(map_count(&r.core->facts.masks), 1);
	ck_assert_uint_eq(map_count(&r.core->facts.invites), 2);
	foreign(&r, ++n, 1, "+LDEL #d,1.2BB 2BB 2BB.7.5.0 2BB.7.5.1\r\n");
	ck_assert_ptr_null(mask_first(g));
	ck_assert_uint_eq(map_count(&r.core->facts.masks), 0);
	ck_assert_uint_eq(map_count(&r.core->facts.invites), 1);
	rig_fini(&r);
}
END_TEST

static void
count_fact(void *ctx, const struct snap_item *item)
{
	(void)item;
	++*(size_t *)ctx;
}

/* Make a snapshot of at least that many facts: no turn gives more of them than
 * its units allow. */
static void
dump_in_slices(struct rig *r, size_t least)
{
	size_t facts = 0, before = 0, turns = 0;

	r->no_ticks = true;
	r->settings.turn_work = 8000;
	core_walk_begin(r->core, count_fact, &facts);
	rig_advance(r, 1);
	for (; !core_walk_is_done(r->core); turns++) {
		(void)rig_tick(r);
		ck_assert_uint_le(facts - before, 8000 / COST_VISIT);
		before = facts;
	}
	ck_assert_uint_ge(facts, least);
	ck_assert_uint_ge(turns, least / (8000 / COST_VISIT));
}

/* A snapshot of a channel with very many masks and invitations is cut in
 * slices. */
START_TEST(very_many_masks_are_dumped_in_slices)
{
	struct rig r;
	char text[128];
	unsigned n = begin(&r);

	foreign(&r, ++n, 1, "+CHAN #d,1.2BB\r\n");
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text),
		    "+LADD #d,1.2BB ban 2BB 0 :*!*@h%u x\r\n"
		    "+INVITE #d,1.2BB 2BBAAAAAA 2BB 0\r\n",
		    i);
		foreign(&r, ++n, 2, text);
	}
	dump_in_slices(&r, 2 * MANY);
	rig_fini(&r);
}
END_TEST

/* The same with very many incarnations of one name. */
START_TEST(very_many_incarnations_are_dumped_in_slices)
{
	struct rig r;
	char text[128];
	unsigned n = begin(&r);

	for (unsigned i = 1; i <= MANY; i++) {
		snprintf(text, sizeof(text), "+CHAN #d,%u.2BB\r\n", i);
		foreign(&r, ++n, 1, text);
	}
	dump_in_slices(&r, MANY);
	rig_fini(&r);
}
END_TEST

/* A membership has very many statuses of later versions. A write that looks for
 * one of them is charged for that, and seldom moves them. */
START_TEST(a_membership_with_very_many_statuses)
{
	struct rig r;
	char text[128];
	unsigned n = begin(&r), moves = 0;
	const struct member *m = NULL;
	const struct member_more *at = NULL;
	int64_t left;

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text),
		    "+STAT #c,1.2BB 2BB.7.3.1 s%u on 2BB\r\n", i);
		foreign(&r, ++n, 1, text);
		m = chains_find(&r.core->facts.members,
		    dot_span(&(struct dot){
			.o = { { "2BB" }, 7 }, .n = 3, .part = 1 }));
		moves += m->more != at;
		at = m->more;
	}
	ck_assert_uint_eq(m->more->nstat, MANY);
	ck_assert_uint_le(moves, 16);
	r.no_ticks = true;
	left = r.core->work.left;
	foreign(&r, ++n, 1, "+STAT #c,1.2BB 2BB.7.3.1 s7 off 2BB\r\n");
	ck_assert_int_ge(left - r.core->work.left, MANY * COST_MEMBERSHIP);
	rig_fini(&r);
}
END_TEST

/* ---- invitations -------------------------------------------------------- */

/* Let a server invite alice to MANY channels, and often to #c. */
static unsigned
invite(struct rig *r, unsigned n, struct uid uid)
{
	char text[128];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text),
		    "+CHAN #i%u,1.2BB\r\n+INVITE #i%u,1.2BB %s 2BB %u\r\n", i,
		    i, uid.s, i % 2);
		foreign(r, ++n, 2, text);
		snprintf(text, sizeof(text), "+INVITE #c,1.2BB %s 2BB %s\r\n",
		    uid.s, i == MANY / 2 ? "4000000000000" : "1");
		foreign(r, ++n, 1, text);
	}
	return n;
}

/* A user has very many invitations. The one into a channel that holds longest
 * is found without a look at the others. */
START_TEST(a_user_with_very_many_invitations)
{
	struct rig r;
	unsigned n = begin(&r);
	const struct user *u = facts_find_nick(&r.core->facts, SPAN("alice"));
	int64_t left;

	n = invite(&r, n, u->uid);
	foreign(&r, ++n, 1, "+CSET #c,1.2BB mode/invite-only 2BB :1\r\n");
	ck_assert_uint_eq(map_count(&r.core->facts.invites), 2 * MANY);
	r.no_ticks = true;
	rig_advance(&r, 1);
	(void)rig_tick(&r);
	left = r.core->work.left;
	rig_says(&r, 1, "JOIN #c", " JOIN #c");
	ck_assert_int_le(left - r.core->work.left, 20000);
	/* as many of them are used up as one part can name */
	ck_assert_uint_eq(map_count(&r.core->facts.invites), 2 * MANY - 128);
	rig_fini(&r);
}
END_TEST

/* Let server 2BB invite alice to #c AT_ONCE times in one entry. Return what the
 * entry costs. */
#define AT_ONCE 100u

static int64_t
cost_of_invites(struct rig *r, unsigned n, struct uid uid)
{
	static char text[AT_ONCE * 64];
	int64_t left;
	size_t k;

	k = (size_t)snprintf(text, sizeof(text),
	    "ENTRY 2BB.7 %u %jd * 2BBAAAAAA.1,0,%u,1 %u\r\n", n, next_stamp(r),
	    n, AT_ONCE);
	for (unsigned i = 0; i < AT_ONCE; i++)
		k += (size_t)snprintf(text + k, sizeof(text) - k,
		    "+INVITE #c,1.2BB %s 2BB 0\r\n", uid.s);
	rig_advance(r, 1);
	(void)rig_tick(r);
	left = r->core->work.left;
	rig_apply(r, text);
	return left - r->core->work.left;
}

/* An invitation costs a look at each local member, even if no member is told of
 * it. */
START_TEST(many_invitations_into_a_large_channel)
{
	enum { MEMBERS = 20 };
	struct rig r;
	unsigned n = begin(&r);
	struct uid uid = facts_find_nick(&r.core->facts, SPAN("alice"))->uid;
	int64_t alone;
	char nick[16];

	r.no_ticks = true;
	alone = cost_of_invites(&r, ++n, uid);
	for (unsigned i = 2; i < 2 + MEMBERS; i++) {
		snprintf(nick, sizeof(nick), "bob%u", i);
		rig_register(&r, i, nick);
		rig_says(&r, i, "JOIN #c", " JOIN #c");
	}
	foreign(&r, ++n, 1, "+CSET #c,1.2BB mode/invite-only 2BB :1\r\n");
	ck_assert_int_ge(cost_of_invites(&r, ++n, uid) - alone,
	    (int64_t)AT_ONCE * MEMBERS * COST_MORE);
	rig_fini(&r);
}
END_TEST

/* The home of a user who refuses invitations takes back those of the entry, one
 * by each message, and none of very many that were there. */
START_TEST(refused_invitations_beside_very_many)
{
	enum { PAIRS = 10 };
	const struct rows *rows[] = { modules_find(SPAN("regonly"))->rows };
	struct rig r;
	unsigned n = begin_rows(&r, rows, 1);
	struct uid uid = facts_find_nick(&r.core->facts, SPAN("alice"))->uid;
	char text[128], pairs[PAIRS * sizeof(text)];
	uint64_t made;
	size_t k = 0;

	for (unsigned i = 0; i < SOME; i++) {
		snprintf(text, sizeof(text),
		    "+INVITE #c,1.2BB %s 2BBAAAAAA 0\r\n", uid.s);
		foreign(&r, ++n, 1, text);
	}
	rig_says(&r, 1, "MODE alice +R", " MODE alice +R");
	for (unsigned i = 0; i < PAIRS; i++)
		k += (size_t)snprintf(pairs + k, sizeof(pairs) - k,
		    "+INVITE #c,1.2BB %s 2BBAAAAAA 0\r\n"
		    "+SAY INVITE 2BBAAAAAA %s * :#c\r\n",
		    uid.s, uid.s);
	made = r.core->last_n;
	foreign(&r, ++n, 2 * PAIRS, pairs);
	/* a note and a removal for each */
	ck_assert_uint_eq(r.core->last_n - made, 2 * PAIRS);
	ck_assert_uint_eq(map_count(&r.core->facts.invites), SOME);
	rig_fini(&r);
}
END_TEST

/* ---- clients on the channels of one user -------------------------------- */

#define PEERS 20
#define LOTS 300u /* channels */

/* Let ann and PEERS clients be on LOTS channels, and client PEERS + 2 on
 * another one. Return the number of the last entry of server 2BB. */
static unsigned
crowd(struct rig *r)
{
	char line[512];
	unsigned n = begin(r);
	size_t k;

	r->class.channels = r->class.flood_burst = 0;
	for (unsigned i = 2; i <= PEERS + 2; i++) {
		snprintf(line, sizeof(line), "bob%u", i);
		rig_register(r, i, line);
		rig_says(r, i, "CAP REQ :away-notify", " ACK ");
	}
	for (unsigned i = 0; i < LOTS; i++) {
		snprintf(line, sizeof(line),
		    "+CHAN #c%u,1.2BB\r\n+JOIN #c%u,1.2BB 2BBAAAAAA\r\n", i, i);
		foreign(r, ++n, 2, line);
	}
	rig_say(r, PEERS + 2, "JOIN #other");
	for (unsigned i = 2; i < PEERS + 2; i++)
		for (unsigned c = 0; c < LOTS;) {
			k = (size_t)snprintf(line, sizeof(line), "JOIN #other");
			for (unsigned l = 0; l < 60 && c < LOTS; l++)
				k += (size_t)snprintf(line + k,
				    sizeof(line) - k, ",#c%u", c++);
			rig_say(r, i, line);
			while (r->drain[i])
				rig_read(r, i);
		}
	for (unsigned i = 1; i <= PEERS + 2; i++)
		(void)rig_heard(r, i);
	return n;
}

/* Ann takes another nick, is away, and claims the nick of somebody else. Each
 * client is told once, and the members of all channels are not looked at for
 * that. */
START_TEST(a_user_on_large_channels_changes)
{
	static const struct {
		const char *part, *told;
	} x[] = {
		{ "+NICK 2BBAAAAAA eve 1 2000\r\n", " NICK :eve\r\n" },
		{ "+SET 2BBAAAAAA away 2BBAAAAAA :gone\r\n",
		    " AWAY :gone\r\n" },
		{ "+NICK 2BBAAAAAA bob2 1 3000000000000\r\n",
		    " NICK :2BBAAAAAA\r\n" },
	};
	struct rig r;
	unsigned n = crowd(&r);
	uint64_t before;

	for (size_t k = 0; k < sizeof(x) / sizeof(x[0]); k++) {
		before = r.core->audience.visits;
		foreign(&r, ++n, 1, x[k].part);
		ck_assert_uint_le(r.core->audience.visits - before, 2000);
		for (unsigned i = 2; i < PEERS + 2; i++)
			ck_assert_uint_eq(text_count(rig_heard(&r, i),
					      x[k].told),
			    1);
		ck_assert_str_eq(rig_heard(&r, PEERS + 2), "");
	}
	rig_says(&r, 2, "NAMES #c7", " = #c7 :2BBAAAAAA bob2 bob3 ");
	rig_fini(&r);
}
END_TEST

#define TOLD_MAX (THIN_MAX * COST_VISIT / COST_SEND) /* lines of a slice */

/* Ann quits. She is seen to leave some channels before that, in slices that are
 * as small as the channels are large. */
START_TEST(a_user_on_large_channels_quits)
{
	struct rig r;
	char text[256];
	unsigned n = crowd(&r) + 1, slices = 0;
	const char *why;
	struct entry *e;
	bool done;

	snprintf(text, sizeof(text),
	    "ENTRY 2BB.7 %u %jd * - 1\r\n+QUIT 2BBAAAAAA :bye\r\n", n,
	    next_stamp(&r));
	e = entry_from_text(span_of(text), &why);
	r.no_ticks = true;
	do {
		r.queued = 0;
		r.core->work.left = 0;
		done = core_apply(r.core, &r.ev, e, false, &r.fx);
		rig_drain(&r);
		ck_assert_uint_le(r.queued, TOLD_MAX + 2 * PEERS);
		slices++;
	} while (!done);
	entry_unref(e);
	ck_assert_uint_ge(slices, 3);
	for (unsigned i = 2; i < PEERS + 2; i++) {
		why = rig_heard(&r, i);
		ck_assert_uint_eq(text_count(why, " QUIT :bye\r\n"), 1);
		ck_assert_uint_ge(text_count(why, " PART #"), LOTS - 256);
		ck_assert_ptr_null(strstr(strstr(why, " QUIT "), " PART "));
	}
	rig_fini(&r);
}
END_TEST

Suite *
many_suite(void)
{
	Suite *s = suite_create("many");
	TCase *t = unit_case("all");

	tcase_add_test(t, one_user_in_many_channels);
	tcase_add_test(t, many_users_claim_one_nick);
	tcase_add_test(t, nicks_go_round);
	tcase_add_test(t, many_masks_before_one_more);
	tcase_add_test(t, a_shown_list_changes_one_by_one);
	tcase_add_test(t, a_removal_is_of_its_own_channel);
	tcase_add_test(t, very_many_masks_are_dumped_in_slices);
	tcase_add_test(t, very_many_incarnations_are_dumped_in_slices);
	tcase_add_test(t, a_membership_with_very_many_statuses);
	tcase_add_test(t, a_user_with_very_many_invitations);
	tcase_add_test(t, many_invitations_into_a_large_channel);
	tcase_add_test(t, refused_invitations_beside_very_many);
	tcase_add_test(t, a_user_on_large_channels_changes);
	tcase_add_test(t, a_user_on_large_channels_quits);
	suite_add_tcase(s, t);
	return s;
}
