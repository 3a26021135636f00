/*
 * Invariants:
 *
 *	- there is one struct cname for each +CNAME among the facts that gives a
 *	  valid name, and it is found by its incarnation
 *	- a place exists while a +CNAME gives its name, or a channel is shown
 *	  under it
 *	- whoever may have to be shown under another name is marked
 *
 * A linked server can give one name to any number of incarnations, so those of
 * one name are in trees.
 */
#include "core/facts/cname.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/facts/facts_write.h"
#include "core/facts/unknown.h"
#include "core/part/clean.h"
#include "core/part/kind.h"
#include "core/part/later.h"
#include "wire/name.h"

struct cnames {
	struct map by_founding, places;
	struct pool pool, place_pool;
};

/* One entry may found several channels, which have one cinc then. */
static int
cname_cmp(const struct cname *a, const struct cname *b)
{
	int c = cinc_cmp(a->founding->cinc, b->founding->cinc);

	return c != 0 ? c
		      : span_cmp(rcbuf_span(a->founding->chan->fold),
			    rcbuf_span(b->founding->chan->fold));
}

TREE_GENERATE(cname_all, cname, all_link, cname_cmp)
TREE_GENERATE(cname_live, cname, live_link, cname_cmp)

static struct span
key_founding(const void *p)
{
	const struct cname *x = p;

	return span_make(&x->founding, sizeof(x->founding));
}

static struct span
key_place(const void *p)
{
	return rcbuf_span(((const struct cname_place *)p)->fold);
}

struct cnames *
cnames_new(const unsigned char seed[16])
{
	struct cnames *n = mem_zalloc(sizeof(*n));

	map_init(&n->by_founding, key_founding, seed);
	map_init(&n->places, key_place, seed);
	pool_init(&n->pool, sizeof(struct cname), "cname");
	pool_init(&n->place_pool, sizeof(struct cname_place), "cname place");
	return n;
}

size_t
cnames_free(struct facts *f)
{
	struct cnames *n = f->cnames;
	size_t left = map_count(&n->by_founding) + map_count(&n->places);

	map_fini(&n->by_founding);
	map_fini(&n->places);
	left += pool_fini(&n->pool) + pool_fini(&n->place_pool);
	free(n);
	return left;
}

/* ---- reading ------------------------------------------------------------- */

static struct cname *
find(const struct facts *f, const struct founding *g)
{
	if (map_count(&f->cnames->by_founding) == 0)
		return NULL;
	return map_find(&f->cnames->by_founding, span_make(&g, sizeof(g)));
}

const struct cname *
cname_of(const struct facts *f, const struct founding *g)
{
	return find(f, g);
}

struct stamp
cname_stamp(const struct cname *x)
{
	return x->fact->write.stamp;
}

struct by
cname_by(const struct cname *x)
{
	struct span word = kind_word(unknown_line(x->fact), 2);
	struct by by = { 0 };

	if (!uid_parse(word, &by.uid) && !sid_parse(word, &by.sid))
		return by_server(x->fact->write.dot.o.sid);
	return by;
}

struct text
cname_reason(const struct cname *x)
{
	return unknown_text(x->fact);
}

struct cname_place *
cname_place(const struct facts *f, struct span name)
{
	char buf[FACTS_FOLD_MAX];

	if (map_count(&f->cnames->places) == 0)
		return NULL;
	return map_find(&f->cnames->places, facts_fold(name, buf));
}

bool
cname_any(const struct facts *f)
{
	return map_count(&f->cnames->places) > 0;
}

struct cname *
cname_first(struct cname_place *p)
{
	return RB_MIN(cname_all, &p->all);
}

struct cname *
cname_next(struct cname *x)
{
	return RB_NEXT(cname_all, NULL, x);
}

struct cname *
cname_first_live(struct cname_place *p)
{
	return RB_MIN(cname_live, &p->live);
}

struct cname *
cname_next_live(struct cname *x)
{
	return RB_NEXT(cname_live, NULL, x);
}

static size_t
waiting_for(const struct facts *f, const struct chan *c, struct span name)
{
	struct cname_place *p = cname_place(f, name);
	struct cname *x = p == NULL ? NULL : cname_first_live(p);

	if (x != NULL && x->founding->chan == c)
		x = cname_next_live(x);
	return x == NULL ? 0 : x->founding->chan->nlocal;
}

size_t
cname_waiting(const struct facts *f, const struct chan *c)
{
	size_t n = waiting_for(f, c, rcbuf_span(c->fold));

	return c->renamed ? n + waiting_for(f, c, rcbuf_span(c->name)) : n;
}

