/*
 * A configuration: libconfig reads what it can, the check must survive the
 * tree; what it accepts must print as something that it accepts again, and
 * that prints the same.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig forgets a string that it did not see the end of. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

#define PRINT_MAX (1 << 20)

/* The text of the configuration, or NULL when it is refused; to be freed. */
static char *
check(const char *text, bool *refused)
{
	struct conf_report report;
	struct conf *conf;
	struct writer w;
	config_t tree;
	char *out;

	config_init(&tree);
	*refused = !config_read_string(&tree, text);
	out = malloc(PRINT_MAX);
	writer_init(&w, out, PRINT_MAX - 1);
	if (!*refused) {
		conf_report_init(&report);
		conf = conf_check(&tree, SPAN("fuzz"), &report);
		conf_report_sort(&report);
		*refused = report.errors > 0;
		conf_print(&w, conf);
		conf_free(conf);
		conf_report_fini(&report);
	}
	config_destroy(&tree);
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

	/* @include would read this machine's files */
	if (memmem(data, size, "@include", 8) != NULL)
		return 0;
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
