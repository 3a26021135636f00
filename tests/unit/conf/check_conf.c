/*
 * The unit tests of src/conf. To add a suite, add a line here and in the
 * header.
 */
#include "unit/conf/check_conf.h"

/* libconfig leaks a string whose end it did not see. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

const char minimal[] =
    "state = \"/s\";\n"
    "server = { name = \"one.example\"; sid = \"1AA\";\n"
    "  network = \"Example\"; };\n"
    "listen = ( { address = \"127.0.0.1\"; port = 6667; } );\n";

static bool
read_given(void *ctx, struct arena *a, struct span path, struct span *text,
    const char **why)
{
	const struct given_file *file = ctx;

	(void)a;
	for (; file->path != NULL; file++)
		if (span_eq(path, span_of(file->path))) {
			*text = span_of(file->text);
			return true;
		}
	*why = "no such file";
	return false;
}

struct conf_files
given_reader(const struct given_file *file)
{
	return (struct conf_files){ read_given, (void *)(uintptr_t)file };
}

void
given_init_files(struct given *g, const struct given_file *file)
{
	const struct conf_files files = given_reader(file);

	conf_report_init(&g->report);
	g->conf = conf_of(conf_read(&banyand_schema, span_of(file->path),
	    &files, &g->report));
}

void
given_init(struct given *g, const char *text)
{
	const struct given_file file[] = { { "f", text }, { NULL, NULL } };

	given_init_files(g, file);
}

void
given_fini(struct given *g)
{
	conf_free(g->conf);
	conf_report_fini(&g->report);
}

void
assert_report(const struct conf_report *r, const char *expected)
{
	char text[8192];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	for (size_t i = 0; i < r->n; i++) {
		if (i > 0)
			writer_char(&w, '\n');
		conf_problem_build(&w, &r->v[i]);
	}
	writer_char(&w, '\0');
	ck_assert(!w.over);
	ck_assert_str_eq(text, expected != NULL ? expected : "");
}

int
main(void)
{
	static unit_suite *const suites[] = {
		check_suite,
		gate_suite,
		module_option_suite,
		print_suite,
		schema_suite,
		source_suite,
		syntax_suite,
		NULL,
	};

	return unit_main(suites);
}
