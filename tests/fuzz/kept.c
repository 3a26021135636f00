/*
 * daemon/kept: the text that a program leaves to the next one of its process. A
 * text that is read, and written again, says the same.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "daemon/kept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read the text, and write what it says to f, which may be NULL. Return true if
 * it is whole. */
static bool
read_all(struct span text, FILE *f)
{
	struct kept_run run;
	struct kept_conn k;
	enum kept_part part;
	struct span node;
	long at;

	if (!kept_begin(&text, &run, &node))
		return false;
	if (f != NULL) {
		kept_put_run(f, &run);
		at = kept_begin_node(f);
		(void)fwrite(node.n > 0 ? node.p : "", 1, node.n, f);
		kept_end_node(f, at);
	}
	while ((part = kept_next(&text, &k)) == KEPT_CONN)
		if (f != NULL)
			kept_put_conn(f, &k);
	if (f != NULL)
		kept_put_end(f);
	return part == KEPT_END;
}

static struct span
written(struct span text)
{
	size_t n = 0;
	char *p = NULL;
	FILE *f = open_memstream(&p, &n);

	assert(f != NULL);
	assert(read_all(text, f));
	(void)fclose(f);
	return span_make(p, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make(data, size), once, twice;

	if (!read_all(text, NULL))
		return 0;
	once = written(text);
	twice = written(once);
	assert(span_eq(once, twice));
	free((void *)(uintptr_t)once.p);
	free((void *)(uintptr_t)twice.p);
	return 0;
}
