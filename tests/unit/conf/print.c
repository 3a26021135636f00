#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/conf/check_conf.h"

/* Print the configuration as a string, which the caller frees. */
static char *
print(const struct conf *conf)
{
	size_t cap = 65536;
	char *text = malloc(cap);
	struct writer w;

	writer_init(&w, text, cap);
	conf_print(&w, conf);
	writer_char(&w, '\0');
	ck_assert(!w.over);
	return text;
}

/* Each kind of value, and no value is its default. */
static const char full[] =
    "state = \"/s\"; control = \"/c\\\\\\\"x\"; user = \"u\";\n"
    "server = { name = \"one.example\"; sid = \"1AA\"; network = \"Example\";"
    "  description = \"\xc3\xa9\"; utf8only = false;"
    "  gates_at = \"[2001:db8::1]:7001\"; };\n"
    "listen = ( { address = \"127.0.0.1\"; port = 1; },"
    "  { address = \"::\"; port = 2; tls = true; for = \"links\"; },"
    "  { address = \"::\"; port = 4; tls = true; for = \"gates\"; },"
    "  { address = \"::1\"; port = 3; websocket = true;"
    "  origins = ( \"https://a.b\", \"*\" ); } );\n"
    "tls = { certificate = \"/a\"; key = \"/b\"; link_certificate = \"/c\";"
    "  link_key = \"/d\"; };\n"
    "links = ( { name = \"two.example\"; sid = \"2BB\"; pin = \""
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\";"
    "  address = (\"192.0.2.1:7000\", \"[2001:db8::1]:7001\",\n"
    "  \"hub.test:7002\", \"_banyan._tcp.hub.test\"); } );\n"
    "opers = ( { name = \"o\"; mask = \"*@h\"; password = "
    "\"$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\";"
    " class = \"top\"; pin = \""
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"; } );\n"
    "oper_classes = ( { name = \"low\"; privileges = ( \"kill\" ); },"
    "  { name = \"top\"; inherits = \"low\";"
    "  privileges = [ \"modules\", \"see-address\" ]; } );\n"
    "modules = ( \"a\", \"b-2\" ); module_dir = \"/m\";\n"
    "classes = ( { name = \"c\"; net = \"10.0.0.0/8\"; ping_s = 77; } );\n"
    "sync = { keep_mib = 3; };\n"
    "log = { file = \"/l\"; format = \"json\"; level = \"warn\"; };\n";

START_TEST(print_reads_back_as_the_same)
{
	const char *text = _i == 0 ? minimal : full;
	char *first, *second;
	struct given g;

	given_init(&g, text);
	ck_assert_uint_eq(g.report.n, 0);
	first = print(g.conf);
	given_fini(&g);

	given_init(&g, first);
	ck_assert_uint_eq(g.report.n, 0);
	second = print(g.conf);
	given_fini(&g);
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
}
END_TEST

START_TEST(print_has_what_was_given)
{
	static const char *const parts[] = { "state = \"/s\";\n",
		"control = \"/c\\\\\\\"x\";\n", "user = \"u\";\n",
		"\tdescription = \"\xc3\xa9\";\n", "\tutf8only = false;\n",
		("\taddress = \"::\";\n\tport = 2;\n\ttls = true;\n"
		 "\tfor = \"links\";\n"),
		"\twebsocket = true;\n\torigins = (\"https://a.b\", \"*\");\n",
		"\tlink_key = \"/d\";\n",
		("\taddress = (\"192.0.2.1:7000\", \"[2001:db8::1]:7001\", "
		 "\"hub.test:7002\", \"_banyan._tcp.hub.test\");\n"),
		"\tmask = \"*@h\";\n", "\tnet = \"10.0.0.0/8\";\n",
		"modules = (\"a\", \"b-2\");\n", "module_dir = \"/m\";\n",
		"\tping_s = 77;\n", "\tkeep_mib = 3;\n",
		"\tlevel = \"warn\";\n", "\tnick_len = 30;\n" };
	struct given g;
	char *text;

	given_init(&g, full);
	text = print(g.conf);
	for (int i = 0; i < ROWS(parts); i++)
		ck_assert_msg(strstr(text, parts[i]) != NULL, "no %s in %s",
		    parts[i], text);
	given_fini(&g);
	free(text);
}
END_TEST

START_TEST(keep_holds_what_needs_a_restart)
{
	struct given old, next;
	char *text, *changed, *p;

	given_init(&old, full);
	text = print(old.conf);
	changed = strdup(text);
	p = strstr(changed, "one.example");
	p[0] = 'X';
	p = strstr(changed, "\"1AA\"");
	p[1] = '9';
	p = strstr(changed, "alone_ms = 2000");
	p[11] = '3';
	p = strstr(changed, "ping_s = 77");
	p[9] = '9';
	p = strstr(changed, "description = ");
	p[15] = 'x';
	p[16] = 'y';
	given_init(&next, changed);
	ck_assert_uint_eq(next.report.n, 0);

	conf_keep(old.conf, next.conf, &next.report);
	ck_assert_uint_eq(next.report.n, 4);
	ck_assert_uint_eq(next.report.errors, 0);
	ck_assert(span_eq(next.report.v[0].text,
	    SPAN("server.name only changes at a restart: the old value stays "
		 "in use")));
	ck_assert(span_eq(next.report.v[1].text,
	    SPAN("server.sid only changes at a restart: the old value stays "
		 "in use")));
	ck_assert(span_eq(next.report.v[2].text,
	    SPAN("server.description only changes when the server is stopped "
		 "and started: the old value stays in use")));
	ck_assert(span_eq(next.report.v[3].text,
	    SPAN("sync.alone_ms only changes at a restart: the old value "
		 "stays in use")));
	for (int i = 0; i < 4; i++)
		ck_assert_uint_gt(next.report.v[i].at.line, 0);
	ck_assert_uint_eq(next.report.v[1].at.line,
	    next.report.v[0].at.line + 1);
	given_fini(&old); /* nothing may be borrowed from it */
	ck_assert(span_eq(next.conf->settings.name, SPAN("one.example")));
	ck_assert_str_eq(next.conf->settings.sid.s, "1AA");
	ck_assert_uint_eq(next.conf->settings.alone_ms, 2000);
	ck_assert_uint_eq(next.conf->settings.class[0].ping_s, 97);
	given_fini(&next);
	free(text);
	free(changed);
}
END_TEST

Suite *
print_suite(void)
{
	Suite *s = suite_create("conf/print");
	TCase *t = unit_case("print");

	tcase_add_loop_test(t, print_reads_back_as_the_same, 0, 2);
	tcase_add_test(t, print_has_what_was_given);
	tcase_add_test(t, keep_holds_what_needs_a_restart);
	suite_add_tcase(s, t);
	return s;
}
