/*
 * The lines are held compressed, in the order in which they came: a network
 * says the same words again and again. Most peers send them compressed
 * (link-protocol.md, 8.17). They are compressed anew all the same, so the list
 * does not depend on how a peer cuts its lines in pieces, and what is opened
 * later was made here (doc/decisions/0018).
 *
 * A set has the dots of the elements among them: a snapshot says of an
 * element that it was removed by not having it (link-protocol.md, 8.7).
 *
 * The FORGETs are few, and are needed before all other lines. So their texts
 * are kept besides, as they are.
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
#include "core/types/dot_set.h"

#define CHUNK ((size_t)64 * 1024)
#define LINE_BYTES 64 /* of a line in a list, beside its text */
#define HOME_BYTES 32 /* of a user in the map, about */

_Static_assert(ENTRY_LINE_MAX <= LINES_LINE_MAX, "a line fits");

struct snap_facts {
	struct snap_facts *next; /* of those that were dropped */
	struct lines *lines;
	size_t n;
	struct dot_set elements;
	struct arena *arena; /* of homes and FORGETs */
	struct map homes;    /* users that have a HOME, by uid */
	struct snap_item *forget;
	size_t nforget, capforget;
	struct vector forgot; /* the greatest inc of each sid, as of a run 1 */
};

static struct span
home_key(const void *p)
{
	return uid_span(p);
}

struct snap_facts *
snap_facts_new(const struct core *c, size_t piece)
{
	struct snap_facts *f = mem_zalloc(sizeof(*f));

	f->lines = lines_new(piece);
	f->arena = arena_new(CHUNK);
	dot_set_init(&f->elements, c->key);
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

/* Free one piece of what was dropped. Return false if nothing is left. */
static bool
free_some(struct core *c)
{
	struct snap_facts *f = c->dropped;

	if (f == NULL)
		return false;
	if (lines_free_piece(f->lines) || arena_free_chunk(f->arena))
		return true;
	c->dropped = f->next;
	lines_free(f->lines);
	dot_set_fini(&f->elements);
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
add_forget(struct snap_facts *f, struct span line, struct arena *arena)
{
	struct snap_item item;

	snap_facts_item(arena_span_dup(f->arena, line), arena, &item);
	if (f->nforget == f->capforget)
		f->forget =
		    mem_grow(f->forget, &f->capforget, 8, sizeof(*f->forget));
	f->forget[f->nforget++] = item;
	vector_raise(&f->forgot, key_of(item.part.u.forget.sid),
	    item.part.u.forget.inc);
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
snap_facts_add(struct snap_facts *f, struct span line, struct arena *arena,
    struct snap_item *item)
{
	const char *why = snap_item_parse(line, arena, item);

	if (why != NULL)
		return why;
	lines_add(f->lines, line);
	f->n++;
	if (snap_item_is_element(item))
		dot_set_put(&f->elements, item->dot);
	if (item->part.id == PART_FORGET)
		add_forget(f, line, arena);
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

/* Return how many bytes everything but the lines takes. */
static size_t
beside_lines(const struct snap_facts *f)
{
	return arena_taken(f->arena) + dot_set_bytes(&f->elements) +
	       map_count(&f->homes) * HOME_BYTES +
	       f->capforget * sizeof(*f->forget);
}

size_t
snap_facts_bytes(const struct snap_facts *f)
{
	return lines_bytes(f->lines) + f->n * LINE_BYTES + beside_lines(f);
}

size_t
snap_facts_held(const struct snap_facts *f)
{
	return lines_held(f->lines) + beside_lines(f);
}

struct lines_reader *
snap_facts_read(struct snap_facts *f)
{
	return lines_reader_new(f->lines);
}

void
snap_facts_item(struct span line, struct arena *arena, struct snap_item *item)
{
	const char *why = snap_item_parse(line, arena, item);

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
	return dot_set_has(&f->elements, dot);
}

bool
snap_facts_has_home(const struct snap_facts *f, struct uid uid)
{
	return map_find(&f->homes, uid_span(&uid)) != NULL;
}
