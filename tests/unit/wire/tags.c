#include "wire/tags.h"

#include <string.h>

#include "unit/wire/check_wire.h"

#define S SPAN_INIT

static const struct {
	struct span key;
	bool found;
	struct span value;
} found[] = {
	{ S("aaa"), true, S("bbb") },
	{ S("ccc"), true, S("") },
	{ S("example.com/ddd"), true, S("e=e") },
	{ S("f"), true, S("") },
	{ S("g"), true, S("a\\sb") },
	{ S(""), false, S("") },
	{ S("bbb"), false, S("") },
	{ S("aa"), false, S("") },
	{ S("ddd"), false, S("") },
};

START_TEST(find_reads_keys_and_values)
{
	struct span tags =
	    SPAN(";aaa=bbb;;ccc;example.com/ddd=e=e;f=;g=a\\sb;");
	struct span v;

	ck_assert_int_eq(tags_find(tags, found[_i].key, &v), found[_i].found);
	if (found[_i].found)
		ck_assert(span_eq(v, found[_i].value));
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

/* Keys behind the '+' that makes a tag client-only. */
static const struct {
	struct span key;
	bool valid;
} keys[] = {
	{ S("a"), true },
	{ S("draft/a-b9"), true },
	{ S("xn--e1afmkfd.org/foo"), true },
	{ S("Z"), true },
	{ S(""), false },
	{ S("+a"), false },
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

START_TEST(keys_that_are_relayed)
{
	char tag[64], buf[64];
	struct writer t, w;

	writer_init(&t, tag, sizeof(tag));
	writer_char(&t, '+');
	writer_span(&t, keys[_i].key);
	writer_init(&w, buf, sizeof(buf));
	ck_assert(tags_put_client_only(&w, writer_done(&t)));
	ck_assert(span_eq(writer_done(&w),
	    keys[_i].valid ? writer_done(&t) : SPAN_NONE));
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
	/* values that could end the tags or the line */
	{ S("+a=b c;+d"), S("+d") },
	{ S("+a=\r;+b=\n;+c=\0;+d"), S("+d") },
	{ S("+a=:\\:\\s\xc3\xa9"), S("+a=:\\:\\s\xc3\xa9") },
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
	writer_str(&w, "msgid=1");
	ck_assert(tags_put_client_only(&w, SPAN("x;+a=b")));
	ck_assert(span_eq(writer_done(&w), SPAN("msgid=1;+a=b")));
}
END_TEST

START_TEST(client_only_up_to_4094_bytes)
{
	static char tags[TAGS_CLIENT + 1], buf[TAGS_CLIENT + 100];

	/* "+a;" and "+b=xxxx", n bytes together */
	memset(tags, 'x', sizeof(tags));
	memcpy(tags, "+a;+b=", 6);
	for (size_t n = TAGS_CLIENT - 1; n <= TAGS_CLIENT + 1; n++) {
		struct writer w;
		bool fits = n <= TAGS_CLIENT;

		writer_init(&w, buf, sizeof(buf));
		writer_str(&w, "msgid=1");
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

static const struct {
	struct span list, key;
	bool denied;
} denied[] = {
	{ S(""), S("typing"), false },
	{ S("typing"), S("typing"), true },
	{ S("typing"), S("Typing"), false },
	{ S("typing"), S("typin"), false },
	{ S("a,typing,b"), S("typing"), true },
	{ S("*"), S("typing"), true },
	{ S("*,-typing"), S("typing"), false },
	{ S("-typing,*"), S("typing"), false },
	{ S("*,-typing"), S("reply"), true },
	{ S("example.com/x"), S("example.com/x"), true },
	{ S(",,typing,"), S("typing"), true },
	{ S("-,typing"), S("typing"), true },
};

START_TEST(deny)
{
	char tag[64], buf[64];
	struct writer w, v;

	writer_init(&v, tag, sizeof(tag));
	writer_char(&v, '+');
	writer_span(&v, denied[_i].key);
	writer_init(&w, buf, sizeof(buf));
	ck_assert(tags_put_allowed(&w, writer_done(&v), denied[_i].list));
	ck_assert_int_eq(w.n == 0, denied[_i].denied);
}
END_TEST

static const struct {
	struct span tags;
	bool among;
} among[] = {
	{ S(""), true },
	{ S(";;"), true },
	{ S("batch"), true },
	{ S("batch=1;draft/x;batch=2"), true },
	{ S("draft/x=;batch=a=b"), true },
	{ S("Batch=1"), false },
	{ S("batch=1;time"), false },
	{ S("batch=1;+batch=1"), false },
	{ S("=1"), false },
	{ S("\xff"), false },
};

START_TEST(tags_that_are_known)
{
	static const struct span known[] = { S("batch"), S("draft/x") };

	ck_assert_int_eq(tags_are_among(among[_i].tags, known, 2),
	    among[_i].among);
}
END_TEST

Suite *
tags_suite(void)
{
	Suite *s = suite_create("wire/tags");
	TCase *t = unit_case("tags");

	tcase_add_loop_test(t, find_reads_keys_and_values, 0, ROWS(found));
	tcase_add_test(t, find_takes_the_last);
	tcase_add_loop_test(t, keys_that_are_relayed, 0, ROWS(keys));
	tcase_add_loop_test(t, client_only_are_relayed_as_they_are, 0,
	    ROWS(relays));
	tcase_add_loop_test(t, tags_that_are_known, 0, ROWS(among));
	tcase_add_loop_test(t, deny, 0, ROWS(denied));
	tcase_add_test(t, client_only_follow_those_of_the_server);
	tcase_add_test(t, client_only_up_to_4094_bytes);
	tcase_add_test(t, client_only_that_do_not_fit_change_nothing);
	suite_add_tcase(s, t);
	return s;
}
