#include "wire/numeric.h"

#include <string.h>

#include "unit/wire/check_wire.h"
#include "wire/msg.h"

#define S SPAN_INIT

static const struct {
	enum numeric n;
	struct span arg[5];
	struct span line;
} lines[] = {
	{ RPL_WELCOME, { S("Example"), S("dan!d@h") },
	    S(":s 001 n :Welcome to the Example Network, dan!d@h\r\n") },
	{ ERR_NOSUCHNICK, { S("eve") },
	    S(":s 401 n eve :No such nick/channel\r\n") },
	{ RPL_ISUPPORT, { S("A=1 B C=") },
	    S(":s 005 n A=1 B C= :are supported by this server\r\n") },
	{ RPL_CHANNELMODEIS, { S("#c"), S("+kl key 5") },
	    S(":s 324 n #c +kl key 5\r\n") },
	{ RPL_CHANNELMODEIS, { S("#c"), S("") }, S(":s 324 n #c\r\n") },
	{ RPL_LOCALUSERS, { S("1"), S("2"), S("1"), S("2") },
	    S(":s 265 n 1 2 :Current local users 1, max 2\r\n") },
	{ RPL_TOPIC, { S("#c"), S(":a b ") }, S(":s 332 n #c ::a b \r\n") },
	/* a text that cannot be a word is not shown in the error about it */
	{ ERR_ERRONEUSNICKNAME, { S("a b") },
	    S(":s 432 n * :Erroneous nickname\r\n") },
	{ ERR_ERRONEUSNICKNAME, { S("") },
	    S(":s 432 n * :Erroneous nickname\r\n") },
	{ ERR_ERRONEUSNICKNAME, { S(":x") },
	    S(":s 432 n * :Erroneous nickname\r\n") },
	{ RPL_ISUPPORT, { S("  A  :B ") },
	    S(":s 005 n A * :are supported by this server\r\n") },
	/* text cannot end the line either */
	{ RPL_TOPIC, { S("#c"), S("a\r\nQUIT\0") },
	    S(":s 332 n #c :aQUIT\r\n") },
};

START_TEST(forms)
{
	char buf[MSG_LINE];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	numeric_build(&w, numeric_row(lines[_i].n), SPAN("s"), SPAN("n"),
	    lines[_i].arg, numeric_args(numeric_row(lines[_i].n)));
	ck_assert(!w.over);
	ck_assert(span_eq(writer_done(&w), lines[_i].line));
}
END_TEST

START_TEST(client_without_a_nick_is_a_star)
{
	const struct span arg = SPAN("x");
	char buf[MSG_LINE];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	numeric_build(&w, numeric_row(ERR_UNKNOWNCOMMAND), SPAN("s"), SPAN_NONE,
	    &arg, 1);
	ck_assert(span_eq(writer_done(&w),
	    SPAN(":s 421 * x :Unknown command\r\n")));
}
END_TEST

START_TEST(line_is_cut_at_512_between_characters)
{
	char text[1000], buf[MSG_LINE];
	struct span arg[2] = { SPAN("#c"), { text, 0 } };

	/* ":s 332 n #c :" is 13 bytes, so 497 are left */
	memset(text, 'a', sizeof(text));
	memcpy(text + 496, "\xc3\xa9", 2);
	for (size_t n = 495; n <= 1000; n++) {
		struct writer w;

		arg[1].n = n;
		writer_init(&w, buf, sizeof(buf));
		numeric_build(&w, numeric_row(RPL_TOPIC), SPAN("s"), SPAN("n"),
		    arg, 2);
		ck_assert(!w.over);
		ck_assert_uint_eq(w.n, n == 495 ? 510 : n == 497 ? 512 : 511);
		ck_assert(span_eq(span_tail(writer_done(&w), w.n - 2),
		    SPAN("\r\n")));
	}
}
END_TEST

START_TEST(text_fits_behind_a_long_word)
{
	char nick[600], buf[MSG_LINE];
	struct span arg = { nick, sizeof(nick) };
	struct writer w;
	struct msg m;

	memset(nick, 'x', sizeof(nick));
	writer_init(&w, buf, sizeof(buf));
	numeric_build(&w, numeric_row(ERR_NOSUCHNICK), SPAN("s"), SPAN("n"),
	    &arg, 1);
	ck_assert(!w.over);
	ck_assert(msg_parse(span_make(buf, w.n - 2), &m));
	ck_assert_uint_eq(m.param[1].n, 300);
	ck_assert(span_eq(m.param[2], SPAN("No such nick/channel")));
}
END_TEST

START_TEST(room_is_what_fits)
{
	char text[600], buf[MSG_LINE];
	struct span arg[2] = { SPAN("#c"), { text, 0 } };
	struct writer w;

	memset(text, 'a', sizeof(text));
	arg[1].n =
	    numeric_room(numeric_row(RPL_TOPIC), SPAN("s"), SPAN("n"), arg, 2);
	ck_assert_uint_eq(arg[1].n, 497);
	writer_init(&w, buf, sizeof(buf));
	numeric_build(&w, numeric_row(RPL_TOPIC), SPAN("s"), SPAN("n"), arg, 2);
	ck_assert_uint_eq(w.n, MSG_LINE);
	arg[1].n = 600;
	ck_assert_uint_eq(numeric_room(numeric_row(RPL_TOPIC), SPAN("s"),
			      SPAN("n"), arg, 2),
	    0);
}
END_TEST

/* The line of each row is read back as its number, client and parameters. */
START_TEST(rows_are_well_formed)
{
	const struct numeric_row *row = numeric_row((enum numeric)_i);
	struct span arg[16];
	size_t narg = numeric_args(row);
	char buf[MSG_LINE];
	struct writer w;
	struct msg m;
	uint64_t number;

	ck_assert_uint_ge(row->number, 1);
	ck_assert_uint_le(row->number, 999);
	ck_assert(_i == 0 || strncmp(row->name, "RPL_", 4) == 0 ||
		  strncmp(row->name, "ERR_", 4) == 0);
	ck_assert_uint_le(narg, 16);
	for (size_t i = 0; i < 16; i++)
		arg[i] = SPAN("arg");
	writer_init(&w, buf, sizeof(buf));
	numeric_build(&w, row, SPAN("s"), SPAN("n"), arg, narg);
	ck_assert(!w.over);
	ck_assert_int_eq(buf[w.n - 1], '\n');
	ck_assert(msg_parse(span_make(buf, w.n - 2), &m));
	ck_assert_uint_eq(m.verb.n, 3);
	ck_assert(span_u64(m.verb, &number));
	ck_assert_uint_eq(number, row->number);
	ck_assert(span_eq(m.param[0], SPAN("n")));
	ck_assert_uint_ge(m.nparam, 2);
	ck_assert_int_eq(m.trailing, strchr(row->form, ':') != NULL);
	for (int k = 0; k < _i; k++) {
		const struct numeric_row *other = numeric_row((enum numeric)k);

		ck_assert_uint_ne(other->number, row->number);
	}
}
END_TEST

Suite *
numeric_suite(void)
{
	Suite *s = suite_create("wire/numeric");
	TCase *t = unit_case("numeric");

	tcase_add_loop_test(t, forms, 0, ROWS(lines));
	tcase_add_test(t, client_without_a_nick_is_a_star);
	tcase_add_test(t, line_is_cut_at_512_between_characters);
	tcase_add_test(t, text_fits_behind_a_long_word);
	tcase_add_test(t, room_is_what_fits);
	tcase_add_loop_test(t, rows_are_well_formed, 0, NUMERIC_BUILTIN);
	suite_add_tcase(s, t);
	return s;
}
