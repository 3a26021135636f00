#include "ctl/print.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/writer.h"

void
print_error(const char *what, const char *detail)
{
	if (detail == NULL)
		(void)fprintf(stderr, "banyanctl: %s\n", what);
	else
		(void)fprintf(stderr, "banyanctl: %s: %s\n", what, detail);
}

void
print_json(FILE *to, struct span s)
{
	size_t max = WRITER_JSON_BYTES(s.n);
	char *text = mem_alloc(max);
	struct writer w;

	writer_init(&w, text, max);
	writer_json(&w, s);
	(void)fwrite(text, 1, writer_done(&w).n, to);
	free(text);
}
