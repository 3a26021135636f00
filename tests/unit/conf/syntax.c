#include "conf/syntax.h"

#include <stdio.h>

#include "unit/conf/check_conf.h"

/* A file "f", and the report about its text. */
static const struct {
	const char *text;
	const char *report;
} cases[] = {
	/* names */
	{ "\"user\" = \"x\";",
	    "f:1:1: expected the name of an option, not the text \"user\": a "
	    "name has no quotes" },
	{ "6user = 1;",
	    "f:1:1: expected the name of an option, not the number 6: a "
	    "name begins with a letter" },
	{ "[server]\nname = 1;",
	    "f:1:1: expected the name of an option, not \"[\": a group "
	    "is written NAME = { ... };" },
	{ "{ name = 1; }",
	    "f:1:1: expected the name of an option, not \"{\": a group "
	    "has a name: NAME = { ... };" },
	{ "a = 1;; b = 2;",
	    "f:1:7: expected the name of an option, not \";\": one \";\" "
	    "is enough" },
	{ "my.option = 1;",
	    "f:1:1: expected the name of an option, not my.option: a "
	    "name has only letters, digits, - and _" },
	{ "nick len = 1;",
	    "f:1:6: expected \"=\" after the name nick, not the word len" },
	{ "n\xc3\xa9 = 1;",
	    "f:1:1: expected the name of an option, not n\xc3\xa9: a "
	    "name has only letters, digits, - and _" },
	{ "a = 1;\n  -b = 2;",
	    "f:2:3: expected the name of an option, not the character -" },
	{ "user = \"x\";\nserver = { };\nuser = \"y\";",
	    "f:3:1: user is already set in line 1" },
	{ "links = ( { name = 1; } );\n\nlinks = ( );",
	    "f:3:1: links is already set in line 1: put both into one "
	    "list, links = ( { ... }, { ... } );" },
	{ "server = { a = 1; };\nserver = { b = 1; };",
	    "f:2:1: server is already set in line 1: put both into one "
	    "group, server = { ... };" },
	{ "a = { b = 1; c = { b = 1; }; b = 2; };",
	    "f:1:30: b is already set in line 1" },
	{ "true = 1;",
	    "f:1:1: expected the name of an option, not the word true" },
	{ "\xef\xbb\xbfuser = \"x\";",
	    "f:1:1: expected the name of an option, not a byte order "
	    "mark: save the file as UTF-8 without a byte order mark" },
	{ "a = 1;\n\x01",
	    "f:2:1: expected the name of an option, not the byte 0x01" },

	/* includes */
	{ "include \"x\"",
	    "f:1:9: expected \"=\" after the name include, not the text "
	    "\"x\": write NAME = \"...\", or @include \"FILE\" to "
	    "include a file" },
	{ "a = 1; @include \"x\"",
	    "f:1:8: expected the name of an option, not the character @: "
	    "an @include stands at the start of a line: @include "
	    "\"FILE\"" },
	{ "@include x\n",
	    "f:1:1: expected the name of an option, not the character @: "
	    "an @include stands at the start of a line: @include "
	    "\"FILE\"" },

	/* what may be secret is not repeated */
	{ "password \"x\";",
	    "f:1:10: expected \"=\" after the name password, not a text: "
	    "write NAME = \"...\", or @include \"FILE\" to include a file" },
	{ "password = hunter2;",
	    "f:1:12: expected a value for password, not a word: a text stands "
	    "in double quotes" },
	{ "a = { old_key = 12x4; };",
	    "f:1:17: expected a number, true or false, or a text in double "
	    "quotes, not a word" },
	{ "password = \"a\" \"b\" hunter2;",
	    "f:1:27: expected \"=\" after the name of an option, not \";\"" },
	{ "password = \"a\"; \"b\"",
	    "f:1:17: expected the name of an option, not a text: a name has no "
	    "quotes" },
	{ "password = \"ab\"cd!ef\";",
	    "f:1:16: expected the name of an option, not a word: a name has "
	    "only letters, digits, - and _" },
	{ "password = \"ab\"cd=ef;",
	    "f:1:19: expected a value for an option, not a word: a text stands "
	    "in double quotes" },
	{ "password = \"ab\"cd=5!x;",
	    "f:1:19: expected a number, true or false, or a text in double "
	    "quotes, not a word" },
	{ "password = \"ab\"cd=\"5\"!x;",
	    "f:1:22: expected \";\" after the value of an option, not "
	    "something else" },
	{ "password = [ \"hunter2\", 5 ];",
	    "f:1:25: expected a value of the same type as the first one, not "
	    "something else: use a list, ( )" },
	{ "PassWord = hunter2;",
	    "f:1:12: expected a value for PassWord, not a word: a text stands "
	    "in double quotes" },
	{ "db_Pass = hunter2;",
	    "f:1:11: expected a value for db_Pass, not a word: a text stands "
	    "in double quotes" },
	{ "passwd = hunter2;",
	    "f:1:10: expected a value for passwd, not a word: a text stands "
	    "in double quotes" },
	{ "secret = hunter2;",
	    "f:1:10: expected a value for secret, not a word: a text stands "
	    "in double quotes" },
	{ "key = \"a\" b c;",
	    "f:1:13: expected \"=\" after the name of an option, not a word" },

	/* the equals sign */
	{ "user \"x\";",
	    "f:1:6: expected \"=\" after the name user, not the text "
	    "\"x\": write NAME = \"...\", or @include \"FILE\" to "
	    "include a file" },
	{ "server { name = 1; };",
	    "f:1:8: expected \"=\" after the name server, not \"{\": a "
	    "group is written NAME = { ... };" },
	{ "links ( );",
	    "f:1:7: expected \"=\" after the name links, not \"(\": a "
	    "list is written NAME = ( ... );" },
	{ "user == \"x\";",
	    "f:1:7: expected a value for user, not \"=\": one \"=\" is "
	    "enough" },
	{ "user", "f:2:1: expected \"=\" after the name user, not the end of "
		  "the file" },

	/* values */
	{ "user = ;", "f:1:8: expected a value for user, not \";\"" },
	{ "user = banyan;",
	    "f:1:8: expected a value for user, not banyan: a text stands "
	    "in double quotes" },
	{ "state = /var/lib/banyan;",
	    "f:1:9: expected a value for state, not /var/lib/banyan: a "
	    "text stands in double quotes" },
	{ "name = irc.example.net;",
	    "f:1:8: expected a value for name, not irc.example.net: a "
	    "text stands in double quotes" },
	{ "server = { motd = ~/motd.txt }",
	    "f:1:19: expected a value for motd, not ~/motd.txt: a text "
	    "stands in double quotes" },
	{ "address = ::1;",
	    "f:1:11: expected a value for address, not ::1: a text "
	    "stands in double quotes" },
	{ "address = 192.0.2.1;",
	    "f:1:11: expected a number, true or false, or a text in "
	    "double quotes, not 192.0.2.1" },
	{ "keep_s = 10m;",
	    "f:1:10: expected a number, true or false, or a text in "
	    "double quotes, not 10m" },
	{ "sendq = 1_000_000;",
	    "f:1:9: expected a number, true or false, or a text in "
	    "double quotes, not 1_000_000" },
	{ "tls = yes;",
	    "f:1:7: expected a value for tls, not yes: write true or "
	    "false" },
	{ "tls = On;", "f:1:7: expected a value for tls, not On: write true or "
		       "false" },
	{ "user = 'x';",
	    "f:1:8: expected a value for user, not 'x': a text stands in "
	    "double quotes" },
	{ "user = \xe2\x80\x9cx\xe2\x80\x9d;",
	    "f:1:8: expected a value for user, not "
	    "\xe2\x80\x9cx\xe2\x80\x9d: use plain double quotes, \"" },
	{ "user = $HOME;",
	    "f:1:8: expected a value for user, not $HOME: a text stands "
	    "in double quotes" },
	{ "port = -;",
	    "f:1:8: expected a value for port, not -: a text stands in "
	    "double quotes" },
	{ "user = \"x\" 5;",
	    "f:1:12: expected \";\" after the value of user, not the "
	    "number 5" },
	{ "user =",
	    "f:2:1: expected a value for user, not the end of the file" },
	{ "user = \"x;\nstate = 1;",
	    "f:1:8: the text that begins here has no closing \" on its "
	    "line" },
	{ "user = \"x\"\";\nstate = 1;",
	    "f:1:11: the text that begins here has no closing \" on its "
	    "line" },
	{ "/* a\nuser = \"x\";",
	    "f:1:1: the comment that begins here has no end, */" },
	{ "user = \"x\"; /* a",
	    "f:1:13: the comment that begins here has no end, */" },

	/* groups and lists */
	{ "server = { name = \"x\";\nlisten = ( );",
	    "f:3:1: expected \"}\" to close the \"{\" of line 1, not the "
	    "end of the file" },
	{ "server = { name = \"x\"; );",
	    "f:1:24: expected \"}\" to close the \"{\" of line 1, not "
	    "\")\"" },
	{ "};", "f:1:1: nothing is open that \"}\" could close" },
	{ "server = { a = 1; } };",
	    "f:1:21: nothing is open that \"}\" could close" },
	{ "links = ( { a = 1; } { b = 1; } );",
	    "f:1:22: expected \",\" or \")\" to close the \"(\" of line "
	    "1, not \"{\": \",\" separates values" },
	{ "links = ( { a = 1; }; );",
	    "f:1:21: expected \",\" or \")\" to close the \"(\" of line "
	    "1, not \";\": \",\" separates values" },
	{ "links = ( { a = 1; }, );",
	    "f:1:23: expected a value after \",\", not \")\": remove the "
	    "\",\" before it" },
	{ "links = ( { a = 1; },, { } );",
	    "f:1:22: expected a value after \",\", not \",\": one \",\" "
	    "is enough" },
	{ "links = ( name = \"x\" );",
	    "f:1:11: expected a value or \")\", not the word name: "
	    "options in a list stand in a group, ( { ... } )" },
	{ "links = ( { a = 1; }",
	    "f:2:1: expected \")\" to close the \"(\" of line 1, not the "
	    "end of the file" },
	{ "links = ( { a = 1; )",
	    "f:1:20: expected \"}\" to close the \"{\" of line 1, not "
	    "\")\"" },
	{ "links = ( { a = 1; }\nlog = { };",
	    "f:2:1: expected \",\" or \")\" to close the \"(\" of line "
	    "1, not the word log" },
	{ "a = ( x );",
	    "f:1:7: expected a value or \")\", not x: a text stands in "
	    "double quotes" },
	{ "a = ( 1, x );",
	    "f:1:10: expected a value after \",\", not x: a text stands "
	    "in double quotes" },
	{ "a = ( 1 2 );",
	    "f:1:9: expected \",\" or \")\" to close the \"(\" of line "
	    "1, not the number 2: \",\" separates values" },
	{ "a = ( 1m );",
	    "f:1:7: expected a number, true or false, or a text in "
	    "double quotes, not 1m" },
	{ "a = [ \"x\", 1 ];",
	    "f:1:12: expected a value of the same type as \"x\", not the "
	    "number 1: use a list, ( )" },
	{ "a = [ 1, 1L ];",
	    "f:1:10: expected a value of the same type as 1, not the "
	    "number 1L: use a list, ( )" },
	{ "a = [ { } ];",
	    "f:1:7: expected a number, true or false, or a text in an "
	    "array, [ ], not \"{\": use a list, ( )" },
	{ "a = [ 1, ( ) ];",
	    "f:1:10: expected a number, true or false, or a text in an "
	    "array, [ ], not \"(\": use a list, ( )" },
	{ "a = [ 1;",
	    "f:1:8: expected \",\" or \"]\" to close the \"[\" of line "
	    "1, not \";\": \",\" separates values" },
};

