/*
 * Descriptors of modules (core/module.h): the one of help is taken, and each
 * member of it that is wrong is named.
 */
#include "core/rows.h"
#include "lib/fleet.h"
#include "lib/modules.h"
#include "unit/core/check_core.h"

#define TEXT(x) #x
#define AS_TEXT(x) TEXT(x)

static const struct module *
help(void)
{
	const struct module *m = modules_find(SPAN("help"));

	ck_assert_ptr_nonnull(m);
	return m;
}

/* Expect that the module is refused with this reason. */
static void
refused(const struct module *m, struct span name, const char *reason)
{
	char buf[256];
	struct writer why;

	writer_init(&why, buf, sizeof(buf) - 1);
	ck_assert(!module_fits(m, name, &why));
	buf[why.n] = '\0';
	ck_assert_str_eq(buf, reason);
}

START_TEST(each_module_of_the_tree_is_taken)
{
	const struct module *m;
	char buf[256];
	struct writer why;
	size_t i;

	for (i = 0; (m = modules_get(i)) != NULL; i++) {
		writer_init(&why, buf, sizeof(buf));
		ck_assert(module_fits(m, span_of(m->name), &why));
		ck_assert_uint_eq(why.n, 0);
		ck_assert_ptr_eq(modules_find(span_of(m->name)), m);
	}
	ck_assert_uint_gt(i, 0);
	ck_assert_ptr_null(modules_find(SPAN("none")));
}
END_TEST

/* No two modules of the tree have a letter, a number or a name in common. */
START_TEST(the_modules_of_the_tree_fit_together)
{
	static struct tables t;
	const struct rows *rows[SOURCES_MAX];
	const struct module *m;
	char buf[256];
	struct writer why;
	bool ok;
	size_t n = 0;

	while ((m = modules_get(n)) != NULL) {
		ck_assert_uint_lt(n, SOURCES_MAX);
		rows[n++] = m->rows;
	}
	writer_init(&why, buf, sizeof(buf) - 1);
	ok = core_tables(&t, rows, n, &why);
	buf[why.n] = '\0';
	ck_assert_msg(ok, "%s", buf);
}
END_TEST

START_TEST(a_wrong_member_is_named)
{
	struct module m = *help();

	m.interface = 0;
	m.layout = 0;
	m.name = NULL;
	refused(&m, SPAN("help"),
	    "it is made for version 0 of the interface; this server "
	    "has " AS_TEXT(MODULE_INTERFACE));
	m.interface = MODULE_INTERFACE;
	refused(&m, SPAN("help"),
	    "it is made with the headers of another version of Banyan");
	m.layout = help()->layout;
	refused(&m, SPAN("help"), "its descriptor is not complete");
	m = *help();
	refused(&m, SPAN("helper"), "it calls itself help");
	m.name = "helper";
	refused(&m, SPAN("helper"), "it calls itself help");
}
END_TEST

static void
adds(const char *name, const char *want)
{
	char buf[256];
	struct writer w;

	writer_init(&w, buf, sizeof(buf) - 1);
	module_adds(&w, modules_find(span_of(name)));
	buf[w.n] = '\0';
	ck_assert_str_eq(buf, want);
}

START_TEST(what_it_adds)
{
	static const struct module of_fleet = { .rows = &fleet };
	char buf[256];
	struct writer w;

	adds("help", "commands HELP HELPOP, numerics 704 705 706 524");
	adds("knock", "commands KNOCK, tokens KNOCK, options user_s "
		      "channel_s private, messages KNOCK, "
		      "numerics 710 711 712 713 714");
	adds("nocolour", "channel modes +c +S");
	writer_init(&w, buf, sizeof(buf) - 1);
	module_adds(&w, &of_fleet);
	buf[w.n] = '\0';
	ck_assert_str_eq(buf,
	    "commands FLEET BERTH, channel modes +C +d +g, statuses +u, "
	    "user modes +B, capabilities banyan.test/fleet, "
	    "tokens FLEET SAILS DRAUGHTLEN PIERS DOCK, verbs BERTH, "
	    "numerics 902 941 940 903");
}
END_TEST

START_TEST(names)
{
	ck_assert(module_name_valid(SPAN("a")));
	ck_assert(module_name_valid(SPAN("no-ctcp_2")));
	ck_assert(module_name_valid(SPAN("abcdefghijklmnopqrstuvwxyz012345")));
	ck_assert(!module_name_valid(SPAN("abcdefghijklmnopqrstuvwxyz012345"
					  "6")));
	ck_assert(!module_name_valid(SPAN("")));
	ck_assert(!module_name_valid(SPAN("Help")));
	ck_assert(!module_name_valid(SPAN("a/b")));
	ck_assert(!module_name_valid(SPAN("a.b")));
	ck_assert(!module_name_valid(SPAN("a b")));
}
END_TEST

Suite *
modules_suite(void)
{
	Suite *s = suite_create("modules");
	TCase *t = unit_case("all");

	tcase_add_test(t, each_module_of_the_tree_is_taken);
	tcase_add_test(t, the_modules_of_the_tree_fit_together);
	tcase_add_test(t, a_wrong_member_is_named);
	tcase_add_test(t, what_it_adds);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}
