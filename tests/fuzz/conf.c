/*
 * A configuration: the check must survive every tree that libconfig parses. If
 * it accepts a configuration, the printed form is accepted again, and prints as
 * itself. If libconfig refuses a text, syntax.c finds a mistake in it. Each
 * module that it names has the same two options. The text is read as that of
 * banyand, and as that of banyan-gate.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/gate.h"
#include "conf/module_option.h"
#include "conf/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig leaks a string whose end it did not see. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

#define PRINT_MAX (1 << 20)

/*
 * Read the only file, "fuzz", which is the input. So a configuration can
 * include itself.
 */
static bool
read_given(void *ctx, struct arena *a, struct span path, struct span *text,
    const char **why)
{
	(void)a;
	*why = "no such file";
	*text = span_of(ctx);
	return span_eq(path, SPAN("fuzz"));
}

static const struct option_row options[] = {
	{ "user_s", OPTION_IS_NUM, 0, 86400, 300, "A number.", NULL },
	{ "private", OPTION_IS_BOOL, 0, 0, 0, "True or false.", NULL },
};

/* Give each module its options, as the daemon does. */
static void
add_options(struct conf *conf, struct conf_report *report)
{
	static struct rows rows[60];
	static char name[60][33];
	const struct conf_module *m;

	for (size_t i = 0; i < conf->nmodule; i++) {
		m = &conf->module[i];
		if (m->refused)
			continue;
		memcpy(name[i], m->name.p, m->name.n);
		name[i][m->name.n] = '\0';
		rows[i] = (struct rows){
			.of = name[i], .option = options, .noption = 2
		};
		conf_module_options(conf, i, &rows[i], report);
	}
}

/* Check a text. Return the configuration as printed, which the caller frees. */
static char *
check(const struct schema *schema, char *text, bool *refused)
{
	const struct conf_files files = { read_given, text };
	char *out = malloc(PRINT_MAX);
	struct conf_report report;
	struct conf_head *conf;
	struct writer w;

	writer_init(&w, out, PRINT_MAX - 1);
	conf_report_init(&report);
	conf = conf_read(schema, SPAN("fuzz"), &files, &report);
	for (size_t i = 0; i < report.n; i++)
		assert(!span_eq(report.v[i].text, SPAN("syntax error")) &&
		       !span_eq(report.v[i].text,
			   SPAN("duplicate setting name")));
	if (conf != NULL && schema == &banyand_schema)
		add_options(conf_of(conf), &report);
	*refused = report.errors > 0;
	assert(*refused || conf != NULL);
	if (conf != NULL)
		conf_head_print(&w, conf);
	conf_head_free(conf);
	conf_report_fini(&report);
	out[w.n] = '\0';
	if (w.over)
		*refused = true;
	return out;
}

/* Check a text, and what it is printed as. */
static void
check_twice(const struct schema *schema, char *text)
{
	char *first, *second;
	bool refused;

	first = check(schema, text, &refused);
	if (!refused) {
		second = check(schema, first, &refused);
		assert(!refused);
		assert(strcmp(first, second) == 0);
		free(second);
	}
	free(first);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	text = malloc(size + 1);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_twice(&banyand_schema, text);
	check_twice(&gate_schema, text);
	free(text);
	return 0;
}
