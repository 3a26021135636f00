#include "core/facts/shown_list.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/facts/masks.h"

RB_HEAD(shown_order, shown_mask);
RB_HEAD(shown_by_mask, shown_mask);

struct shown_list {
	struct shown_order order;     /* by (stamp, dot) */
	struct shown_by_mask by_mask; /* the same */
	uint32_t n;
	uint32_t nending; /* of them, those that can expire */
};

struct shown_lists {
	struct shown_list of[CM_LISTS];
	uint32_t n; /* in all of them; > 0 */
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

/* RB_GENERATE_STATIC marks functions with a macro that this libbsd lacks. */
#define UNUSED __attribute__((unused)) static

RB_GENERATE_INTERNAL(shown_order, shown_mask, order_link, order_cmp, UNUSED)
RB_GENERATE_INTERNAL(shown_by_mask, shown_mask, mask_link, text_cmp, UNUSED)

uint32_t
shown_count(const struct chan *c, unsigned list)
{
	return c->lists == NULL ? 0 : c->lists->of[list].n;
}

uint32_t
shown_count_ending(const struct chan *c, unsigned list)
{
	return c->lists == NULL ? 0 : c->lists->of[list].nending;
}

struct shown_mask *
shown_first(const struct chan *c, unsigned list)
{
	if (c->lists == NULL)
		return NULL;
	return RB_MIN(shown_order, &c->lists->of[list].order);
}

struct shown_mask *
shown_next(const struct shown_mask *m)
{
	return shown_order_RB_NEXT((struct shown_mask *)(uintptr_t)m);
}

struct shown_mask *
shown_find(const struct chan *c, unsigned list, struct span mask)
{
	struct shown_mask *m;
	int cmp;

	if (c->lists == NULL)
		return NULL;
	m = RB_ROOT(&c->lists->of[list].by_mask);
	while (m != NULL && (cmp = span_cmp(mask, mask_of(m->text))) != 0)
		m = cmp < 0 ? RB_LEFT(m, mask_link) : RB_RIGHT(m, mask_link);
	return m;
}

void
shown_put(struct chan *c, unsigned list, const struct mask *like,
    struct stamp expiry)
{
	struct shown_mask *m = mem_zalloc(sizeof(*m));
	struct shown_list *l;

	m->text = rcbuf_ref(like->text);
	m->stamp = like->stamp;
	m->dot = like->dot;
	m->expiry = expiry;
	if (c->lists == NULL)
		c->lists = mem_zalloc(sizeof(*c->lists));
	l = &c->lists->of[list];
	RB_INSERT(shown_order, &l->order, m);
	RB_INSERT(shown_by_mask, &l->by_mask, m);
	l->n++;
	l->nending += expiry.ms != 0;
	c->lists->n++;
}

void
shown_remove(struct chan *c, unsigned list, struct shown_mask *m)
{
	struct shown_list *l = &c->lists->of[list];

	RB_REMOVE(shown_order, &l->order, m);
	RB_REMOVE(shown_by_mask, &l->by_mask, m);
	l->n--;
	l->nending -= m->expiry.ms != 0;
	rcbuf_unref(m->text);
	free(m);
	if (--c->lists->n > 0)
		return;
	free(c->lists);
	c->lists = NULL;
}

void
shown_clear(struct chan *c)
{
	struct shown_mask *m;

	for (unsigned l = 0; l < CM_LISTS; l++)
		while ((m = shown_first(c, l)) != NULL)
			shown_remove(c, l, m);
}
