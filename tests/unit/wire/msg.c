#include "wire/msg.h"

#include <string.h>

#include "unit/wire/check_wire.h"

#define S SPAN_INIT

static const struct {
	struct span line, tags, source, verb;
	unsigned int nparam;
	struct span param[4];
	bool trailing;
} good[] = {
	/* the examples of modern-irc, "Message Format" and "Parameters" */
	{ S(":irc.example.com CAP * LIST :"), S(""), S("irc.example.com"),
	    S("CAP"), 3, { S("*"), S("LIST"), S("") }, true },
	{ S("CAP * LS :multi-prefix sasl"), S(""), S(""), S("CAP"), 3,
	    { S("*"), S("LS"), S("multi-prefix sasl") }, true },
	{ S(":dan!d@localhost PRIVMSG #chan Hey!"), S(""), S("dan!d@localhost"),
	    S("PRIVMSG"), 2, { S("#chan"), S("Hey!") }, false },
	{ S(":dan!d@localhost PRIVMSG #chan ::-)"), S(""), S("dan!d@localhost"),
	    S("PRIVMSG"), 2, { S("#chan"), S(":-)") }, true },
	{ S("@id=234AB :dan!d@localhost PRIVMSG #chan :Hey what's up!"),
	    S("id=234AB"), S("dan!d@localhost"), S("PRIVMSG"), 2,
	    { S("#chan"), S("Hey what's up!") }, true },
	/* spaces */
	{ S("PING"), S(""), S(""), S("PING"), 0, { { 0 } }, false },
	{ S("  PING   a  b   "), S(""), S(""), S("PING"), 2, { S("a"), S("b") },
	    false },
	{ S("@a   :src   PING   :  b  "), S("a"), S("src"), S("PING"), 1,
	    { S("  b  ") }, true },
	{ S("PING a:b :c"), S(""), S(""), S("PING"), 2, { S("a:b"), S("c") },
	    true },
	{ S("PING \ta"), S(""), S(""), S("PING"), 1, { S("\ta") }, false },
	/* "@" and ":" mean something at their place only */
	{ S("PING @a"), S(""), S(""), S("PING"), 1, { S("@a") }, false },
	{ S(" @a PING"), S(""), S(""), S("@a"), 1, { S("PING") }, false },
	{ S("@ PING"), S(""), S(""), S("PING"), 0, { { 0 } }, false },
	{ S(": PING"), S(""), S(""), S("PING"), 0, { { 0 } }, false },
	{ S("+SAY x"), S(""), S(""), S("+SAY"), 1, { S("x") }, false },
};

START_TEST(good_lines)
{
	struct msg m;

	ck_assert(msg_parse(good[_i].line, &m));
	ck_assert(span_eq(m.tags, good[_i].tags));
	ck_assert(span_eq(m.source, good[_i].source));
	ck_assert(span_eq(m.verb, good[_i].verb));
	ck_assert_uint_eq(m.nparam, good[_i].nparam);
	for (unsigned int i = 0; i < m.nparam; i++)
		ck_assert(span_eq(m.param[i], good[_i].param[i]));
	for (unsigned int i = m.nparam; i < MSG_PARAMS; i++)
		ck_assert_uint_eq(m.param[i].n, 0);
	ck_assert_int_eq(m.trailing, good[_i].trailing);
}
END_TEST

static const struct span bad[] = {
	S(""),
	S("   "),
	S("@tags"),
	S("@tags "),
	S(":source"),
	S("@tags :source "),
	S("PING a\0b"),
	S("PING a\rb"),
	S("PING a\nb"),
};

START_TEST(bad_lines)
{
	struct msg m;

	ck_assert(!msg_parse(bad[_i], &m));
}
END_TEST

START_TEST(parameter_15_takes_the_rest)
{
	static const struct {
		struct span line, last;
		unsigned int n;
		bool trailing;
	} rows[] = {
		{ S("V 1 2 3 4 5 6 7 8 9 10 11 12 13 14"), S("14"), 14, false },
		{ S("V 1 2 3 4 5 6 7 8 9 10 11 12 13 14 "), S("14"), 14,
		    false },
		{ S("V 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"), S("15"), 15,
		    false },
		{ S("V 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 :17"),
		    S("15 16 :17"), 15, false },
		{ S("V 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16"), S("15 16"),
		    15, true },
		{ S("V 1 2 3 4 5 6 7 8 9 10 11 12 13 14  :"), S(""), 15, true },
		{ S("V 1 2 3 4 5 6 7 8 9 10 11 12 13 :14 15"), S("14 15"), 14,
		    true },
	};

	for (int i = 0; i < ROWS(rows); i++) {
		struct msg m;

		ck_assert(msg_parse(rows[i].line, &m));
		ck_assert_uint_eq(m.nparam, rows[i].n);
		ck_assert(span_eq(m.param[m.nparam - 1], rows[i].last));
		ck_assert_int_eq(m.trailing, rows[i].trailing);
	}
}
END_TEST

