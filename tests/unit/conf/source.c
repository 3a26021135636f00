#include "conf/source.h"

#include <stdio.h>

#include "unit/conf/check_conf.h"

/* Several files as one text, and "FILE:LINE" for each of its lines. */
static const struct {
	struct given_file file[5];
	const char *text;
	const char *places;
} cases[] = {
	{ { { "f", "" } }, "", "" },
	{ { { "f", "a\nb" } }, "a\nb\n", "f:1 f:2" },
	{ { { "f", "a\n@include \"g\"\nb\n" }, { "g", "c\nd" } },
	    "a\nc\nd\n            \nb\n", "f:1 g:1 g:2 f:2 f:3" },
	/* text behind an @include keeps its column */
	{ { { "f", " \t@include\t\"g\" x" }, { "g", "c\n" } },
	    "c\n               x\n", "g:1 f:1" },
	{ { { "f", "@include \"g\"" }, { "g", "" } }, "            \n", "f:1" },
	/* files that include files */
	{ { { "f", "a\n@include \"g\"\nb" }, { "g", "@include \"h\"\nc" },
	      { "h", "d" } },
	    "a\nd\n            \nc\n            \nb\n",
	    "f:1 h:1 g:1 g:2 f:2 f:3" },
	{ { { "f", "@include \"g\"\n@include \"g\"\n" }, { "g", "c" } },
	    "c\n            \nc\n            \n", "g:1 f:1 g:1 f:2" },
	/* text that only looks like an @include */
	{ { { "f", "# @include \"g\"\n/*\n@include \"g\"\n*/\n" } },
	    "# @include \"g\"\n/*\n@include \"g\"\n*/\n", "f:1 f:2 f:3 f:4" },
	{ { { "f", "a; @include \"g\"\n@includes \"g\"\n@include g\n" } },
	    "a; @include \"g\"\n@includes \"g\"\n@include g\n", "f:1 f:2 f:3" },
	{ { { "f", "a = \"x\n@include \\\"g\\\"\";\n" } },
	    "a = \"x\n@include \\\"g\\\"\";\n", "f:1 f:2" },
	/* folders */
	{ { { "/a/f", "@include \"b/g\"\n" }, { "/a/b/g", "@include \"h\"" },
	      { "/a/h", "@include \"/i\"" }, { "/i", "x" } },
	    "x\n             \n            \n              \n",
	    "/i:1 /a/h:1 /a/b/g:1 /a/f:1" },
};

static void
places_build(struct writer *w, const struct source *src)
{
	struct conf_place at;
	unsigned int line = 1;

	for (size_t i = 0; i < src->text.n; i++) {
		if (src->text.p[i] != '\n')
			continue;
		at = source_place(src, line);
		writer_str(w, line++ > 1 ? " " : "");
		writer_span(w, at.file);
		writer_char(w, ':');
		writer_u64(w, at.line);
	}
}

START_TEST(source_has_each_line_with_its_place)
{
	struct arena *a = arena_new(1024);
	const struct conf_files files = given_reader(cases[_i].file);
	struct conf_report r;
	struct source src;
	char places[1024];
	struct writer w;

	conf_report_init(&r);
	ck_assert(source_read(&src, a, span_of(cases[_i].file[0].path), &files,
	    &r));
	ck_assert_uint_eq(r.n, 0);
	ck_assert_str_eq(src.text.p, cases[_i].text);
	writer_init(&w, places, sizeof(places) - 1);
	places_build(&w, &src);
	places[w.n] = '\0';
	ck_assert_str_eq(places, cases[_i].places);
	conf_report_fini(&r);
	arena_free(a);
}
END_TEST

static const struct {
	struct given_file file[4];
	const char *report;
} bad[] = {
	{ { { "f", "a\n@include \"none\"\n" } }, "f:2: none: no such file" },
	{ { { "f", "@include \"g\"\n" }, { "g", "\n\n  @include \"none\"" } },
	    "g:3: none: no such file" },
	{ { { "f", "\n@include \"f\"\n" } },
	    "f:2: f: more than 10 files include each other" },
};

START_TEST(source_reports_what_cannot_be_included)
{
	struct given g;

	given_init_files(&g, bad[_i].file);
	ck_assert_ptr_null(g.conf);
	assert_report(&g.report, bad[_i].report);
	given_fini(&g);
}
END_TEST

/* Eleven files that each include the next one twice, the last of 20 KB. */
START_TEST(source_has_an_end)
{
	static char big[20001], text[10][64], name[11][4];
	struct given_file file[12] = { { NULL, NULL } };
	struct given g;

	for (int i = 0; i < 10; i++) {
		snprintf(name[i], sizeof(name[i]), "%d", i);
		snprintf(text[i], sizeof(text[i]),
		    "@include \"%d\"\n@include \"%d\"\n", i + 1, i + 1);
		file[i] = (struct given_file){ name[i], text[i] };
	}
	for (size_t i = 0; i < sizeof(big) - 1; i++)
		big[i] = '\n';
	file[10] = (struct given_file){ "10", big };
	given_init_files(&g, file);
	ck_assert_ptr_null(g.conf);
	assert_report(&g.report,
	    "9:2: 10: the configuration has more than 16 MiB");
	given_fini(&g);
}
END_TEST

Suite *
source_suite(void)
{
	Suite *s = suite_create("conf/source");
	TCase *t = unit_case("source");

	tcase_add_loop_test(t, source_has_each_line_with_its_place, 0,
	    ROWS(cases));
	tcase_add_loop_test(t, source_reports_what_cannot_be_included, 0,
	    ROWS(bad));
	tcase_add_test(t, source_has_an_end);
	suite_add_tcase(s, t);
	return s;
}
