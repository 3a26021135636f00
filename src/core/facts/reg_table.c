/*
 * A tree finds a register by its name, and a list keeps the order in which they
 * were added. That order is the same in each run, which the order of the tree
 * is not: names are compared by their addresses.
 */
#include "core/facts/reg_table.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/facts/facts.h"
#include "core/facts/tree.h"

struct reg_item {
	RB_ENTRY(reg_item) tree;
	STAILQ_ENTRY(reg_item) link;
	struct reg reg;
};

struct reg_table {
	RB_HEAD(reg_tree, reg_item) tree;
	STAILQ_HEAD(, reg_item) list;
	uint32_t n;
	struct reg_table *next; /* that is shed */
};

static int
name_cmp(const struct name *a, const struct name *b)
{
	uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;

	return x < y ? -1 : x > y;
}

static int
item_cmp(const struct reg_item *a, const struct reg_item *b)
{
	return name_cmp(a->reg.name, b->reg.name);
}

TREE_GENERATE(reg_tree, reg_item, tree, item_cmp)

struct reg_table *
reg_table_new(void)
{
	struct reg_table *t = mem_zalloc(sizeof(*t));

	RB_INIT(&t->tree);
	STAILQ_INIT(&t->list);
	return t;
}

void
reg_table_shed(struct reg_table *t, struct reg_table **shed)
{
	t->next = *shed;
	*shed = t;
}

/* Free the first register of the table. Return false if it has none. */
static bool
free_first(struct reg_table *t)
{
	struct reg_item *i = STAILQ_FIRST(&t->list);

	if (i == NULL)
		return false;
	STAILQ_REMOVE_HEAD(&t->list, link);
	if (i->reg.value != i->reg.name->on)
		rcbuf_unref(i->reg.value);
	free(i);
	t->n--;
	return true;
}

size_t
reg_table_free(struct reg_table **shed, size_t n)
{
	struct reg_table *t;
	size_t k = 0;

	while (k < n && (t = *shed) != NULL) {
		if (free_first(t)) {
			k++;
			continue;
		}
		*shed = t->next;
		free(t);
	}
	return k;
}

uint32_t
reg_table_count(const struct reg_table *t)
{
	return t->n;
}

struct reg *
reg_table_find(const struct reg_table *t, const struct name *name,
    uint64_t *visits)
{
	struct reg_item *i = RB_ROOT(&t->tree);
	int c;

	while (i != NULL && (c = name_cmp(name, i->reg.name)) != 0) {
		++*visits;
		i = c < 0 ? RB_LEFT(i, tree) : RB_RIGHT(i, tree);
	}
	return i == NULL ? NULL : &i->reg;
}

void
reg_table_add(struct reg_table *t, const struct reg *r)
{
	struct reg_item *i = mem_alloc(sizeof(*i));

	i->reg = *r;
	RB_INSERT(reg_tree, &t->tree, i);
	STAILQ_INSERT_TAIL(&t->list, i, link);
	t->n++;
}

const struct reg_item *
reg_table_first(const struct reg_table *t)
{
	return STAILQ_FIRST(&t->list);
}

const struct reg_item *
reg_item_next(const struct reg_item *i)
{
	return STAILQ_NEXT(i, link);
}

const struct reg *
reg_item_reg(const struct reg_item *i)
{
	return &i->reg;
}
