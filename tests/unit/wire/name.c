#include "wire/name.h"

#include <string.h>

#include "unit/wire/check_wire.h"

#define S SPAN_INIT

struct row {
	struct span s;
	bool valid;
};

static const struct row nicks[] = {
	{ S("a"), true },
	{ S("Dan-"), true },
	{ S("[]\\`_^{|}"), true },
	{ S("x9"), true },
	{ S(""), false },
	{ S("9x"), false },
	{ S("-x"), false },
	{ S("a b"), false },
	{ S("a!b"), false },
	{ S("a@b"), false },
	{ S("a*"), false },
	{ S("a?"), false },
	{ S("a.b"), false },
	{ S("a~"), false },
	{ S("#a"), false },
	{ S(":a"), false },
	{ S("a\0"), false },
	{ S("\xc3\xa9"), false },
};

START_TEST(nick)
{
	ck_assert_int_eq(name_nick_valid(nicks[_i].s, 30), nicks[_i].valid);
}
END_TEST

static const struct row channels[] = {
	{ S("#a"), true },
	{ S("#"), true },
	{ S("##"), true },
	{ S("#caf\xc3\xa9"), true },
	{ S("#a:b"), true },
	{ S(""), false },
	{ S("a"), false },
	{ S("&a"), false },
	{ S("#a b"), false },
	{ S("#a,b"), false },
	{ S("#a\a"), false },
	{ S("#a\x01"), false },
	{ S("#a\x1f"), false },
	{ S("#a\x7f"), false },
	{ S("#a\0"), false },
	{ S("#a\xff"), false },
};

START_TEST(channel)
{
	ck_assert_int_eq(name_channel_valid(channels[_i].s, 64),
	    channels[_i].valid);
}
END_TEST

static const struct row keys[] = {
	{ S("a"), true },
	{ S("a:b"), true },
	{ S("cl\xc3\xa9"), true },
	{ S(""), false },
	{ S(":a"), false },
	{ S("a b"), false },
	{ S("a,b"), false },
	{ S("a\t"), false },
	{ S("a\xff"), false },
};

START_TEST(key)
{
	ck_assert_int_eq(name_key_valid(keys[_i].s, 32), keys[_i].valid);
}
END_TEST

static const struct row servers[] = {
	{ S("irc.example.org"), true },
	{ S("a_b.example"), true },
	{ S("1.2.3.4a"), true },
	{ S("4.example"), true },
	{ S("xn--e1afmkfd.org"), true },
	{ S(""), false },
	{ S("localhost"), false },
	{ S("a."), false },
	{ S(".a"), false },
	{ S("a..b"), false },
	{ S("-a.b"), false },
	{ S("a-.b"), false },
	{ S("a.-b"), false },
	{ S("a b"), false },
	{ S("a/b"), false },
	{ S("::1"), false },
	{ S("1.2.3.4"), false },
	{ S("1.2.3.004"), false },
	{ S("a.256"), false },
	{ S("a@b"), false },
	{ S("a*b"), false },
	{ S("a\0"), false },
	{ S("caf\xc3\xa9.example"), false },
};

START_TEST(server)
{
	ck_assert_int_eq(name_server_valid(servers[_i].s, 63),
	    servers[_i].valid);
}
END_TEST

START_TEST(lengths)
{
	struct {
		bool (*valid)(struct span, size_t);
		struct span s;
	} rows[] = {
		{ name_nick_valid, S("abcdefgh") },
		{ name_channel_valid, S("#bcdefgh") },
		{ name_key_valid, S("abcdefgh") },
		{ name_server_valid, S("abcde.gh") },
	};

	for (int i = 0; i < ROWS(rows); i++) {
		ck_assert(!rows[i].valid(rows[i].s, 7));
		ck_assert(rows[i].valid(rows[i].s, 8));
		ck_assert(rows[i].valid(rows[i].s, 9));
	}
}
END_TEST

START_TEST(label_has_63_bytes)
{
	char s[70];

	memset(s, 'a', sizeof(s));
	memcpy(s + 63, ".b", 2);
	ck_assert(name_server_valid(span_make(s, 65), 200));
	s[63] = 'a';
	s[64] = '.';
	ck_assert(!name_server_valid(span_make(s, 66), 200));
}
END_TEST

START_TEST(user_is_cleaned)
{
	static const struct {
		struct span s, clean;
	} rows[] = {
		{ S("dan"), S("dan") },
		{ S("~d a!n@*?"), S("dan") },
		{ S("a.b-c_d[e]"), S("a.b-c_d[e]") },
		{ S("0123456789abc"), S("0123456789") },
		{ S("::::::::::::abc"), S("abc") },
		{ S("\xc3\xa9"), S("") },
		{ S("a\0b"), S("ab") },
		{ S(""), S("") },
	};

	for (int i = 0; i < ROWS(rows); i++) {
		char out[11], again[10];
		struct span clean;

		out[10] = 'X';
		clean = name_user_clean(rows[i].s, out, 10);
		ck_assert(span_eq(clean, rows[i].clean));
		ck_assert_int_eq(out[10], 'X');
		ck_assert(span_eq(name_user_clean(clean, again, 10), clean));
	}
}
END_TEST

Suite *
name_suite(void)
{
	Suite *s = suite_create("wire/name");
	TCase *t = unit_case("name");

	tcase_add_loop_test(t, nick, 0, ROWS(nicks));
	tcase_add_loop_test(t, channel, 0, ROWS(channels));
	tcase_add_loop_test(t, key, 0, ROWS(keys));
	tcase_add_loop_test(t, server, 0, ROWS(servers));
	tcase_add_test(t, lengths);
	tcase_add_test(t, label_has_63_bytes);
	tcase_add_test(t, user_is_cleaned);
	suite_add_tcase(s, t);
	return s;
}
