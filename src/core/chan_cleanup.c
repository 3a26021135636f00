#include "core/chan_cleanup.h"

#include "core/cleaner.h"
#include "core/facts/founding.h"
#include "core/types/cost.h"
#include "core/types/settings.h"

#define CLEANUP_KEEPS 10 /* times KEEP without members */
#define PARTS_MAX 512	 /* of an entry, each some 60 bytes */

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
		if (g->permanent || !cleaner_is_self(d->st, g->cinc.sid))
			continue;
		if (d->n == PARTS_MAX)
			draft_make(d);
		draft_add(d, g);
	}
}

#define PERMANENT_LOOKS 64 /* foundings of a name; a liar makes more */

/* Remove the permanent foundings of this server that nobody stands in, if
 * another permanent one is older (link-protocol.md, 9.21). */
static void
add_redundant(struct draft *d, const struct chan *ch)
{
	const struct founding *g = founding_first(ch);
	bool older = false;

	for (unsigned i = 0; g != NULL && i < PERMANENT_LOOKS; i++) {
		if (older && g->permanent && g->n.all == 0 &&
		    d->n < PARTS_MAX && cleaner_is_self(d->st, g->cinc.sid))
			draft_add(d, g);
		older |= g->permanent;
		g = founding_next(g);
	}
}

/* Look at one channel without members. */
static void
look_empty(struct draft *d, struct chan *ch, struct mono since)
{
	const struct core *c = d->st->core;

	if (mono_is_never(ch->empty_since)) {
		ch->empty_since = d->st->awake;
		return;
	}
	if (!c->ready || !core_is_whole(c) ||
	    mono_cmp(ch->empty_since, since) > 0 ||
	    (mono_cmp(c->whole_since, since) > 0 &&
		!core_mutated(&c->facts, UNCHAN_EARLY)))
		return;
	add_all(d, ch);
	ch->empty_since = d->st->awake; /* once per entry */
}

static void
look(struct draft *d, struct chan *ch, struct mono since)
{
	const struct core *c = d->st->core;

	if (ch->trees != NULL && c->ready && core_is_whole(c))
		add_redundant(d, ch);
	if (ch->nmembers == 0)
		look_empty(d, ch, since);
}

static int64_t
keep_ms(const struct core *c)
{
	return (int64_t)c->settings->keep_s * 1000;
}

bool
chan_cleanup_may_go_on(const struct core *c)
{
	return c->cleanup_looks && c->applied_n == c->last_n;
}

void
chan_cleanup_tick(struct step *st)
{
	struct core *c = st->core;

	if (!c->cleanup_looks && (mono_is_never(c->cleanup_at) ||
				     mono_cmp(st->awake, c->cleanup_at) >= 0)) {
		c->cleanup_looks = true;
		c->cleanup_next = 0;
		c->cleanup_at = mono_add_ms(st->awake, keep_ms(c));
	}
	if (chan_cleanup_may_go_on(c))
		work_add(&c->work, &c->cleanup_item);
}

void
chan_cleanup_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct core *c = st->core;
	struct mono since = mono_add_ms(st->awake, -CLEANUP_KEEPS * keep_ms(c));
	struct draft d = { .st = st };
	struct chan *ch;

	/* an own entry that waits may be a JOIN: see chan_cleanup_tick() */
	if (!chan_cleanup_may_go_on(c))
		return;
	do {
		ch = map_next(&st->facts->chans, &c->cleanup_next);
		c->cleanup_looks = ch != NULL;
		if (ch != NULL)
			look(&d, ch, since);
		step_spend(st, COST_VISIT);
	} while (ch != NULL && work_has_left(&c->work));
	draft_make(&d);
	if (chan_cleanup_may_go_on(c))
		work_add(&c->work, item);
}

/* Remove all foundings of this server that nobody stands in. If the name has no
 * other founding of this server, keep the last of them. */
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

	if (!c->ready || !core_is_whole(c) || c->applied_n != c->last_n ||
	    core_mutated(st->facts, KEEP_SURPLUS))
		return;
	for (uint32_t i = 0; i < st->facts->nsurplus && d.n < PARTS_MAX; i++)
		add_surplus(&d, st->facts->surplus[i]);
	draft_make(&d);
}
