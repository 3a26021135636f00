/* The unit tests of src/conf. A new suite is a line here and in the header. */
#include "unit/conf/check_conf.h"

const char minimal[] =
    "state = \"/s\";\n"
    "server = { name = \"one.example\"; sid = \"1AA\";\n"
    "  network = \"Example\"; };\n"
    "listen = ( { address = \"127.0.0.1\"; port = 6667; } );\n";

void
given_init(struct given *g, const char *text)
{
	struct conf_report *r = &g->report;

	config_init(&g->tree);
	conf_report_init(r);
	ck_assert_msg(config_read_string(&g->tree, text), "line %d: %s in\n%s",
	    config_error_line(&g->tree), config_error_text(&g->tree), text);
	g->conf = conf_check(&g->tree, SPAN("f"), r);
	conf_report_sort(r);
}

void
given_fini(struct given *g)
{
	conf_free(g->conf);
	conf_report_fini(&g->report);
	config_destroy(&g->tree);
}

int
main(void)
{
	static unit_suite *const suites[] = {
		check_suite,
		print_suite,
		schema_suite,
		NULL,
	};

	return unit_main(suites);
}
