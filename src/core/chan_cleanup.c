#include "core/chan_cleanup.h"

#include "core/facts/founding.h"
#include "core/types/settings.h"

#define CLEANUP_KEEPS 10 /* times KEEP without members */
#define PARTS_MAX 512	 /* of an entry, each some 60 bytes */

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

struct draft { /* an entry that is being made */
	struct step *st;
	struct part *part;
	size_t n;
};

static void
draft_make(struct draft *d)
{
	if (d->n > 0)
		core_make(d->st, (struct stamp){ 0 }, d->part, d->n,
		    &(struct dest){ .all = true }, NULL);
	d->n = 0;
}

static void
draft_add(struct draft *d, const struct founding *g)
{
	if (d->part == NULL)
		d->part =
		    arena_alloc(d->st->arena, PARTS_MAX * sizeof(*d->part));
	d->part[d->n] = (struct part){ .id = PART_UNCHAN };
	d->part[d->n++].u.unchan =
	    (struct part_unchan){ { rcbuf_span(g->name), g->cinc },
		    { &g->dot, 1 } };
}

static void
add_all(struct draft *d, const struct chan *ch)
{
	const struct founding *g;

	for (g = founding_first(ch); g != NULL; g = founding_next(g)) {
		if (!is_ours(d->st, g))
			continue;
		if (d->n == PARTS_MAX)
			draft_make(d);
		draft_add(d, g);
	}
}

void
chan_cleanup_tick(struct step *st)
{
	struct core *c = st->core;
	int64_t keep = (int64_t)c->settings->keep_s * 1000;
	struct mono since = mono_add_ms(st->awake, -CLEANUP_KEEPS * keep);
	struct draft d = { .st = st };
	struct chan *ch;

	if (!mono_is_never(c->cleanup_at) &&
	    mono_cmp(st->awake, c->cleanup_at) < 0)
		return;
	/* an own entry that waits may be a JOIN */
	if (c->applied_n != c->last_n)
		return;
	c->cleanup_at = mono_add_ms(st->awake, keep);
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
		add_all(&d, ch);
		ch->empty_since = st->awake; /* once per entry */
	}
	draft_make(&d);
}

/* All own foundings that nobody stands in go, but if there is no other, the
 * last of them stays. */
static void
add_surplus(struct draft *d, const struct chan *ch)
{
	const struct founding *g = founding_last_idle(ch);

	if (ch->nidle == ch->nfounded)
		g = founding_prev_idle(g);
	for (; g != NULL && d->n < PARTS_MAX; g = founding_prev_idle(g))
		draft_add(d, g);
}

void
chan_cleanup_surplus(struct step *st)
{
	const struct core *c = st->core;
	struct draft d = { .st = st };

	if (!c->ready || !c->whole || c->applied_n != c->last_n ||
	    core_mutated(st->facts, KEEP_SURPLUS))
		return;
	for (uint32_t i = 0; i < st->facts->nsurplus && d.n < PARTS_MAX; i++)
		add_surplus(&d, st->facts->surplus[i]);
	draft_make(&d);
}
