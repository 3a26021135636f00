#include "wire/tags.h"

#include <string.h>

#include "unit/wire/check_wire.h"

#define S SPAN_INIT

START_TEST(next_reads_keys_and_values)
{
	struct span rest = SPAN(";aaa=bbb;;ccc;example.com/ddd=e=e;f=;");
	struct tag t;

	ck_assert(tags_next(&rest, &t));
	ck_assert(span_eq(t.key, SPAN("aaa")));
	ck_assert(span_eq(t.value, SPAN("bbb")));
	ck_assert(tags_next(&rest, &t));
	ck_assert(span_eq(t.key, SPAN("ccc")));
	ck_assert_uint_eq(t.value.n, 0);
	ck_assert(tags_next(&rest, &t));
	ck_assert(span_eq(t.key, SPAN("example.com/ddd")));
	ck_assert(span_eq(t.value, SPAN("e=e")));
	ck_assert(tags_next(&rest, &t));
	ck_assert(span_eq(t.key, SPAN("f")));
	ck_assert_uint_eq(t.value.n, 0);
	ck_assert(!tags_next(&rest, &t));
}
END_TEST

START_TEST(find_takes_the_last)
{
	struct span tags = SPAN("a=1;b;a=2;A=3"), v = SPAN("x");

	ck_assert(tags_find(tags, SPAN("a"), &v));
	ck_assert(span_eq(v, SPAN("2")));
	ck_assert(tags_find(tags, SPAN("b"), &v));
	ck_assert_uint_eq(v.n, 0);
	v = SPAN("x");
	ck_assert(!tags_find(tags, SPAN("c"), &v));
	ck_assert(!tags_find(tags, SPAN(""), &v));
	ck_assert(span_eq(v, SPAN("x")));
}
END_TEST

static const struct {
	struct span raw, plain;
} unescapes[] = {
	/* the example of the specification, "Examples" */
	{ S("raw+:=,escaped\\:\\s\\\\"), S("raw+:=,escaped; \\") },
	{ S("\\r\\n"), S("\r\n") },
	{ S("test\\"), S("test") },
	{ S("\\"), S("") },
	{ S("\\\\\\"), S("\\") },
	{ S("\\b\\S\\"), S("bS") },
	{ S(""), S("") },
};

START_TEST(unescape)
{
	struct writer w;
	char buf[64];

	writer_init(&w, buf, sizeof(buf));
	tags_unescape(&w, unescapes[_i].raw);
	ck_assert(!w.over);
	ck_assert(span_eq(writer_done(&w), unescapes[_i].plain));
}
END_TEST

START_TEST(escape_and_back)
{
	char all[255], raw[600], back[300];
	struct writer w, v;

	for (int c = 1; c < 256; c++)
		all[c - 1] = (char)c;
	writer_init(&w, raw, sizeof(raw));
	tags_escape(&w, span_make(all, sizeof(all)));
	ck_assert(!w.over);
	ck_assert(tags_value_valid(writer_done(&w)));
	ck_assert_uint_eq(w.n, 255 + 5);
	writer_init(&v, back, sizeof(back));
	tags_unescape(&v, writer_done(&w));
	ck_assert(span_eq(writer_done(&v), span_make(all, sizeof(all))));
	tags_escape(&w, SPAN("\0"));
	ck_assert(w.over);
}
END_TEST

static const struct {
	struct span key;
	bool valid;
} keys[] = {
	{ S("a"), true },
	{ S("+a"), true },
	{ S("draft/a-b9"), true },
	{ S("+xn--e1afmkfd.org/foo"), true },
	{ S("Z"), true },
	{ S(""), false },
	{ S("+"), false },
	{ S("++a"), false },
	{ S("a+"), false },
	{ S("/a"), false },
	{ S("a/"), false },
	{ S("a/b/c"), false },
	{ S("a.b"), false },
	{ S("a_b"), false },
	{ S("a b"), false },
	{ S("a/b c"), false },
	{ S("a b/c"), false },
	{ S("\xc3\xa9"), false },
};

START_TEST(key_valid)
{
	ck_assert_int_eq(tags_key_valid(keys[_i].key), keys[_i].valid);
}
END_TEST

