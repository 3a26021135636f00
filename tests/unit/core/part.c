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
	"+HOME 1AAAAAAAB 2 1AA.5 gate 77",
	"+HOME 1AAAAAAAB 2 - * 77",
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
	"@kind=element +FUTURE whatever it :may be",
	"@kind=element +FUTURE",
	"@kind=message +FUTURE x",
	"@a=b;kind=register,0 +FUTURE :",
	"@kind=register,2,c1,m2;tenure=3 +FUTURE #c,1.1AA 2BB.7.3.1 x :y",
	"@kind=element,u2,run +FUTURE x 1AAAAAAAB",
	"@kind=removal,2 +FUTURE x 2BB.7.3.1 2BB.7.3.2 :why",
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
#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X512 "+FUTURE " X64 X64 X64 X64 X64 X64 X64 X64

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
	"+FUTURE x",
	"@king=element +FUTURE x",
	"@kind +FUTURE x",
	"@kind= +FUTURE x",
	"@kind=elements +FUTURE x",
	"@kind=element, +FUTURE x",
	"@kind=element,,run +FUTURE x",
	"@kind=element,run,u1 +FUTURE 1AAAAAAAB",
	"@kind=element,u0 +FUTURE 1AAAAAAAB",
	"@kind=element,u17 +FUTURE 1AAAAAAAB",
	"@kind=element,x1 +FUTURE 1AAAAAAAB",
	"@kind=element,u1,u1,u1 +FUTURE 1AAAAAAAB",
	"@kind=element,u1 +FUTURE",
	"@kind=element,u1 +FUTURE :1AAAAAAAB",
	"@kind=element,u1 +FUTURE 1AA",
	"@kind=element,c1 +FUTURE #c",
	"@kind=element,c1 +FUTURE #C,1.1AA",
	"@kind=element,c1 +FUTURE c,1.1AA",
	"@kind=element,m1 +FUTURE #c,1.1AA",
	"@kind=element +FUTURE  x",
	"@kind=element +FUTURE x ",
	"@kind=element +FUTURE x  :y",
	"@kind=element " X512 "x",
	"@kind=message,1 +FUTURE x",
	"@kind=message, +FUTURE x",
	"@kind=register +FUTURE x",
	"@kind=register,01 +FUTURE x",
	"@kind=register,17 +FUTURE x",
	"@kind=register,2 +FUTURE x :y",
	"@kind=register,1,u2 +FUTURE x 1AAAAAAAB",
	"@kind=register,1,run +FUTURE x",
	"@kind=removal +FUTURE 2BB.7.3.1",
	"@kind=removal,0 +FUTURE 2BB.7.3.1",
	"@kind=removal,1,u1 +FUTURE 2BB.7.3.1",
	"@kind=removal,1 +FUTURE",
	"@kind=removal,1 +FUTURE :2BB.7.3.1",
	"@kind=removal,1 +FUTURE x 2BB.7.3.1",
	"@kind=removal,1 +FUTURE 2BB.7.3.1 x",
	"@kind=removal,3 +FUTURE x",
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

/* link-protocol.md, 11.20: what is read of what another server wrote. */
static const struct {
	const char *in, *out;
} cleaned[] = {
	{ "+NICK 1AAAAAAAB a!b@c 1 17", "+NICK 1AAAAAAAB * 1 17" },
	{ "+NICK 1AAAAAAAB @op, 1 17", "+NICK 1AAAAAAAB * 1 17" },
	{ "+NICK 1AAAAAAAB \xe9va 1 17", "+NICK 1AAAAAAAB * 1 17" },
	{ "+NICK 1AAAAAAAB " X64 X64 " 1 17",
	    "+NICK 1AAAAAAAB " X64 X64 " 1 17" },
	{ "+NICK 1AAAAAAAB " X64 X64 "x 1 17", "+NICK 1AAAAAAAB * 1 17" },
	{ "+NICK 1AAAAAAAB 1AAAAAAAB 1 17", "+NICK 1AAAAAAAB 1AAAAAAAB 1 17" },
	{ "+USER 1AAAAAAAB a a!b@c b.test 1.2.3.4 x@y!z* :\xff\x03r",
	    "+USER 1AAAAAAAB a a_b_c b.test 1.2.3.4 x_y_z_ :?\x03r" },
	{ "+USER 1AAAAAAAB a * b.test * * :R",
	    "+USER 1AAAAAAAB a user b.test unknown unknown :R" },
	{ "+USER 1AAAAAAAB a ~u_" X64 " b.test 0::1 a/b-c.d" X64 " :R",
	    "+USER 1AAAAAAAB a ~u_xxxxxxxxxxxxxxxxxxxxxxxxxxxxx b.test 0::1 "
	    "a/b-c.dxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx "
	    ":R" },
	{ "+READY 1AA 5 :x :y", NULL },
	{ "+READY 1AA 5 a!b.test :y", "+READY 1AA 5 * :y" },
	{ "+READY 1AA 5 notaserver :y", "+READY 1AA 5 * :y" },
	{ "+CHAN #a\x07\xc3\xa4\xc3,1.1AA", "+CHAN #a?\xc3\xa4?,1.1AA" },
	{ "+JOIN #A\x7f,1.1AA 1AAAAAAAB", "+JOIN #A?,1.1AA 1AAAAAAAB" },
	{ "+CHAN #" X64 X64 X64 "12345678,1.1AA",
	    "+CHAN #" X64 X64 X64 "1234567,1.1AA" },
	{ "+SET 1AAAAAAAB away 1AA :\xed\xa0\x80!", "+SET 1AAAAAAAB away 1AA :?"
						    "?"
						    "?!" },
	{ "+FORGET 1AA 5 :\xff", "+FORGET 1AA 5 :\xff" },
};

