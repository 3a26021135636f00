/*
 * WHO of a mask among many users: all of them are listed, in pieces. listing.c
 * has the tests of the budget of a turn.
 */
#include <string.h>

#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define PER_ENTRY 500
#define MANY 9000	  /* users */
#define PIECE (64 * 1024) /* bytes, see core/sessions/listing.c */

static struct span
numbered(struct rig *r, const char *prefix, unsigned n)
{
	struct writer w;

	writer_init_arena(&w, r->arena, 32);
	writer_str(&w, prefix);
	writer_pad(&w, n, 5);
	return writer_done(&w);
}

static void
see_server(struct rig *r, struct sid sid)
{
	struct server_view v = { .sid = sid,
		.visible = 1,
		.reachable = true,
		.uplink = r->settings.sid,
		.hops = 1 };

	core_overlay(r->core, &r->ev,
	    &(struct overlay_view){ .v = &v, .n = 1, .whole = true }, &r->fx);
	rig_drain(r);
}

/* Make the users n to n + count - 1 of that server in one entry, without +i. */
static void
users_arrive(struct rig *r, struct sid sid, uint64_t entry, unsigned n,
    unsigned count)
{
	struct part *p = arena_zalloc(r->arena, 2 * count * sizeof(*p));
	struct dest all = { .all = true };
	struct cause none = { .t0 = 0 };
	struct stamp stamp = { r->ev.wall.ms + (int64_t)entry };
	struct entry *e;
	struct uid uid;

	for (unsigned i = 0; i < count; i++) {
		ck_assert(uid_parse(numbered(r, "002A", n + i), &uid));
		p[2 * i].id = PART_USER;
		p[2 * i].u.user = (struct part_user){ .uid = uid,
			.nick = numbered(r, "far", n + i),
			.username = SPAN("u"),
			.server = SPAN("far.test"),
			.ip = SPAN("10.0.0.1"),
			.host = SPAN("10.0.0.1"),
			.realname = { SPAN("Far"), true } };
		p[2 * i + 1].id = PART_NICK;
		p[2 * i + 1].u.nick = (struct part_nick){ .uid = uid,
			.nick = numbered(r, "far", n + i),
			.class = 1,
			.stamp = stamp };
	}
	e = entry_new((struct origin){ sid, 1 }, entry, stamp, &all, &none, p,
	    2 * count);
	core_apply_whole(r->core, &r->ev, e, false, &r->fx);
	entry_unref(e);
	rig_drain(r);
}

static void
many_users(struct rig *r, unsigned n)
{
	struct sid sid;

	ck_assert(sid_parse(SPAN("002"), &sid));
	see_server(r, sid);
	for (unsigned i = 0; i < n; i += PER_ENTRY)
		users_arrive(r, sid, i / PER_ENTRY + 1, i, PER_ENTRY);
}

START_TEST(all_are_listed_in_pieces)
{
	unsigned users = 0, ends = 0, pieces = 0;
	const char *heard;
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	many_users(&r, MANY);
	rig_say(&r, 1, "WHO far*");
	for (;;) {
		heard = rig_heard(&r, 1);
		ck_assert_uint_le(strlen(heard), PIECE + 510);
		users += text_count(heard, " 352 alice * u 10.0.0.1 002 far");
		ends += text_count(heard,
		    ":irc.test 315 alice far* :End of WHO list\r\n");
		pieces++;
		/* Nothing more comes before the client has read. */
		rig_advance(&r, 1000);
		ck_assert_str_eq(rig_heard(&r, 1), "");
		if (!r.drain[1])
			break;
		rig_read(&r, 1);
	}
	ck_assert_uint_eq(users, MANY);
	ck_assert_uint_eq(ends, 1);
	ck_assert_uint_ge(pieces, 5);
	rig_fini(&r);
}
END_TEST

START_TEST(a_closed_client_is_given_no_more)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	many_users(&r, MANY);
	rig_say(&r, 1, "WHO far*");
	rig_say(&r, 1, "WHO far*");
	/* Two lines are enough: a third one is not granted. */
	ck_assert_uint_eq(r.granted[1], 0);
	rig_close(&r, 1);
	rig_heard(&r, 1);
	rig_read(&r, 1);
	rig_advance(&r, 1000);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_fini(&r);
}
END_TEST

/* A client that reads what it is sent is alive, as long as that takes. */
START_TEST(reading_is_a_sign_of_life)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	many_users(&r, MANY);
	rig_say(&r, 1, "WHO far*");
	for (unsigned i = 0; i < 5; i++) {
		rig_heard(&r, 1);
		rig_advance(&r, 100000);
		ck_assert_str_eq(rig_heard(&r, 1), "");
		rig_read(&r, 1);
	}
	rig_advance(&r, 120000);
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1), "PING :irc.test\r\n"));
	rig_advance(&r, 60000);
	ck_assert(r.closed[1]);
	rig_fini(&r);
}
END_TEST

Suite *
who_suite(void)
{
	Suite *s = suite_create("who");
	TCase *t = unit_case("all");

	tcase_add_test(t, all_are_listed_in_pieces);
	tcase_add_test(t, a_closed_client_is_given_no_more);
	tcase_add_test(t, reading_is_a_sign_of_life);
	suite_add_tcase(s, t);
	return s;
}
