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
	/* "@" and ":" mean something only at their place */
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

/* Each byte that ends a text is found at each place of texts of each length,
 * among letters and among other control characters. */
START_TEST(text_holds_no_byte_that_ends_it)
{
	static const char ends[] = { '\0', '\r', '\n' }, other[] = "a\x01\x7f";
	char buf[41];

	for (size_t n = 0; n < sizeof(buf); n++) {
		memset(buf, other[_i], sizeof(buf));
		ck_assert(msg_is_text(span_make(buf, n)));
		for (size_t at = 0; at < n; at++) {
			for (size_t k = 0; k < sizeof(ends); k++) {
				buf[at] = ends[k];
				ck_assert(!msg_is_text(span_make(buf, n)));
			}
			buf[at] = '\t';
			ck_assert(msg_is_text(span_make(buf, n)));
			buf[at] = other[_i];
		}
	}
}
END_TEST

Suite *
msg_suite(void)
{
	Suite *s = suite_create("wire/msg");
	TCase *t = unit_case("msg");

	tcase_add_loop_test(t, good_lines, 0, ROWS(good));
	tcase_add_loop_test(t, bad_lines, 0, ROWS(bad));
	tcase_add_test(t, parameter_15_takes_the_rest);
	tcase_add_test(t, words_of_any_number);
	tcase_add_loop_test(t, text_holds_no_byte_that_ends_it, 0, 3);
	suite_add_tcase(s, t);
	return s;
}
