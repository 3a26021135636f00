#include "place/ask.h"

#include "unit/place/check_place.h"

static struct place_who
who_is(const char *account, const char *nick, const char *addr)
{
	struct place_who who = { span_of(account), span_of(nick), ADDR_NONE };

	if (addr[0] != '\0')
		ck_assert(addr_parse(span_of(addr), &who.addr));
	return who;
}

static const struct {
	const char *account, *nick, *addr, *words;
} questions[] = {
	{ "alice", "al", "192.0.2.1", "alice al 192.0.2.1" },
	{ "", "al", "::1", "* al 0::1" },
	{ "", "al", "2001:db8::1", "* al 2001:db8::1" },
	{ "", "", "", "* * *" },
};

START_TEST(a_question_is_read_as_it_was_written)
{
	char buf[200];
	struct writer w;
	struct place_who who = who_is(questions[_i].account, questions[_i].nick,
	    questions[_i].addr);
	struct place_who read;

	writer_init(&w, buf, sizeof(buf));
	place_question_build(&w, &who);
	ck_assert(!w.over);
	ck_assert(span_eq(writer_done(&w), span_of(questions[_i].words)));
	ck_assert(place_question_parse(writer_done(&w), &read));
	ck_assert(span_eq(read.account, who.account));
	ck_assert(span_eq(read.nick, who.nick));
	ck_assert(addr_eq(&read.addr, &who.addr));
}
END_TEST

/* Texts that are no words are left out. */
static const char *const no_words[] = { "a b", ":a", "*", "a\nb", "\x7f" };

START_TEST(a_name_that_is_no_word_is_left_out)
{
	char buf[200];
	struct writer w;
	struct place_who who = who_is(no_words[_i], no_words[_i], "");

	writer_init(&w, buf, sizeof(buf));
	place_question_build(&w, &who);
	ck_assert(span_eq(writer_done(&w), SPAN("* * *")));
}
END_TEST

static const char *const no_questions[] = { "", " ", "a", "a b", "a b ",
	"a b c", "a b *  ", "a b * ", " a b *", "a  b *", "a b 192.0.2.1 c",
	"a b 192.0.2", ":a b *", "a :b *", "a b :*", "a b ::1", "a\x01 b *" };

START_TEST(other_words_are_no_question)
{
	struct place_who who;

	/* only a leading ':' is wrong with ::1 */
	ck_assert(!place_question_parse(span_of(no_questions[_i]), &who));
}
END_TEST

START_TEST(an_answer_is_read_as_it_was_written)
{
	static const char *const words[] = { "0 * 0",
		"12 0AB 900 0AA=17 0AB=0 0AC=1152921504606846976",
		"1099511627776 +0AB 1152921504606846976 9ZZ=1" };
	struct place_answer a;
	char buf[PLACE_ANSWER_BYTES];
	struct writer w;

	for (int i = 0; i < ROWS(words); i++) {
		ck_assert(place_answer_parse(span_of(words[i]), &a));
		writer_init(&w, buf, sizeof(buf));
		place_answer_build(&w, &a);
		ck_assert(span_eq(writer_done(&w), span_of(words[i])));
	}
	ck_assert(place_answer_parse(span_of(words[1]), &a));
	ck_assert_uint_eq(a.rate, 12);
	ck_assert(!a.joins);
	ck_assert_str_eq(a.home.s, "0AB");
	ck_assert_int_eq(place_answer_cost(&a, sid_of(0)), 17);
	ck_assert_int_eq(place_answer_cost(&a, sid_of(1)), 0);
	ck_assert_int_eq(place_answer_cost(&a, sid_of(2)), PLACE_COST_MAX);
	ck_assert_int_eq(place_answer_cost(&a, sid_of(3)), 900);
	ck_assert(place_answer_parse(span_of(words[2]), &a));
	ck_assert(a.joins);
}
END_TEST

static const char *const no_answers[] = { "", "1", "1 *", "1 * ", "x * 1",
	"-1 * 1", "1 * -1", "01 * 1", "1 * 01", "1  * 1", "1 * 1 ", " 1 * 1",
	"1 + 1", "1 +* 1", "1 AAA 1", "1 0aa 1", "1 0AAA 1", "1 0A 1",
	"1099511627777 * 0", "1 * 1152921504606846977", "1 * 1 0AA",
	"1 * 1 0AA=", "1 * 1 0AA=x", "1 * 1 0AA=1152921504606846977",
	"1 * 1 0AA1", "1 * 1 0AA=1 0AA=2", "1 * 1 0AB=1 0AA=2", "1 * 1 AAA=1",
	"1 * 1 0AA=1  0AB=1", "1 * 1 =1" };

START_TEST(other_words_are_no_answer)
{
	struct place_answer a;

	ck_assert(!place_answer_parse(span_of(no_answers[_i]), &a));
}
END_TEST

START_TEST(the_longest_answer_fits)
{
	static struct place_answer a, read;
	static char buf[PLACE_ANSWER_BYTES + 100];
	struct writer w;

	a.rate = PLACE_LOAD_MAX;
	a.rest = PLACE_COST_MAX;
	a.home = sid_of(3);
	a.joins = true;
	for (a.n = 0; a.n < PLACE_SERVERS_MAX; a.n++)
		a.cost[a.n] = (struct place_cost){ sid_of((unsigned)a.n),
			PLACE_COST_MAX };
	writer_init(&w, buf, PLACE_ANSWER_BYTES);
	place_answer_build(&w, &a);
	ck_assert(!w.over);
	ck_assert(place_answer_parse(writer_done(&w), &read));
	ck_assert_uint_eq(read.n, PLACE_SERVERS_MAX);
	memcpy(buf + w.n, " 9ZZ=1", 6);
	ck_assert(!place_answer_parse(span_make(buf, w.n + 6), &read));
}
END_TEST

Suite *
ask_suite(void)
{
	Suite *s = suite_create("ask");
	TCase *tc = unit_case("ask");

	tcase_add_loop_test(tc, a_question_is_read_as_it_was_written, 0,
	    ROWS(questions));
	tcase_add_loop_test(tc, a_name_that_is_no_word_is_left_out, 0,
	    ROWS(no_words));
	tcase_add_loop_test(tc, other_words_are_no_question, 0,
	    ROWS(no_questions));
	tcase_add_test(tc, an_answer_is_read_as_it_was_written);
	tcase_add_loop_test(tc, other_words_are_no_answer, 0, ROWS(no_answers));
	tcase_add_test(tc, the_longest_answer_fits);
	suite_add_tcase(s, tc);
	return s;
}
