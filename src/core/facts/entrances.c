/*
 * The tree has the elements in descending order of their dots. So the greatest
 * dot of a run is the first that is not before the last dot which the run could
 * have.
 */
#include "core/facts/entrances.h"

#include <stdlib.h>

#include "base/mem.h"

RB_HEAD(entrance_tree, entrance);

struct entrances {
	struct entrance_tree tree;
	struct pool pool;
	uint64_t serial;
};

struct dot
entrance_dot(const struct entrance *e)
{
	return e->fact->write.dot;
}

static int
link_cmp(const struct entrance *a, const struct entrance *b)
{
	return dot_cmp(entrance_dot(b), entrance_dot(a));
}

TREE_GENERATE(entrance_tree, entrance, link, link_cmp)

struct entrances *
entrances_new(void)
{
	struct entrances *x = mem_zalloc(sizeof(*x));

	RB_INIT(&x->tree);
	pool_init(&x->pool, sizeof(struct entrance), "entrance");
	return x;
}

size_t
entrances_free(struct facts *f)
{
	size_t left = pool_fini(&f->entrances->pool);

	free(f->entrances);
	return left;
}

const struct entrance *
entrances_first(const struct facts *f)
{
	return RB_MIN(entrance_tree, &f->entrances->tree);
}

const struct entrance *
entrances_next(const struct entrance *e)
{
	/* RB_NEXT does not change it */
	return entrance_tree_RB_NEXT((struct entrance *)(uintptr_t)e);
}

/* Return the first element that does not stand before that dot, or NULL. */
static const struct entrance *
from(const struct facts *f, struct dot dot)
{
	const struct unknown at = { .write.dot = dot };
	struct entrance like = { .fact = &at };

	return RB_NFIND(entrance_tree, &f->entrances->tree, &like);
}

const struct entrance *
entrances_after(const struct facts *f, struct origin o)
{
	return from(f, (struct dot){ .o = o });
}

const struct entrance *
entrances_of(const struct facts *f, struct origin o)
{
	const struct entrance *e =
	    from(f, dot_make(o, DOT_N_MAX, DOT_PART_MAX));

	return e != NULL && origin_cmp(entrance_run(e), o) == 0 ? e : NULL;
}

struct origin
entrance_run(const struct entrance *e)
{
	return entrance_dot(e).o;
}

void
entrance_read(const struct entrance *e, struct entrance_text *text)
{
	(void)entrance_parse(unknown_line(e->fact), text);
}

uint64_t
entrances_serial(const struct facts *f)
{
	return f->entrances->serial;
}

void
entrances_fact_comes(struct facts *f, const struct unknown *x)
{
	struct entrance_text text;
	struct entrance *e;

	if (!entrance_parse(unknown_line(x), &text))
		return;
	e = pool_take(&f->entrances->pool);
	e->fact = x;
	RB_INSERT(entrance_tree, &f->entrances->tree, e);
	f->entrances->serial++;
}

void
entrances_fact_goes(struct facts *f, const struct unknown *x)
{
	struct entrance like = { .fact = x };
	struct entrance *e = RB_FIND(entrance_tree, &f->entrances->tree, &like);

	if (e == NULL)
		return;
	RB_REMOVE(entrance_tree, &f->entrances->tree, e);
	pool_give(&f->entrances->pool, e);
	f->entrances->serial++;
}
