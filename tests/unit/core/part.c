/*
 * The codec of parts and entries: a decoded part is encoded as the same text.
 */
#include <string.h>

#include "core/types/entry.h"
#include "core/part/part.h"
#include "unit/core/check_core.h"

static const char *const good[] = {
	"+USER 1AAAAAAAB al alice irc.test 0::1 0::1 :Alice A",
	"+QUIT 1AAAAAAAB :Quit: bye",
	"+QUIT 1AAAAAAAB",
	"+NICK 1AAAAAAAB alice 1 1700000000000",
	"+SET 1AAAAAAAB away 1AAAAAAAB :gone fishing",
	"+SET 1AAAAAAAB away 1AAAAAAAB",
	"+SET 1AAAAAAAB away 1AAAAAAAB :",
	"+HOME 1AAAAAAAB.1 2 irc.test 77",
	"+CHAN #c,1700000000000.1AA",
	"+CHAN #,1700000000000.1AA",
	"+UNCHAN #c,1700000000000.1AA 1AA.5.9.0",
	"+JOIN #c,1700000000000.1AA 1AAAAAAAB",
	"+MOVE #c,1700000000000.1AA 2BB.7.3.1",
	"+PART #c,1700000000000.1AA 2BB.7.3.1 :bye now",
	"+KICK #c,1700000000000.1AA 2BB.7.3.1 1AA :out",
	"+STAT #c,1700000000000.1AA 2BB.7.3.1 op on 1AAAAAAAB",
	"+CSET #c,1700000000000.1AA topic 1AAAAAAAB :a!b@c hello",
	"+LADD #c,1700000000000.1AA ban 1AAAAAAAB 0 :*!*@x a!b@c",
	"+LDEL #c,1700000000000.1AA 1AAAAAAAB 2BB.7.3.1 2BB.7.3.2",
	"+READY 1AA 5 irc.test :a test",
	"+FORGET 1AA 5",
	"+INVITE #c,1700000000000.1AA 2BBAAAAAB 1AAAAAAAB 0",
	"@+a=b +SAY PRIVMSG 1AAAAAAAB #c * :hi",
	"+NOTE 1AAAAAAAB 401 bob :No such nick",
	"+FUTURE whatever it :may be",
};

START_TEST(decodes_to_itself)
{
	struct arena *a = arena_new(1024);
	struct part p;
	struct writer w;
	const char *why;

	why = part_decode(span_of(good[_i]), a, &p);
	ck_assert_msg(why == NULL, "%s: %s", good[_i], why);
	writer_init_arena(&w, a, 1024);
	part_encode(&w, &p);
	ck_assert_msg(span_eq(writer_done(&w), span_of(good[_i])),
	    "%s became %.*s", good[_i], SPAN_ARG(writer_done(&w)));
	arena_free(a);
}
END_TEST

static const char *const bad[] = {
	"USER",
	"+",
	"",
	"+NICK 1AAAAAAAB alice 01 17",
	"+CHAN c,1.1AA",
	"+CHAN #c",
	"+JOIN #c,1.1AA",
	"+JOIN #c,1.1AA 1AAAAAAAB x",
	"+STAT #c,1.1AA 2BB.7.3.1 op yes 1AA",
	"+UNCHAN #c,1.1AA",
	"+UNCHAN #c,1.1AA 1AA.0.1.1",
	"+KICK #c,1.1AA 2BB.7.0.1 1AA",
	"+QUIT 1aaaaaaab",
	"+READY 1A 5 x :y",
};

START_TEST(refuses_what_is_none)
{
	struct arena *a = arena_new(1024);
	struct part p;

	ck_assert_msg(part_decode(span_of(bad[_i]), a, &p) != NULL, "%s",
	    bad[_i]);
	arena_free(a);
}
END_TEST

START_TEST(an_entry_comes_back)
{
	struct part p[2] = { { .id = PART_QUIT }, { .id = PART_SAY } };
	struct origin o = { { "1AA" }, 5 };
	struct cause cause = { { { "1AAAAAAAB" }, 1 }, 0, 7, 1700000000000 };
	struct dest all = { .all = true };
	struct arena *a = arena_new(1024);
	struct entry *e, *copy;
	const char *why;

	(void)uid_parse(SPAN("1AAAAAAAB"), &p[0].u.quit.uid);
	p[1].u.say.verb = SPAN("PRIVMSG");
	p[1].u.say.by.sid = o.sid;
	p[1].u.say.target = SPAN("#c");
	p[1].u.say.text = text_of(SPAN("hi"));
	e = entry_new(o, 3, (struct stamp){ 99 }, &all, &cause, p, 2);
	copy = entry_from_text(rcbuf_span(e->text), &why);
	ck_assert_ptr_nonnull(copy);
	ck_assert_uint_eq(copy->n, 3);
	ck_assert_uint_eq(entry_cause(copy).c, 7);
	ck_assert(entry_is_for(copy, o.sid));
	ck_assert_int_eq((int)entry_parts(copy, a)[1].id, PART_SAY);
	entry_unref(copy);
	entry_unref(e);
	ck_assert_ptr_null(entry_from_text(
	    SPAN("ENTRY 1AA.5 1 9 2BB - 1\r\n+FORGET 1AA 5\r\n"), &why));
	ck_assert_str_eq(why, "a fact goes to every server");
	arena_free(a);
}
END_TEST

Suite *
part_suite(void)
{
	Suite *s = suite_create("part");
	TCase *t = unit_case("all");

	tcase_add_loop_test(t, decodes_to_itself, 0,
	    (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_loop_test(t, refuses_what_is_none, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(t, an_entry_comes_back);
	suite_add_tcase(s, t);
	return s;
}
