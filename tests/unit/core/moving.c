/*
 * Users whose home moves, as the shown state sees them: between the lists of
 * users that servers have, while their users are shown or hidden in slices
 * (core/overlay.h), and between the counts of channels.
 */
#include <stdio.h>
#include <string.h>

#include "core/overlay.h"
#include "core/state.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define CROWD 60u

/* Stamps of entries come before those of moves. */
static void
foreign(struct rig *r, const char *sid, unsigned n, unsigned parts,
    const char *text)
{
	static char all[1024];

	snprintf(all, sizeof(all), "ENTRY %s.7 %u %u * - %u\r\n%s", sid, n,
	    (span_starts(span_of(text), SPAN("+HOME")) ? 2000 : 1000) + n,
	    parts, text);
	rig_apply(r, all);
}

/* Let the map show 2BB, 3CC, both or neither. */
static void
show_servers(struct rig *r, bool b, bool c)
{
	const struct origin near[] = { { { "2BB" }, b ? 7 : 0 },
		{ { "3CC" }, c ? 7 : 0 } };

	rig_overlay(r, near, 2);
}

/* Users of 2BB, with a HOME, on a channel with alice; 3CC is there, too. */
static void
begin(struct rig *r)
{
	char text[512];

	rig_init(r);
	rig_register(r, 1, "alice");
	rig_say(r, 1, "JOIN #c");
	foreign(r, "2BB", 1, 1, "+READY 2BB 7 b.test :b\r\n");
	foreign(r, "3CC", 1, 1, "+READY 3CC 7 c.test :c\r\n");
	for (unsigned i = 0; i < CROWD; i++) {
		snprintf(text, sizeof(text),
		    "+USER 2BBAAA%03u u u b.test h h :U\r\n"
		    "@tenure=1 +NICK 2BBAAA%03u user%u 1 1000\r\n"
		    "+HOME 2BBAAA%03u 1 2BB.7 * 0\r\n"
		    "@cause=1,1 +JOIN #c,%lld.1AA 2BBAAA%03u\r\n",
		    i, i, i, i, (long long)r->core->last_stamp.ms, i);
		foreign(r, "2BB", i + 2, 4, text);
	}
}

static unsigned
count_shown(const struct rig *r)
{
	return facts_find_chan(&r->core->facts, SPAN("#c"))->nshown;
}

/* The user that the next slice would look at first. */
static const struct user *
next_flip(const struct rig *r, const char *sid)
{
	struct sid s;

	(void)sid_parse(span_of(sid), &s);
	return facts_find_server(&r->core->facts, s)->flip_next;
}

static void
move(struct rig *r, const char *by, unsigned n, struct uid uid, unsigned tenure)
{
	char text[128];

	snprintf(text, sizeof(text), "+HOME %s %u %s.7 * 1\r\n", uid.s, tenure,
	    by);
	foreign(r, by, n, 1, text);
}

static bool
is_shown(const struct rig *r, struct uid uid)
{
	return facts_find_uid(&r->core->facts, uid)->shown;
}

static void
finish(struct rig *r)
{
	while (rig_tick(r))
		;
	ck_assert_ptr_null(next_flip(r, "2BB"));
}

/* Begin to hide the users of 2BB: a slice is done. */
static void
begin_split(struct rig *r)
{
	begin(r);
	show_servers(r, true, true);
	ck_assert_uint_eq(count_shown(r), CROWD + 1);
	r->no_ticks = true;
	r->settings.turn_work = 500;
	rig_advance(r, 1);
	show_servers(r, false, true);
	ck_assert_uint_gt(count_shown(r), CROWD / 2);
}

/* A user that is still to be hidden goes to a server that is shown. */
START_TEST(leaves_a_server_that_is_hidden)
{
	const struct user *next, *last;
	struct rig r;
	struct uid uid[2];

	begin_split(&r);
	ck_assert_ptr_nonnull(next = next_flip(&r, "2BB"));
	for (last = next; TAILQ_NEXT(last, home_link) != NULL;)
		last = TAILQ_NEXT(last, home_link);
	uid[0] = next->uid;
	uid[1] = last->uid;
	move(&r, "3CC", 2, uid[0], 2);
	ck_assert_ptr_ne(next_flip(&r, "2BB"), next);
	move(&r, "3CC", 3, uid[1], 2);
	finish(&r);
	ck_assert(is_shown(&r, uid[0]) && is_shown(&r, uid[1]));
	ck_assert_uint_eq(count_shown(&r), 3);
	rig_fini(&r);
}
END_TEST

/* The last user that is still to be hidden goes. */
START_TEST(leaves_a_list_that_is_nearly_done)
{
	const struct user *next;
	struct rig r;

	begin_split(&r);
	for (unsigned n = 2; (next = next_flip(&r, "2BB")) != NULL; n++)
		move(&r, "3CC", n, next->uid, 2);
	ck_assert(overlay_is_behind(facts_find_server(&r.core->facts,
	    (struct sid){ "2BB" })));
	finish(&r);
	ck_assert_uint_gt(count_shown(&r), CROWD / 2);
	rig_fini(&r);
}
END_TEST

/* A user that is hidden already comes back with another home, and goes again to
 * the server whose other users are still being hidden. */
START_TEST(comes_back_to_a_server_that_is_hidden)
{
	const struct user *first;
	struct rig r;
	struct uid uid;

	begin_split(&r);
	first = TAILQ_FIRST(&facts_find_server(&r.core->facts,
	    (struct sid){ "2BB" })
				 ->users);
	uid = first->uid;
	ck_assert(!is_shown(&r, uid));
	move(&r, "3CC", 2, uid, 2);
	ck_assert(is_shown(&r, uid));
	move(&r, "2BB", CROWD + 2, uid, 3);
	ck_assert(!is_shown(&r, uid));
	finish(&r);
	ck_assert_uint_eq(count_shown(&r), 1);
	rig_fini(&r);
}
END_TEST

/* Nobody sees a user move, except in WHOIS. A user without a home is hidden. */
START_TEST(moves_without_a_line)
{
	struct rig r;
	struct uid uid = { "2BBAAA007" };

	begin(&r);
	show_servers(&r, true, true);
	rig_say(&r, 1, "WHOIS user7");
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1),
	    " 312 alice user7 b.test"));
	move(&r, "3CC", 2, uid, 2);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_say(&r, 1, "WHOIS user7");
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1),
	    " 312 alice user7 c.test"));
	show_servers(&r, false, true);
	ck_assert(is_shown(&r, uid));
	rig_heard(&r, 1);
	foreign(&r, "3CC", 3, 1, "+HOME 2BBAAA007 2 - * 1\r\n");
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1), ":user7!u@h QUIT "));
	ck_assert_uint_eq(count_shown(&r), 1);
	rig_fini(&r);
}
END_TEST

Suite *
moving_suite(void)
{
	Suite *s = suite_create("moving");
	TCase *t = unit_case("moving");

	tcase_add_test(t, leaves_a_server_that_is_hidden);
	tcase_add_test(t, leaves_a_list_that_is_nearly_done);
	tcase_add_test(t, comes_back_to_a_server_that_is_hidden);
	tcase_add_test(t, moves_without_a_line);
	suite_add_tcase(s, t);
	return s;
}
