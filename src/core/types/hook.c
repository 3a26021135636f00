#include "core/types/hook.h"

#include "core/types/tables.h"

const char *
speak_ask(struct speech *x, uint64_t modes)
{
	const struct speak_hook *h = x->tables->speak;
	const char *why = NULL;

	for (unsigned i = 0; why == NULL && i < x->tables->nspeak; i++)
		if (h[i].modes == 0 || (h[i].modes & modes) != 0)
			why = h[i].row->speak(x);
	return why;
}