START_TEST(put_separates_and_escapes)
{
	struct writer w;
	char buf[64];

	writer_init(&w, buf, sizeof(buf));
	tags_put(&w, SPAN("time"), SPAN("x"));
	tags_put(&w, SPAN("bot"), SPAN_NONE);
	tags_put(&w, SPAN("+a"), SPAN("b; c"));
	ck_assert(!w.over);
	ck_assert(span_eq(writer_done(&w), SPAN("time=x;bot;+a=b\\:\\sc")));
	tags_put(&w, SPAN("no good"), SPAN_NONE);
	ck_assert(w.over);
}
END_TEST

static const struct {
	struct span tags, relayed;
} relays[] = {
	{ S(""), S("") },
	{ S("a=b;label=1"), S("") },
	{ S("a;+b=1;c;+d;+e/f=x\\sy"), S("+b=1;+d;+e/f=x\\sy") },
	{ S("+b=;+c"), S("+b;+c") },
	{ S("+b=1;+b=2"), S("+b=1;+b=2") },
	{ S("+;+a_b;++c;+d=\\"), S("+d=\\") },
	{ S(";;+a;;"), S("+a") },
};

START_TEST(client_only_are_relayed_as_they_are)
{
	struct writer w;
	char buf[64];

	writer_init(&w, buf, sizeof(buf));
	ck_assert(tags_put_client_only(&w, relays[_i].tags));
	ck_assert(span_eq(writer_done(&w), relays[_i].relayed));
}
END_TEST

START_TEST(client_only_follow_those_of_the_server)
{
	struct writer w;
	char buf[64];

	writer_init(&w, buf, sizeof(buf));
	tags_put(&w, SPAN("msgid"), SPAN("1"));
	ck_assert(tags_put_client_only(&w, SPAN("x;+a=b")));
	ck_assert(span_eq(writer_done(&w), SPAN("msgid=1;+a=b")));
}
END_TEST

START_TEST(client_only_up_to_4094_bytes)
{
	static char tags[TAGS_CLIENT + 1], buf[TAGS_CLIENT + 100];

	/* "+a;" and "+b=xxxx", n bytes in all */
	memset(tags, 'x', sizeof(tags));
	memcpy(tags, "+a;+b=", 6);
	for (size_t n = TAGS_CLIENT - 1; n <= TAGS_CLIENT + 1; n++) {
		struct writer w;
		bool fits = n <= TAGS_CLIENT;

		writer_init(&w, buf, sizeof(buf));
		tags_put(&w, SPAN("msgid"), SPAN("1"));
		ck_assert_int_eq(tags_put_client_only(&w, span_make(tags, n)),
		    fits);
		ck_assert(!w.over);
		ck_assert_uint_eq(w.n, fits ? 7 + 1 + n : 7);
	}
}
END_TEST

START_TEST(client_only_that_do_not_fit_change_nothing)
{
	struct writer w;
	char buf[8];

	writer_init(&w, buf, sizeof(buf));
	writer_str(&w, "a");
	ck_assert(!tags_put_client_only(&w, SPAN("+b;+c;+d")));
	ck_assert(!w.over);
	ck_assert(span_eq(writer_done(&w), SPAN("a")));
	ck_assert(tags_put_client_only(&w, SPAN("+b;+c")));
}
END_TEST

Suite *
tags_suite(void)
{
	Suite *s = suite_create("wire/tags");
	TCase *t = tcase_create("tags");

	tcase_add_test(t, next_reads_keys_and_values);
	tcase_add_test(t, find_takes_the_last);
	tcase_add_loop_test(t, unescape, 0, ROWS(unescapes));
	tcase_add_test(t, escape_and_back);
	tcase_add_loop_test(t, key_valid, 0, ROWS(keys));
	tcase_add_test(t, put_separates_and_escapes);
	tcase_add_loop_test(t, client_only_are_relayed_as_they_are, 0,
	    ROWS(relays));
	tcase_add_test(t, client_only_follow_those_of_the_server);
	tcase_add_test(t, client_only_up_to_4094_bytes);
	tcase_add_test(t, client_only_that_do_not_fit_change_nothing);
	suite_add_tcase(s, t);
	return s;
}
