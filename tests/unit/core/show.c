/* The shown state that results from entries of other servers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/snap_facts.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

static void
show_server(struct rig *r, uint32_t inc)
{
	rig_overlay(r, &(struct origin){ { "2BB" }, inc }, 1);
}

#define READY "ENTRY 2BB.7 1 1700000000001 * - 1\r\n+READY 2BB 7 b.test :b\r\n"
#define ANN                                                           \
	"ENTRY 2BB.7 2 1700000000002 * - 2\r\n"                       \
	"+USER 2BBAAAAAA ann ann b.test 192.0.2.1 192.0.2.1 :Ann\r\n" \
	"+NICK 2BBAAAAAA ann 1 1700000000002\r\n"

/*
 * The last member of the current incarnation leaves, and the members that stay
 * are in an incarnation that is not among the facts. Then no incarnation is
 * shown, and no modes.
 */
START_TEST(who_is_in_no_incarnation_stays)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_register(&r, 2, "bob");
	rig_apply(&r, READY);
	rig_apply(&r, ANN);
	show_server(&r, 7);
	rig_say(&r, 1, "JOIN #c");
	rig_say(&r, 2, "JOIN #c");
	rig_apply(&r, "ENTRY 2BB.7 3 1700000000003 * - 1\r\n"
		      "+JOIN #c,1800000000000.2BB 2BBAAAAAA\r\n");
	rig_say(&r, 2, "PART #c");
	rig_heard(&r, 2);
	rig_say(&r, 1, "PART #c");
	rig_say(&r, 2, "NAMES #c");
	rig_fini(&r);
}
END_TEST

START_TEST(a_split_is_one_batch)
{
	struct rig r;
	const char *out;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_say(&r, 1, "CAP REQ :batch");
	rig_apply(&r, READY);
	rig_apply(&r, ANN);
	show_server(&r, 7);
	rig_say(&r, 1, "JOIN #c");
	rig_heard(&r, 1);
	rig_apply(&r, "ENTRY 2BB.7 3 1800000000003 * - 2\r\n"
		      "+CHAN #c,1600000000000.2BB\r\n"
		      "+JOIN #c,1600000000000.2BB 2BBAAAAAA\r\n");
	out = rig_heard(&r, 1);
	/* The older channel wins: status and modes of the younger one go. */
	ck_assert_msg(strstr(out, ":ann!ann@192.0.2.1 JOIN #c\r\n"
				  ":irc.test MODE #c -ont alice\r\n") != NULL,
	    "%s", out);
	show_server(&r, 0);
	out = rig_heard(&r, 1);
	ck_assert_msg(strstr(out, " netsplit irc.test b.test\r\n@batch=") !=
			  NULL,
	    "%s", out);
	ck_assert_ptr_nonnull(strstr(out, "QUIT :irc.test b.test\r\n"));
	show_server(&r, 7);
	out = rig_heard(&r, 1);
	ck_assert_ptr_nonnull(strstr(out, " netjoin irc.test b.test\r\n"));
	ck_assert_ptr_nonnull(strstr(out, ":ann!ann@192.0.2.1 JOIN #c\r\n"));
	rig_fini(&r);
}
END_TEST

/* Show server 2BB (run 7) and server 3CC (run 9), or hide them. */
static void
show_two(struct rig *r, uint32_t b, uint32_t c)
{
	const struct origin near[] = { { { "2BB" }, b }, { { "3CC" }, c } };

	rig_overlay(r, near, 2);
}

/*
 * Fail unless client 1 was sent these lines, in which %1 and %2 stand for the
 * references of the first and the second batch.
 */
static void
sees_batches(struct rig *r, const char *want)
{
	const char *out = rig_heard(r, 1), *at = out, *end;
	char ref[2][32] = { "", "" }, text[2048] = "";
	size_t n = 0;

	for (unsigned i = 0; i < 2 && (at = strstr(at, "BATCH +")); i++) {
		at += strlen("BATCH +");
		end = strchr(at, ' ');
		ck_assert_ptr_nonnull(end);
		ck_assert(end - at < 32);
		memcpy(ref[i], at, (size_t)(end - at));
	}
	for (const char *p = want; *p != '\0'; p++)
		if (*p == '%') {
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
			    ref[*++p - '1']);
		} else
			text[n++] = *p;
	ck_assert_str_eq(out, text);
}

#define CAT_NAMED_ANN                                                 \
	"ENTRY 3CC.9 2 1800000000001 * - 2\r\n"                       \
	"+USER 3CCAAAAAA ann cat c.test 192.0.2.2 192.0.2.2 :Cat\r\n" \
	"+NICK 3CCAAAAAA ann 1 1800000000001\r\n"

/*
 * The user of 3CC waits for the nick of the user of 2BB. In one step 2BB goes,
 * and the nick changes hands. Then both servers change places.
 */
