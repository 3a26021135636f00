/* Mostly all stand in one incarnation, after a heal for a moment in two. */
#include "core/facts/standing.h"

#include "base/invariant.h"
#include "base/mem.h"

static struct chan_standing *
find(const struct chan *c, struct cinc cinc)
{
	for (uint32_t i = 0; i < c->nstanding; i++)
		if (cinc_cmp(c->standing[i].cinc, cinc) == 0)
			return &c->standing[i];
	return NULL;
}

void
standing_add(const struct member *m)
{
	struct chan *c = m->chan;
	struct chan_standing *s = find(c, member_cinc(m));

	if (s != NULL) {
		s->n++;
		return;
	}
	c->standing =
	    mem_array(c->standing, c->nstanding + 1, sizeof(*c->standing));
	c->standing[c->nstanding++] =
	    (struct chan_standing){ member_cinc(m), 1 };
}

void
standing_del(const struct member *m)
{
	struct chan *c = m->chan;
	struct chan_standing *s = find(c, member_cinc(m));

	invariant(s != NULL);
	if (--s->n == 0)
		*s = c->standing[--c->nstanding];
}

uint32_t
standing_count(const struct chan *c, struct cinc cinc)
{
	const struct chan_standing *s = find(c, cinc);

	return s == NULL ? 0 : s->n;
}
