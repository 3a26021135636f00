#include "ctl/print.h"

void
print_error(const char *what, const char *detail)
{
	if (detail == NULL)
		(void)fprintf(stderr, "banyanctl: %s\n", what);
	else
		(void)fprintf(stderr, "banyanctl: %s: %s\n", what, detail);
}

/* RFC 8259, 7. */
void
print_json(FILE *to, struct span s)
{
	(void)fputc('"', to);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			(void)fprintf(to, "\\%c", c);
		else if (c < 0x20)
			(void)fprintf(to, "\\u%04x", c);
		else
			(void)fputc(c, to);
	}
	(void)fputc('"', to);
}