START_TEST(a_netsplit_holds_quits_only)
{
	struct rig r;
	char text[256];

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_say(&r, 1, "CAP REQ :batch");
	rig_apply(&r, READY);
	rig_apply(&r, "ENTRY 3CC.9 1 1700000000001 * - 1\r\n"
		      "+READY 3CC 9 c.test :c\r\n");
	rig_apply(&r, ANN);
	rig_apply(&r, CAT_NAMED_ANN);
	show_two(&r, 7, 9);
	rig_say(&r, 1, "JOIN #c");
	for (unsigned i = 0; i < 2; i++) {
		snprintf(text, sizeof(text),
		    "ENTRY %s 3 180000000000%u * - 1\r\n"
		    "+JOIN #c,%lld.1AA %s\r\n",
		    i == 0 ? "2BB.7" : "3CC.9", i + 3,
		    (long long)r.core->last_stamp.ms,
		    i == 0 ? "2BBAAAAAA" : "3CCAAAAAA");
		rig_apply(&r, text);
	}
	rig_heard(&r, 1);
	show_two(&r, 0, 9);
	sees_batches(&r,
	    ":irc.test BATCH +%1 netsplit irc.test b.test\r\n"
	    "@batch=%1 :ann!ann@192.0.2.1 QUIT :irc.test b.test\r\n"
	    ":irc.test BATCH -%1\r\n"
	    ":3CCAAAAAA!cat@192.0.2.2 NICK :ann\r\n");
	show_two(&r, 7, 0);
	sees_batches(&r,
	    ":irc.test BATCH +%1 netsplit irc.test c.test\r\n"
	    "@batch=%1 :ann!cat@192.0.2.2 QUIT :irc.test c.test\r\n"
	    ":irc.test BATCH -%1\r\n"
	    ":irc.test BATCH +%2 netjoin irc.test b.test\r\n"
	    "@batch=%2 :ann!ann@192.0.2.1 JOIN #c\r\n"
	    ":irc.test BATCH -%2\r\n");
	/* The user who comes has the older claim. */
	show_two(&r, 0, 9);
	rig_heard(&r, 1);
	show_two(&r, 7, 9);
	sees_batches(&r, ":ann!cat@192.0.2.2 NICK :3CCAAAAAA\r\n"
			 ":irc.test BATCH +%1 netjoin irc.test b.test\r\n"
			 "@batch=%1 :ann!ann@192.0.2.1 JOIN #c\r\n"
			 ":irc.test BATCH -%1\r\n");
	rig_fini(&r);
}
END_TEST

/* Forty members: NAMES is kept as text, and must follow changes. */
START_TEST(kept_names_follow)
{
	struct rig r;
	char text[512];
	const char *out;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_apply(&r, READY);
	show_server(&r, 7);
	rig_say(&r, 1, "JOIN #c");
	for (unsigned i = 0; i < 40; i++) {
		snprintf(text, sizeof(text),
		    "ENTRY 2BB.7 %u %llu * - 3\r\n"
		    "+USER 2BBAAAA%02u u u b.test 192.0.2.1 192.0.2.1 :U\r\n"
		    "+NICK 2BBAAAA%02u user%u 1 1700000000002\r\n"
		    "+JOIN #c,%lld.1AA 2BBAAAA%02u\r\n",
		    i + 2, 1800000000000ULL + i, i, i, i,
		    (long long)r.core->last_stamp.ms, i);
		rig_apply(&r, text);
	}
	for (unsigned k = 0; k < 2; k++) {
		rig_heard(&r, 1);
		rig_say(&r, 1, "NAMES #c");
		out = rig_heard(&r, 1);
		ck_assert_ptr_nonnull(strstr(out, " = #c :@alice user0 "));
		ck_assert_ptr_nonnull(strstr(out, " user39\r\n"));
	}
	rig_say(&r, 1, "MODE #c +v user7");
	rig_say(&r, 1, "NICK carol");
	rig_apply(&r, "ENTRY 2BB.7 42 1800000001000 * - 1\r\n"
		      "+QUIT 2BBAAAA39 :bye\r\n");
	rig_heard(&r, 1);
	rig_say(&r, 1, "NAMES #c");
	out = rig_heard(&r, 1);
	ck_assert_msg(strstr(out, " = #c :@carol user0 ") != NULL, "%s", out);
	ck_assert_ptr_nonnull(strstr(out, " +user7 "));
	ck_assert_ptr_null(strstr(out, "user39"));
	rig_say(&r, 1, "CAP REQ :multi-prefix userhost-in-names");
	rig_heard(&r, 1);
	rig_say(&r, 1, "NAMES #c");
	ck_assert_ptr_nonnull(strstr(rig_heard(&r, 1), " +user7!u@192.0.2.1 "));
	rig_fini(&r);
}
END_TEST

/*
 * An unknown part of a newer version is kept, passed on, and dropped if a
 * snapshot lacks it.
 */
