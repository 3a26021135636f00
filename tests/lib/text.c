#include "lib/text.h"

#include <string.h>

unsigned
text_count(const char *text, const char *piece)
{
	unsigned n = 0;

	for (; (text = strstr(text, piece)) != NULL; text++)
		n++;
	return n;
}
