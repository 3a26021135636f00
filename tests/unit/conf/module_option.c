/*
 * The options of modules (conf/module_option.h): values and defaults, what is
 * reported with its line, and the printed form.
 */
#include "conf/module_option.h"

#include <string.h>

#include "unit/conf/check_conf.h"

static const char *
check_mast(struct span s)
{
	return s.n > 0 && s.p[0] == 'm' ? NULL : "a mast";
}

static const struct option_row options[] = {
	{ "ropes", OPTION_IS_NUM, 2, 9, 5, "How many.", NULL },
	{ "wet", OPTION_IS_BOOL, 0, 0, 1, "Whether it is.", NULL },
	{ "secret", OPTION_IS_WORD, 4, 8, 0, "A word.", NULL },
	{ "masts", OPTION_IS_LIST, 1, 2, 0, "Texts.", check_mast },
};
static const struct rows dock = {
	.of = "dock",
	.option = options,
	.noption = 4,
};
static const struct rows bare = { .of = "bare" };
static const struct rows log_rows = {
	.of = "log",
	.option = options,
	.noption = 2,
};

#define MODULES "modules = ( \"bare\", \"dock\" );\n"

/* Read the text behind `minimal`, and give the modules their rows. */
static void
read_it(struct given *g, const char *text)
{
	char all[4096];

	ck_assert_uint_lt(strlen(minimal) + strlen(text), sizeof(all));
	strcpy(all, minimal);
	strcat(all, text);
	given_init(g, all);
	ck_assert_uint_eq(g->report.n, 0);
	conf_module_options(g->conf, 0, &bare, &g->report);
	conf_module_options(g->conf, 1, &dock, &g->report);
}

static void
has(const struct given *g, uint32_t ropes, uint32_t wet)
{
	const struct settings *s = &g->conf->settings;

	ck_assert_uint_eq(settings_option(s, &options[0]), ropes);
	ck_assert_uint_eq(settings_option(s, &options[1]), wet);
}

START_TEST(values_and_defaults)
{
	static const struct {
		const char *text;
		uint32_t ropes, wet;
	} cases[] = {
		{ MODULES, 5, 1 },
		{ MODULES "dock = { };", 5, 1 },
		{ MODULES "dock = { ropes = 2; };", 2, 1 },
		{ MODULES "dock = { wet = false; ropes = 9; };", 9, 0 },
		{ "dock = { ropes = 3; };" MODULES, 3, 1 },
		{ MODULES "bare = { }; dock = { ropes = 4; };", 4, 1 },
	};
	struct settings none = { 0 };
	const struct span *list;
	struct given g;
	size_t n = 1;

	read_it(&g, MODULES "dock = { secret = \"1234\"; };");
	ck_assert_uint_eq(g.report.n, 0);
	ck_assert(span_eq(settings_word(&g.conf->settings, &options[2]),
	    SPAN("1234")));
	given_fini(&g);
	ck_assert(settings_word(&none, &options[2]).n == 0);
	ck_assert_ptr_null(settings_list(&none, &options[3], &n));
	ck_assert_uint_eq(n, 0);
	read_it(&g, MODULES "dock = { masts = ( \"m 1\", \"m2\" ); };");
	ck_assert_uint_eq(g.report.n, 0);
	list = settings_list(&g.conf->settings, &options[3], &n);
	ck_assert_uint_eq(n, 2);
	ck_assert(span_eq(list[0], SPAN("m 1")));
	ck_assert(span_eq(list[1], SPAN("m2")));
	given_fini(&g);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_it(&g, cases[i].text);
		ck_assert_uint_eq(g.report.n, 0);
		has(&g, cases[i].ropes, cases[i].wet);
		given_fini(&g);
	}
	ck_assert_uint_eq(settings_option(&none, &options[0]), 5);
}
END_TEST