struct span
cname_words(struct arena *arena, const struct ch *ch, struct by by,
    struct span name)
{
	char buf[FACTS_FOLD_MAX];
	struct writer w;

	writer_init_arena(&w, arena, PART_LINE_MAX);
	later_write_founding(&w, facts_fold(ch->name, buf), ch->cinc);
	writer_char(&w, ' ');
	writer_span(&w,
	    uid_is_none(by.uid) ? sid_span(&by.sid) : uid_span(&by.uid));
	writer_char(&w, ' ');
	writer_span(&w, name);
	return writer_done(&w);
}

/* ---- places -------------------------------------------------------------- */

static struct cname_place *
get_place(struct facts *f, struct span name)
{
	struct cname_place *p = cname_place(f, name);
	char buf[FACTS_FOLD_MAX];

	if (p != NULL)
		return p;
	p = pool_take(&f->cnames->place_pool);
	p->fold = rcbuf_new(facts_fold(name, buf));
	map_put(&f->cnames->places, p);
	return p;
}

static void
free_unused(struct facts *f, struct cname_place *p)
{
	if (p->holder != NULL || !RB_EMPTY(&p->all))
		return;
	map_del(&f->cnames->places, key_place(p));
	rcbuf_unref(p->fold);
	pool_give(&f->cnames->place_pool, p);
}

/* Mark the channel that is shown under the name, and the one that may be. */
static void
mark(struct facts *f, struct cname_place *p)
{
	const struct cname *x = cname_first_live(p);

	if (p->holder != NULL)
		facts_dirty_chan(f, p->holder, 0);
	if (x != NULL)
		facts_dirty_chan(f, x->founding->chan, 0);
}

void
cname_hold(struct facts *f, struct cname_place *p, struct chan *c)
{
	p->holder = c;
	mark(f, p);
	free_unused(f, p);
}

/* ---- live ---------------------------------------------------------------- */

static void
set_live(struct facts *f, struct cname *x, bool live)
{
	if (x->place == NULL || x->is_live == live)
		return;
	x->is_live = live;
	if (live)
		RB_INSERT(cname_live, &x->place->live, x);
	else
		RB_REMOVE(cname_live, &x->place->live, x);
	mark(f, x->place);
}

void
cname_enter(struct facts *f, const struct founding *g)
{
	struct cname *x = find(f, g);

	if (x != NULL)
		set_live(f, x, true);
}

void
cname_leave(struct facts *f, const struct founding *g)
{
	struct cname *x = find(f, g);

	if (x != NULL)
		set_live(f, x, false);
}

/* ---- facts --------------------------------------------------------------- */

static bool
is_own_name(const struct founding *g, struct span name)
{
	char buf[FACTS_FOLD_MAX];

	return span_eq(facts_fold(name, buf), rcbuf_span(g->chan->fold));
}

static void
add(struct facts *f, struct founding *g, const struct unknown *fact,
    struct span name)
{
	struct cname *x = pool_take(&f->cnames->pool);

	x->founding = g;
	x->fact = fact;
	x->name = name;
	map_put(&f->cnames->by_founding, x);
	if (is_own_name(g, name))
		return;
	x->place = get_place(f, name);
	RB_INSERT(cname_all, &x->place->all, x);
	set_live(f, x, g->chan->current == g);
}

static void
drop(struct facts *f, struct cname *x)
{
	struct cname_place *p = x->place;

	set_live(f, x, false);
	map_del(&f->cnames->by_founding, key_founding(x));
	if (p != NULL)
		RB_REMOVE(cname_all, &p->all, x);
	pool_give(&f->cnames->pool, x);
	if (p != NULL)
		free_unused(f, p);
}

static void
changed(struct facts *f, struct founding *g)
{
	facts_dirty_chan(f, g->chan, 0);
	if (g->permanent)
		facts_note(f, g);
}

void
cname_comes(struct facts *f, struct founding *g, const struct unknown *fact)
{
	struct span name = kind_word(unknown_line(fact), 3);

	if (find(f, g) != NULL)
		drop(f, find(f, g));
	changed(f, g);
	if (name_is_channel(name) && name_channel_valid(name, CLEAN_CHAN_MAX))
		add(f, g, fact, name);
}

void
cname_goes(struct facts *f, struct founding *g)
{
	struct cname *x = find(f, g);

	if (x == NULL)
		return;
	drop(f, x);
	changed(f, g);
}