START_TEST(unknown_parts_are_kept)
{
	struct rig r;
	struct span canon;
	struct snap_facts *none;
	struct vector v;

	rig_init(&r);
	rig_apply(&r, READY);
	rig_apply(&r, "ENTRY 2BB.7 2 1800000000000 * - 2\r\n"
		      "@kind=element +FUTURE thing :of a later version\r\n"
		      "@+x=y;kind=element +LATER\r\n");
	rig_apply(&r, "ENTRY 2BB.7 3 1800000000001 1AA - 1\r\n"
		      "@kind=message +SAID x\r\n");
	canon = arena_span_dup(r.arena, core_canon(r.core, r.arena));
	ck_assert_ptr_nonnull(strstr(canon.p,
	    "@dot=2BB.7.2.0;stamp=1800000000000;kind=element "
	    "+FUTURE thing :of a later version\n"));
	ck_assert_ptr_nonnull(strstr(canon.p, " +LATER\n"));
	ck_assert_ptr_null(strstr(canon.p, "+SAID"));
	vector_init(&v);
	vector_set(&v, (struct origin){ { "2BB" }, 7 }, 3);
	none = snap_facts_new(r.core, 100);
	core_install_whole(r.core, &r.ev, none, &v, &v, &r.fx);
	rig_drain(&r);
	canon = arena_span_dup(r.arena, core_canon(r.core, r.arena));
	ck_assert_ptr_null(strstr(canon.p, "+FUTURE"));
	vector_fini(&v);
	rig_fini(&r);
}
END_TEST

/* Add users of 2BB to channel #c, which client 1 has founded last. */
static void
join_many(struct rig *r, unsigned n)
{
	long long founded = (long long)r->core->last_stamp.ms;
	char text[512];

	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text),
		    "ENTRY 2BB.7 %u %llu * - 3\r\n"
		    "+USER 2BBAAA%03u u u b.test 192.0.2.1 192.0.2.1 :U\r\n"
		    "+NICK 2BBAAA%03u user%u 1 1700000000002\r\n"
		    "+JOIN #c,%lld.1AA 2BBAAA%03u\r\n",
		    i + 2, 1800000000000ULL + i, i, i, i, founded, i);
		rig_apply(r, text);
	}
}

#define HERE 30
#define THERE 300

/* Fail unless clients 1 to HERE have been told of all users of 2BB. */
static void
all_told(struct rig *r, const char *line)
{
	for (unsigned i = 1; i <= HERE; i++) {
		const char *out = rig_heard(r, i);

		ck_assert_uint_eq(text_count(out, line), THERE);
		ck_assert_uint_eq(text_count(out, "BATCH -"), i % 2);
	}
}

/*
 * Users of another server come to a channel, and go, all at once. The lines to
 * its members share the lists of receivers, and mostly the buffers: neither
 * grows with the number of users times the number of members.
 */
START_TEST(lines_to_the_same_share_a_list)
{
	struct rig r;
	char nick[16];
	size_t lines;

	rig_init(&r);
	for (unsigned i = 1; i <= HERE; i++) {
		snprintf(nick, sizeof(nick), "here%u", i);
		rig_register(&r, i, nick);
		rig_say(&r, i,
		    i % 2 ? "CAP REQ :batch" : "CAP REQ :away-notify");
		rig_say(&r, i, i == 1 ? "JOIN #c" : "PING x");
	}
	rig_apply(&r, READY);
	join_many(&r, THERE);
	for (unsigned i = 2; i <= HERE; i++)
		rig_say(&r, i, "JOIN #c");
	for (unsigned i = 1; i <= HERE; i++)
		rig_heard(&r, i);
	lines = (size_t)THERE * HERE;
	for (unsigned k = 0; k < 2; k++) {
		r.queued = r.arena_most = 0;
		show_server(&r, k == 0 ? 7 : 0);
		ck_assert_uint_lt(r.queued, lines / 10);
		ck_assert_uint_lt(r.arena_most,
		    THERE * 2500 + lines * sizeof(struct conn_id) / 10);
		all_told(&r, k == 0 ? " JOIN " : " QUIT ");
	}
	rig_fini(&r);
}
END_TEST

/* The same in a channel without members here: no line is made. */
START_TEST(nothing_is_rendered_for_nobody)
{
	struct rig r;

	rig_init(&r);
	rig_register(&r, 1, "alice");
	rig_say(&r, 1, "JOIN #c");
	rig_apply(&r, READY);
	join_many(&r, THERE);
	rig_say(&r, 1, "PART #c");
	r.queued = r.arena_most = 0;
	show_server(&r, 7);
	rig_apply(&r, "ENTRY 2BB.7 400 1800000001000 * - 1\r\n"
		      "+SAY PRIVMSG 2BBAAA001 #c * :hi\r\n");
	show_server(&r, 0);
	ck_assert_uint_eq(r.queued, 0);
	ck_assert_uint_lt(r.arena_most, 4096);
	rig_fini(&r);
}
END_TEST

Suite *
show_suite(void)
{
	Suite *s = suite_create("show");
	TCase *t = unit_case("all");

	tcase_add_test(t, who_is_in_no_incarnation_stays);
	tcase_add_test(t, a_split_is_one_batch);
	tcase_add_test(t, a_netsplit_holds_quits_only);
	tcase_add_test(t, kept_names_follow);
	tcase_add_test(t, unknown_parts_are_kept);
	tcase_add_test(t, lines_to_the_same_share_a_list);
	tcase_add_test(t, nothing_is_rendered_for_nobody);
	suite_add_tcase(s, t);
	return s;
}
