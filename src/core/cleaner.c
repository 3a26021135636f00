#include "core/cleaner.h"

bool
cleaner_is_self(const struct step *st, struct sid sid)
{
	const struct core *c = st->core;
	const struct server *s = facts_find_server(st->facts, sid);

	if (sid_cmp(sid, c->self.sid) == 0)
		return true;
	if (s == NULL || s->forget == 0 || s->forget < s->ready || s->reachable)
		return false;
	for (size_t i = 0; (s = map_next(&st->facts->servers, &i)) != NULL;)
		if (s->visible != 0 && sid_cmp(s->sid, c->self.sid) < 0)
			return false;
	return true;
}
