#include "core/unchan.h"

#include "core/facts/founding.h"
#include "core/types/settings.h"

#define UNCHAN_KEEPS 10 /* times KEEP without members */

/* Return true if this server founded it, or if the server that did is forgotten
 * and this one has the least visible sid. */
static bool
is_ours(const struct step *st, const struct founding *g)
{
	const struct core *c = st->core;
	const struct server *s = facts_find_server(st->facts, g->cinc.sid);

	if (sid_cmp(g->cinc.sid, c->self.sid) == 0)
		return true;
	if (s == NULL || s->forget == 0 || s->forget < s->ready || s->reachable)
		return false;
	for (size_t i = 0; (s = map_next(&st->facts->servers, &i)) != NULL;)
		if (s->visible != 0 && sid_cmp(s->sid, c->self.sid) < 0)
			return false;
	return true;
}

static void
unchan(struct step *st, const struct founding *g)
{
	struct part p = { .id = PART_UNCHAN };

	p.u.unchan = (struct part_unchan){ { rcbuf_span(g->name), g->cinc },
		{ &g->dot, 1 } };
	core_make(st, (struct stamp){ 0 }, &p, 1, &(struct dest){ .all = true },
	    NULL);
}

void
unchan_tick(struct step *st)
{
	struct core *c = st->core;
	int64_t keep = (int64_t)c->settings->keep_s * 1000;
	struct mono since = mono_add_ms(st->awake, -UNCHAN_KEEPS * keep);
	const struct founding *g;
	struct chan *ch;

	if (!mono_is_never(c->unchan_at) &&
	    mono_cmp(st->awake, c->unchan_at) < 0)
		return;
	c->unchan_at = mono_add_ms(st->awake, keep);
	for (size_t i = 0; (ch = map_next(&st->facts->chans, &i)) != NULL;) {
		if (ch->nmembers > 0)
			continue;
		if (mono_is_never(ch->empty_since)) {
			ch->empty_since = st->awake;
			continue;
		}
		if (!c->ready || !c->whole ||
		    mono_cmp(ch->empty_since, since) > 0 ||
		    mono_cmp(c->whole_since, since) > 0)
			continue;
		for (g = founding_first(ch); g != NULL; g = founding_next(g))
			if (is_ours(st, g))
				unchan(st, g);
		ch->empty_since = st->awake; /* once per entry */
	}
}
