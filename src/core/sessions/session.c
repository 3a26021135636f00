#include "core/sessions/session.h"

#include <stdlib.h>

#include "base/mem.h"

const struct session_more *
session_more(const struct session *s)
{
	static const struct session_more nothing;

	return s->more == NULL ? &nothing : s->more;
}

struct session_more *
session_get_more(struct session *s)
{
	if (s->more == NULL)
		s->more = mem_zalloc(sizeof(*s->more));
	return s->more;
}

void
session_free_more(struct session *s)
{
	free(s->more);
	s->more = NULL;
}