START_TEST(words_of_any_number)
{
	struct span rest, word;
	bool trailing = true;
	struct msg m;
	int n = 0;

	ck_assert(msg_parse(SPAN("SYNC 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 "
				 "17 18  19 :a b"),
	    &m));
	rest = m.rest;
	while (msg_word(&rest, &word, &trailing) && !trailing) {
		uint64_t v;

		ck_assert(span_u64(word, &v));
		ck_assert_uint_eq(v, ++n);
	}
	ck_assert_int_eq(n, 19);
	ck_assert(span_eq(word, SPAN("a b")));
	ck_assert(!msg_word(&rest, &word, &trailing));
	ck_assert(!trailing);
}
END_TEST

START_TEST(builds_what_it_reads)
{
	struct writer w;
	char buf[128];

	writer_init(&w, buf, sizeof(buf));
	msg_put_tags(&w, SPAN("a=b;c"));
	msg_put_source(&w, SPAN("n!u@h"));
	msg_put_verb(&w, SPAN("353"));
	msg_put_word(&w, SPAN("x"));
	msg_put_u64(&w, 7);
	msg_put_i64(&w, -7);
	msg_put_words(&w, SPAN("p q"));
	msg_put_words(&w, SPAN_NONE);
	msg_put_text(&w, SPAN(":a b"));
	msg_put_end(&w);
	ck_assert(!w.over);
	ck_assert(span_eq(writer_done(&w),
	    SPAN("@a=b;c :n!u@h 353 x 7 -7 p q ::a b\r\n")));
	writer_init(&w, buf, sizeof(buf));
	msg_put_tags(&w, SPAN_NONE);
	msg_put_verb(&w, SPAN("PING"));
	msg_put_text(&w, SPAN_NONE);
	msg_put_end(&w);
	ck_assert(span_eq(writer_done(&w), SPAN("PING :\r\n")));
}
END_TEST

static const struct {
	void (*put)(struct writer *, struct span);
	struct span arg;
} refused[] = {
	{ msg_put_word, S("") },
	{ msg_put_word, S(":a") },
	{ msg_put_word, S("a b") },
	{ msg_put_word, S("a\r") },
	{ msg_put_word, S("a\n") },
	{ msg_put_word, S("a\0") },
	{ msg_put_words, S("a  b") },
	{ msg_put_words, S(" a") },
	{ msg_put_words, S("a :b") },
	{ msg_put_text, S("a\r\nb") },
	{ msg_put_text, S("a\nb") },
	{ msg_put_text, S("a\0b") },
	{ msg_put_text_cut, S("a\nb") },
	{ msg_put_source, S("") },
	{ msg_put_source, S("a b") },
	{ msg_put_source, S("a\nb") },
	{ msg_put_verb, S("") },
	{ msg_put_verb, S(":a") },
	{ msg_put_verb, S("@a") },
	{ msg_put_verb, S("a b") },
	{ msg_put_tags, S("a b") },
	{ msg_put_tags, S("a\nb") },
};

START_TEST(refuses_what_would_be_read_otherwise)
{
	struct writer w;
	char buf[128];

	writer_init(&w, buf, sizeof(buf));
	refused[_i].put(&w, refused[_i].arg);
	msg_put_end(&w);
	ck_assert(w.over);
	ck_assert_uint_eq(span_find(writer_done(&w), '\n'), w.n);
}
END_TEST

START_TEST(text_is_cut_to_what_fits)
{
	/* "X" " :" text CR LF: 5 bytes beside the text, of 2 a character */
	for (size_t cap = 5; cap <= 12; cap++) {
		struct writer w;
		char buf[16];

		writer_init(&w, buf, cap);
		msg_put_verb(&w, SPAN("X"));
		msg_put_text_cut(&w, SPAN("\xc3\xa9\xc3\xa9\xc3\xa9"));
		msg_put_end(&w);
		ck_assert(!w.over);
		ck_assert_uint_eq(w.n, 5 + (cap >= 11 ? 6 : (cap - 5) / 2 * 2));
	}
	for (size_t cap = 1; cap < 5; cap++) {
		struct writer w;
		char buf[16];

		writer_init(&w, buf, cap);
		msg_put_verb(&w, SPAN("X"));
		msg_put_text_cut(&w, SPAN("a"));
		ck_assert(w.over);
	}
}
END_TEST

Suite *
msg_suite(void)
{
	Suite *s = suite_create("wire/msg");
	TCase *t = tcase_create("msg");

	tcase_add_loop_test(t, good_lines, 0, ROWS(good));
	tcase_add_loop_test(t, bad_lines, 0, ROWS(bad));
	tcase_add_test(t, parameter_15_takes_the_rest);
	tcase_add_test(t, words_of_any_number);
	tcase_add_test(t, builds_what_it_reads);
	tcase_add_loop_test(t, refuses_what_would_be_read_otherwise, 0,
	    ROWS(refused));
	tcase_add_test(t, text_is_cut_to_what_fits);
	suite_add_tcase(s, t);
	return s;
}
