#include "core/facts/shown_list.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/facts/masks.h"

RB_HEAD(shown_order, shown_mask);
RB_HEAD(shown_by_mask, shown_mask);

struct shown_list {
	enum chan_mode list;
	struct shown_order order;     /* all masks, by (stamp, dot) */
	struct shown_by_mask by_mask; /* all masks, by text */
	uint32_t n;
	uint32_t nending; /* of them, those that can expire */
};

struct shown_lists {
	struct shown_list *of; /* those that have had a mask, in any order */
	uint8_t nof;
	uint32_t n;		  /* masks in all of them; > 0 */
	struct shown_lists *next; /* that are shed */
};

static int
text_cmp(const struct shown_mask *a, const struct shown_mask *b)
{
	return span_cmp(mask_of(a->text), mask_of(b->text));
}

/* A dot that was removed may come again with another mask, in one step. */
static int
order_cmp(const struct shown_mask *a, const struct shown_mask *b)
{
	if (a->stamp.ms != b->stamp.ms)
		return a->stamp.ms < b->stamp.ms ? -1 : 1;
	if (dot_cmp(a->dot, b->dot) != 0)
		return dot_cmp(a->dot, b->dot);
	return text_cmp(a, b);
}

TREE_GENERATE(shown_order, shown_mask, order_link, order_cmp)
TREE_GENERATE(shown_by_mask, shown_mask, mask_link, text_cmp)

/* Return the list, or NULL if it has no mask. */
static struct shown_list *
find(const struct chan *c, unsigned list)
{
	for (unsigned i = 0; c->lists != NULL && i < c->lists->nof; i++)
		if (c->lists->of[i].list == list)
			return &c->lists->of[i];
	return NULL;
}

static struct shown_list *
get(struct chan *c, unsigned list)
{
	struct shown_list *l = find(c, list);
	struct shown_lists *all;

	if (l != NULL)
		return l;
	if (c->lists == NULL)
		c->lists = mem_zalloc(sizeof(*c->lists));
	all = c->lists;
	all->of = mem_array(all->of, all->nof + 1u, sizeof(*all->of));
	l = &all->of[all->nof++];
	*l = (struct shown_list){ .list = list };
	return l;
}

uint32_t
shown_count(const struct chan *c, unsigned list)
{
	const struct shown_list *l = find(c, list);

	return l == NULL ? 0 : l->n;
}

uint32_t
shown_count_all(const struct chan *c)
{
	return c->lists == NULL ? 0 : c->lists->n;
}

uint32_t
shown_count_ending(const struct chan *c, unsigned list)
{
	const struct shown_list *l = find(c, list);

	return l == NULL ? 0 : l->nending;
}

struct shown_mask *
shown_first(const struct chan *c, unsigned list)
{
	struct shown_list *l = find(c, list);

	return l == NULL ? NULL : RB_MIN(shown_order, &l->order);
}

struct shown_mask *
shown_next(const struct shown_mask *m)
{
	return shown_order_RB_NEXT((struct shown_mask *)(uintptr_t)m);
}

struct shown_mask *
shown_find(const struct chan *c, unsigned list, struct span mask)
{
	struct shown_list *l = find(c, list);
	struct shown_mask *m = l == NULL ? NULL : RB_ROOT(&l->by_mask);
	int cmp;

	while (m != NULL && (cmp = span_cmp(mask, mask_of(m->text))) != 0)
		m = cmp < 0 ? RB_LEFT(m, mask_link) : RB_RIGHT(m, mask_link);
	return m;
}

struct shown_mask *
shown_after(const struct chan *c, unsigned list, struct span mask)
{
	struct shown_list *l = find(c, list);
	struct shown_mask *m = l == NULL ? NULL : RB_ROOT(&l->by_mask),
			  *best = NULL;
	bool after;

	while (m != NULL) {
		after = span_cmp(mask, mask_of(m->text)) < 0;
		if (after)
			best = m;
		m = after ? RB_LEFT(m, mask_link) : RB_RIGHT(m, mask_link);
	}
	return best;
}

struct shown_mask *
shown_behind(const struct chan *c, unsigned list, struct stamp stamp,
    struct dot dot)
{
	struct shown_list *l = find(c, list);
	struct shown_mask *m = l == NULL ? NULL : RB_ROOT(&l->order),
			  *best = NULL;
	bool behind;

	while (m != NULL) {
		behind = m->stamp.ms > stamp.ms ||
			 (m->stamp.ms == stamp.ms && dot_cmp(m->dot, dot) > 0);
		if (behind)
			best = m;
		m = behind ? RB_LEFT(m, order_link) : RB_RIGHT(m, order_link);
	}
	return best;
}

struct shown_mask *
shown_put(struct chan *c, unsigned list, const struct mask *like,
    struct stamp expiry)
{
	struct shown_mask *m = mem_zalloc(sizeof(*m));
	struct shown_list *l;

	m->text = rcbuf_ref(like->text);
	m->stamp = like->stamp;
	m->dot = like->dot;
	m->expiry = expiry;
	l = get(c, list);
	RB_INSERT(shown_order, &l->order, m);
	RB_INSERT(shown_by_mask, &l->by_mask, m);
	l->n++;
	l->nending += expiry.ms != 0;
	c->lists->n++;
	return m;
}

/* Free one mask, which is on the list, and the lists if it was the last. Return
 * true if it was. */
static bool
free_mask(struct shown_lists *all, struct shown_list *l, struct shown_mask *m)
{
	RB_REMOVE(shown_order, &l->order, m);
	RB_REMOVE(shown_by_mask, &l->by_mask, m);
	l->n--;
	l->nending -= m->expiry.ms != 0;
	rcbuf_unref(m->text);
	free(m);
	if (--all->n > 0)
		return false;
	free(all->of);
	free(all);
	return true;
}

void
shown_remove(struct chan *c, unsigned list, struct shown_mask *m)
{
	if (free_mask(c->lists, find(c, list), m))
		c->lists = NULL;
}

void
shown_shed(struct chan *c, struct shown_lists **shed)
{
	if (c->lists == NULL)
		return;
	c->lists->next = *shed;
	*shed = c->lists;
	c->lists = NULL;
}

size_t
shown_free(struct shown_lists **shed, size_t n)
{
	struct shown_lists *all, *next;
	struct shown_list *l;
	size_t k = 0;

	for (; k < n && (all = *shed) != NULL; k++) {
		next = all->next;
		for (l = all->of; l->n == 0;)
			l++;
		if (free_mask(all, l, RB_MIN(shown_order, &l->order)))
			*shed = next;
	}
	return k;
}

void
shown_clear(struct chan *c)
{
	struct shown_lists *shed = NULL;

	shown_shed(c, &shed);
	while (shown_free(&shed, SIZE_MAX) > 0)
		;
}
