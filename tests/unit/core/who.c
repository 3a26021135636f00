/* WHO of a mask: WHO_MAX (500) users are listed, and 416 says of more. */
#include <string.h>

#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define PER_ENTRY 500

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

/* Users n to n + count - 1 of that server, in one entry; none is +i. */
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
	core_apply(r->core, &r->ev, e, false, &r->fx);
	entry_unref(e);
	rig_drain(r);
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

static void
ask(struct rig *r, unsigned users, bool truncated)
{
	const char *heard;

	rig_say(r, 1, "WHO far*");
	heard = rig_heard(r, 1);
	ck_assert_uint_eq(count(heard, " 352 alice * u 10.0.0.1 002 far"),
	    users);
	ck_assert_uint_eq(count(heard, ":irc.test 416 alice far* :"),
	    truncated ? 1 : 0);
	ck_assert_uint_eq(count(heard,
			      ":irc.test 315 alice far* :End of WHO list\r\n"),
	    1);
}

START_TEST(a_mask_lists_so_many)
{
	struct sid sid;
	struct rig r;

	rig_init(&r);
	ck_assert(sid_parse(SPAN("002"), &sid));
	rig_register(&r, 1, "alice");
	see_server(&r, sid);
	users_arrive(&r, sid, 1, 0, PER_ENTRY - 1);
	ask(&r, PER_ENTRY - 1, false);
	users_arrive(&r, sid, 2, PER_ENTRY - 1, 1);
	ask(&r, PER_ENTRY, false);
	users_arrive(&r, sid, 3, PER_ENTRY, 1);
	ask(&r, PER_ENTRY, true);
	rig_fini(&r);
}
END_TEST

Suite *
who_suite(void)
{
	Suite *s = suite_create("who");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_mask_lists_so_many);
	suite_add_tcase(s, t);
	return s;
}
