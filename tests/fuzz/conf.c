/*
 * A configuration: the check must survive every tree that libconfig parses. If
 * it accepts a configuration, the printed form is accepted again, and prints as
 * itself. If libconfig refuses a text, syntax.c finds a mistake in it.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* Check a text. Return the configuration as printed, which the caller frees. */
static char *
check(char *text, bool *refused)
{
	const struct conf_files files = { read_given, text };
	char *out = malloc(PRINT_MAX);
	struct conf_report report;
	struct conf *conf;
	struct writer w;

	writer_init(&w, out, PRINT_MAX - 1);
	conf_report_init(&report);
	conf = conf_read(SPAN("fuzz"), &files, &report);
	for (size_t i = 0; i < report.n; i++)
		assert(!span_eq(report.v[i].text, SPAN("syntax error")) &&
		       !span_eq(report.v[i].text,
			   SPAN("duplicate setting name")));
	*refused = report.errors > 0;
	assert(*refused || conf != NULL);
	if (conf != NULL)
		conf_print(&w, conf);
	conf_free(conf);
	conf_report_fini(&report);
	out[w.n] = '\0';
	if (w.over)
		*refused = true;
	return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text, *first, *second;
	bool refused;

	text = malloc(size + 1);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	first = check(text, &refused);
	if (!refused) {
		second = check(first, &refused);
		assert(!refused);
		assert(strcmp(first, second) == 0);
		free(second);
	}
	free(first);
	free(text);
	return 0;
}
