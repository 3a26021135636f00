/*
 * The lines are in one arena, each behind its dot, and in the order in which
 * they came. A map finds the elements among them by their dots: a snapshot says
 * of an element that it was removed by not having it (link-protocol.md, 8.7).
 */
#include "core/snap_facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/map.h"
#include "base/mem.h"
#include "core/snapshot.h"
#include "core/state.h"
#include "core/types/cost.h"

#define CHUNK ((size_t)64 * 1024)
#define MAP_BYTES 32 /* of an element in the map, about */

struct snap_line {
	struct snap_line *next;
	struct dot dot;
	struct span text; /* with its tags */
};

struct snap_facts {
	struct snap_facts *next; /* of those that were dropped */
	struct arena *arena;
	struct snap_line *first, **last;
	size_t n;
	struct map elements; /* by dot */
	struct map homes;    /* users that have a HOME, by uid */
	struct snap_item *forget;
	size_t nforget, capforget;
	struct vector forgot; /* the greatest inc of each sid, as of a run 1 */
};

static struct span
line_key(const void *p)
{
	return dot_span(&((const struct snap_line *)p)->dot);
}

static struct span
home_key(const void *p)
{
	return uid_span(p);
}

struct snap_facts *
snap_facts_new(const struct core *c)
{
	struct snap_facts *f = mem_zalloc(sizeof(*f));

	f->arena = arena_new(CHUNK);
	f->last = &f->first;
	map_init(&f->elements, line_key, c->key);
	map_init(&f->homes, home_key, c->key);
	return f;
}

/* ---- the end ------------------------------------------------------------- */

void
snap_facts_drop(struct core *c, struct snap_facts *f)
{
	if (f == NULL)
		return;
	f->next = c->dropped;
	c->dropped = f;
	work_add(&c->work, &c->drop_item);
}

/* Free one chunk of what was dropped. Return false if nothing is left. */
static bool
free_some(struct core *c)
{
	struct snap_facts *f = c->dropped;

	if (f == NULL)
		return false;
	if (arena_free_chunk(f->arena))
		return true;
	c->dropped = f->next;
	map_fini(&f->elements);
	map_fini(&f->homes);
	free(f->forget);
	vector_fini(&f->forgot);
	arena_free(f->arena);
	free(f);
	return c->dropped != NULL;
}

void
snap_facts_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	bool more;

	do {
		step_spend(st, COST_FREE);
		more = free_some(st->core);
	} while (more && work_has_left(&st->core->work));
	if (more)
		work_add(&st->core->work, item);
}

void
snap_facts_fini(struct core *c)
{
	while (free_some(c))
		;
}

static struct origin
key_of(struct sid sid)
{
	return (struct origin){ sid, 1 };
}

static void
add_forget(struct snap_facts *f, const struct snap_item *item)
{
	if (f->nforget == f->capforget)
		f->forget =
		    mem_grow(f->forget, &f->capforget, 8, sizeof(*f->forget));
	f->forget[f->nforget++] = *item;
	vector_raise(&f->forgot, key_of(item->part.u.forget.sid),
	    item->part.u.forget.inc);
}

static void
add_home(struct snap_facts *f, struct uid uid)
{
	struct uid *copy;

	if (snap_facts_has_home(f, uid))
		return;
	copy = arena_alloc(f->arena, sizeof(*copy));
	*copy = uid;
	map_put(&f->homes, copy);
}

const char *
snap_facts_add(struct snap_facts *f, struct span text, struct arena *arena,
    struct snap_item *item)
{
	struct snap_line *line;
	const char *why;

	line = arena_alloc(f->arena, sizeof(*line) + text.n);
	memcpy(line + 1, text.p, text.n);
	text.p = (const char *)(line + 1);
	if ((why = snap_item_parse(text, arena, item)) != NULL)
		return why;
	*line = (struct snap_line){ .dot = item->dot, .text = text };
	*f->last = line;
	f->last = &line->next;
	f->n++;
	if (snap_item_is_element(item) && !snap_facts_has(f, item->dot))
		map_put(&f->elements, line);
	if (item->part.id == PART_FORGET)
		add_forget(f, item);
	if (item->part.id == PART_HOME)
		add_home(f, item->part.u.home.uid);
	return NULL;
}

const struct snap_item *
snap_facts_next_forget(const struct snap_facts *f, size_t *i)
{
	return *i < f->nforget ? &f->forget[(*i)++] : NULL;
}

size_t
snap_facts_count(const struct snap_facts *f)
{
	return f->n;
}

size_t
snap_facts_bytes(const struct snap_facts *f)
{
	return arena_taken(f->arena) +
	       (map_count(&f->elements) + map_count(&f->homes)) * MAP_BYTES;
}

const struct snap_line *
snap_facts_first(const struct snap_facts *f)
{
	return f->first;
}

const struct snap_line *
snap_facts_next(const struct snap_line *line)
{
	return line->next;
}

void
snap_line_item(const struct snap_line *line, struct arena *arena,
    struct snap_item *item)
{
	const char *why = snap_item_parse(line->text, arena, item);

	invariant(why == NULL);
}

bool
snap_facts_is_forgotten(const struct snap_facts *f, struct origin o)
{
	return o.inc <= vector_get(&f->forgot, key_of(o.sid));
}

bool
snap_facts_has(const struct snap_facts *f, struct dot dot)
{
	struct snap_line key = { .dot = dot };

	return map_find(&f->elements, line_key(&key)) != NULL;
}

bool
snap_facts_has_home(const struct snap_facts *f, struct uid uid)
{
	return map_find(&f->homes, uid_span(&uid)) != NULL;
}