START_TEST(cleans_what_no_client_could_read)
{
	struct arena *a = arena_new(1024);
	const char *in = cleaned[_i].in, *out = cleaned[_i].out;
	struct part p;
	struct writer w;

	ck_assert((part_decode(span_of(in), a, &p) == NULL) == (out != NULL));
	if (out == NULL) {
		arena_free(a);
		return;
	}
	writer_init_arena(&w, a, 1024);
	part_encode(&w, &p);
	ck_assert_msg(span_eq(writer_done(&w), span_of(out)), "%s became %.*s",
	    in, SPAN_ARG(writer_done(&w)));
	ck_assert_ptr_null(part_decode(span_of(out), a, &p));
	writer_init_arena(&w, a, 1024);
	part_encode(&w, &p);
	ck_assert(span_eq(writer_done(&w), span_of(out)));
	arena_free(a);
}
END_TEST

/* A text is never longer than a rendered line has room for. */
START_TEST(cuts_a_long_text)
{
	struct arena *a = arena_new(1024);
	static char line[10000];
	struct part p;

	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "+QUIT 1AAAAAAAB :", 17);
	ck_assert_ptr_null(part_decode(span_of(line), a, &p));
	ck_assert_uint_eq(p.u.quit.reason.s.n, 4096);
	memcpy(line + 17 + 4095, "\xc3\xa4", 2);
	ck_assert_ptr_null(part_decode(span_of(line), a, &p));
	ck_assert_uint_eq(p.u.quit.reason.s.n, 4095);
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
	ck_assert(entry_is_sound(e));
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
	ck_assert_ptr_null(entry_from_text(
	    SPAN("ENTRY 1AA.5 1 9 2BB - 1\r\n@kind=element +FUTURE x\r\n"),
	    &why));
	ck_assert_str_eq(why, "a fact goes to every server");
	e = entry_from_text(SPAN("ENTRY 1AA.5 1 9 2BB - 1\r\n@kind=message "
				 "+FUTURE x\r\n"),
	    &why);
	ck_assert_ptr_nonnull(e);
	entry_unref(e);
	arena_free(a);
}
END_TEST

/* Make an entry of one part, and ask what it remembers of it. */
static void
remembers(const struct part *p, bool ready, bool forgets)
{
	const struct origin o = { { "1AA" }, 5 };
	const struct dest all = { .all = true };
	const struct cause none = { 0 };
	struct entry *e =
	    entry_new(o, 3, (struct stamp){ 99 }, &all, &none, p, 1);

	ck_assert(entry_is_sound(e));
	ck_assert_int_eq(e->ready, ready);
	ck_assert_int_eq(e->has_forget, forgets);
	entry_unref(e);
}

/* entry_new() does not read what it writes. */
START_TEST(an_own_entry_remembers_what_a_foreign_one_does)
{
	struct part ready = { .id = PART_READY },
		    forget = { .id = PART_FORGET };
	struct part quit = { .id = PART_QUIT };
	struct entry *e;
	const char *why;

	(void)uid_parse(SPAN("1AAAAAAAB"), &quit.u.quit.uid);
	ready.u.ready.sid = forget.u.forget.sid = (struct sid){ "1AA" };
	ready.u.ready.inc = forget.u.forget.inc = 5;
	remembers(&ready, true, false);
	remembers(&forget, false, true);
	remembers(&quit, false, false);
	ready.u.ready.inc = 4;
	remembers(&ready, false, false);
	e = entry_from_text(SPAN("ENTRY 1AA.5 1 9 * - 1\r\n+FORGET 1AA 5\r\n"),
	    &why);
	ck_assert(entry_is_sound(e));
	e->has_forget = 0;
	ck_assert(!entry_is_sound(e));
	e->has_forget = 1;
	e->n++;
	ck_assert(!entry_is_sound(e));
	entry_unref(e);
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
	tcase_add_loop_test(t, cleans_what_no_client_could_read, 0,
	    (int)(sizeof(cleaned) / sizeof(cleaned[0])));
	tcase_add_test(t, cuts_a_long_text);
	tcase_add_test(t, an_entry_comes_back);
	tcase_add_test(t, an_own_entry_remembers_what_a_foreign_one_does);
	suite_add_tcase(s, t);
	return s;
}