START_TEST(syntax_names_the_first_mistake)
{
	struct given g;

	given_init(&g, cases[_i].text);
	ck_assert_ptr_null(g.conf);
	assert_report(&g.report, cases[_i].report);
	given_fini(&g);
}
END_TEST

/*
 * A text that libconfig accepts has no mistake, or one that is always reported.
 */
START_TEST(syntax_accepts_what_libconfig_accepts)
{
	static const char *const good[] = { "", "a=1", "a:1,b:2;c=3 d=4",
		"a=TRUE;b=False;", "a=\"x\" \"y\"\n\"z\";b=(\"x\" \"y\");",
		"a=();b=[];c={};", "a=([1],(2,{b=1;}));", "a=[1,2];b=[.5,1e3];",
		"a=1.;b=.;c=+5;d=-.5e-3;e=0xfL;f=1LL;", "a-b_1*=1;*=2;",
		"# c\na=1;// c\n/* c\n*/b=2;/**/", "a=\"\\\"\\\\\\x41\";",
		"a={b=1;c={b=1}};b=1;", "a=1;# no newline" };
	struct conf_report r;
	struct given g;

	given_init(&g, good[_i]);
	r = g.report;
	for (size_t i = 0; i < r.n; i++)
		ck_assert_msg(r.v[i].at.column == 0, "%s: %.*s", good[_i],
		    SPAN_ARG(r.v[i].text));
	ck_assert_ptr_nonnull(g.conf);
	given_fini(&g);
}
END_TEST

/* The open bracket may be in another file than the mistake. */
START_TEST(syntax_names_the_other_file)
{
	static const struct given_file file[] = {
		{ "f", "\nserver = {\n@include \"g\"\n" },
		{ "g", "name = 1;\n )" },
		{ NULL, NULL },
	};
	struct given g;

	given_init_files(&g, file);
	assert_report(&g.report,
	    "g:2:2: expected \"}\" to close the \"{\" of f:2, not \")\"");
	given_fini(&g);
}
END_TEST

Suite *
syntax_suite(void)
{
	Suite *s = suite_create("conf/syntax");
	TCase *t = unit_case("syntax");

	tcase_add_loop_test(t, syntax_names_the_first_mistake, 0, ROWS(cases));
	tcase_add_loop_test(t, syntax_accepts_what_libconfig_accepts, 0, 14);
	tcase_add_test(t, syntax_names_the_other_file);
	suite_add_tcase(s, t);
	return s;
}