START_TEST(mistakes)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *report;
	} cases[] = {
		{ MODULES "dock = { ropes = 1; };", 6,
		    "dock.ropes: expected a whole number from 2 to 9, not the "
		    "number 1" },
		{ MODULES "dock = {\nwet = true;\nropes = 10; };", 8,
		    "dock.ropes: expected a whole number from 2 to 9, not the "
		    "number 10" },
		{ MODULES "dock = { ropes = 4294967298; };", 6,
		    "dock.ropes: expected a whole number from 2 to 9, not the "
		    "number 4294967298" },
		{ MODULES "dock = { ropes = \"2\"; };", 6,
		    "dock.ropes: expected a whole number from 2 to 9, not a "
		    "text "
		    "of 1 byte" },
		{ MODULES "dock = { wet = 1; };", 6,
		    "dock.wet: expected true or false, not the number 1" },
		{ MODULES "dock = { secret = \"123\"; };", 6,
		    "dock.secret: expected a text of 4 to 8 printable "
		    "characters without space, quote and backslash, not a text "
		    "of 3 bytes" },
		{ MODULES "dock = { secret = \"12 34\"; };", 6,
		    "dock.secret: expected a text of 4 to 8 printable "
		    "characters without space, quote and backslash, not a text "
		    "of 5 bytes" },
		{ MODULES "dock = { secret = 12345; };", 6,
		    "dock.secret: expected a text of 4 to 8 printable "
		    "characters without space, quote and backslash, not a "
		    "number" },
		{ MODULES "dock = { masts = ( ); };", 6,
		    "dock.masts: expected a list of 1 to 2 texts of printable "
		    "characters without quote and backslash, not a list" },
		{ MODULES "dock = { masts = ( \"m\", \"m\", \"m\" ); };", 6,
		    "dock.masts: expected a list of 1 to 2 texts of printable "
		    "characters without quote and backslash, not a list" },
		{ MODULES "dock = { masts = ( \"m\", 1 ); };", 6,
		    "dock.masts: expected a list of 1 to 2 texts of printable "
		    "characters without quote and backslash, not a list" },
		{ MODULES "dock = { masts = ( \"m\", \"m\\x07\" ); };", 6,
		    "dock.masts: expected a list of 1 to 2 texts of printable "
		    "characters without quote and backslash, not a list" },
		{ MODULES "dock = { masts = \"m\"; };", 6,
		    "dock.masts: expected a list of 1 to 2 texts of printable "
		    "characters without quote and backslash, not a text of 1 "
		    "byte" },
		{ MODULES "dock = { masts = ( \"m 1\", \"2\" ); };", 6,
		    "dock.masts: expected a mast, not \"2\"" },
		{ MODULES "dock = { rope = 2; };", 6,
		    "dock.rope: the module has no such option" },
		{ MODULES "bare = { ropes = 2; };", 6,
		    "bare.ropes: the module has no such option" },
	};
	struct given g;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_it(&g, cases[i].text);
		ck_assert_uint_eq(g.report.errors, 1);
		ck_assert_uint_eq(g.report.v[0].at.line, cases[i].line);
		ck_assert_msg(span_eq(g.report.v[0].text,
				  span_of(cases[i].report)),
		    "%.*s", SPAN_ARG(g.report.v[0].text));
		given_fini(&g);
	}
}
END_TEST

START_TEST(a_group_of_the_server_has_no_options_of_a_module)
{
	char all[4096];
	struct given g;

	strcpy(all, minimal);
	strcat(all, "modules = ( \"log\" ); log = { level = \"error\"; };");
	given_init(&g, all);
	ck_assert_uint_eq(g.report.n, 0);
	conf_module_options(g.conf, 0, &log_rows, &g.report);
	ck_assert_uint_eq(g.report.errors, 1);
	ck_assert(span_eq(g.report.v[0].text,
	    SPAN("modules: log: it has options, but a group of that name is "
		 "the server's own")));
	given_fini(&g);
}
END_TEST

START_TEST(they_are_printed_as_they_are_read)
{
	static const char want[] = "dock = {\n\tropes = 7;\n\twet = "
				   "false;\n\tsecret = \"a&;b\";\n\tmasts = "
				   "(\"m 1\", \"m\");\n};\n";
	char out[8192];
	struct writer w;
	struct given g;

	read_it(&g,
	    MODULES "dock = { wet = false; secret = \"a&;b\"; ropes = 7; "
		    "masts = [ \"m 1\", \"m\" ]; };");
	writer_init(&w, out, sizeof(out) - 1);
	conf_print(&w, g.conf);
	out[w.n] = '\0';
	ck_assert_ptr_nonnull(strstr(out, want));
	given_fini(&g);
}
END_TEST

Suite *
module_option_suite(void)
{
	Suite *s = suite_create("module_option");
	TCase *t = unit_case("all");

	tcase_add_test(t, values_and_defaults);
	tcase_add_test(t, mistakes);
	tcase_add_test(t, a_group_of_the_server_has_no_options_of_a_module);
	tcase_add_test(t, they_are_printed_as_they_are_read);
	suite_add_tcase(s, t);
	return s;
}
