/*
 * Few masks have an expiry, so the links of the tree are in an object of its
 * own, and other masks pay for one pointer.
 */
#include "core/facts/endings.h"

struct ending {
	struct mask *mask;
	RB_ENTRY(ending) link;
};

static int
ending_cmp(const struct ending *a, const struct ending *b)
{
	const struct mask *x = a->mask, *y = b->mask;

	if (x->expiry.ms != y->expiry.ms)
		return x->expiry.ms < y->expiry.ms ? -1 : 1;
	return dot_cmp(x->dot, y->dot);
}

TREE_GENERATE(endings, ending, link, ending_cmp)

void
endings_add(struct facts *f, struct mask *m)
{
	struct ending *e;

	if (m->expiry.ms == 0 || sid_cmp(m->dot.o.sid, f->self) != 0)
		return;
	e = blocks_take(&f->blocks, sizeof(*e));
	e->mask = m;
	m->ending = e;
	RB_INSERT(endings, &f->endings, e);
}

void
endings_del(struct facts *f, struct mask *m)
{
	if (m->ending == NULL)
		return;
	RB_REMOVE(endings, &f->endings, m->ending);
	blocks_give(&f->blocks, m->ending, sizeof(*m->ending));
	m->ending = NULL;
}

static const struct mask *
ended(const struct ending *e)
{
	return e == NULL ? NULL : e->mask;
}

const struct mask *
endings_first(const struct facts *f)
{
	return ended(RB_MIN(endings, (struct endings *)(uintptr_t)&f->endings));
}

const struct mask *
endings_next(const struct mask *m)
{
	return ended(endings_RB_NEXT(m->ending));
}
