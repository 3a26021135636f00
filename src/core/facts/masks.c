#include "core/facts/masks.h"

#include "core/facts/founding.h"
#include "wire/casemap.h"

struct span
mask_of(const struct rcbuf *text)
{
	struct span s = rcbuf_span(text);

	return span_word(&s);
}

/* ---- the orders ---------------------------------------------------------- */

static int
number_cmp(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int
fold_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = 0;

	for (size_t i = 0; i < n && c == 0; i++)
		c = (unsigned char)casemap_char(a.p[i]) -
		    (unsigned char)casemap_char(b.p[i]);
	return c != 0 ? c : number_cmp((int64_t)a.n, (int64_t)b.n);
}

/* Names are interned, so other names have other texts. */
static int
list_cmp(const struct name *a, const struct name *b)
{
	return a == b ? 0 : span_cmp(rcbuf_span(a->text), rcbuf_span(b->text));
}

/* Compare what makes masks alike. */
static int
look_cmp(const struct name *list, struct span mask, const struct mask *m)
{
	struct span other = mask_of(m->text);
	int c;

	if ((c = list_cmp(list, m->list)) != 0 ||
	    (c = fold_cmp(mask, other)) != 0)
		return c;
	return span_cmp(mask, other);
}

static int
alike_cmp(const struct mask *a, const struct mask *b)
{
	int c = look_cmp(a->list, mask_of(a->text), b);

	if (c != 0)
		return c;
	if (a->stamp.ms != b->stamp.ms)
		return number_cmp(a->stamp.ms, b->stamp.ms);
	return dot_cmp(a->dot, b->dot);
}

static int64_t
end_of(const struct mask *m)
{
	return m->expiry.ms == 0 ? INT64_MAX : m->expiry.ms;
}

static int
end_cmp(const struct mask *a, const struct mask *b)
{
	int c = look_cmp(a->list, mask_of(a->text), b);

	if (c == 0)
		c = number_cmp(end_of(b), end_of(a));
	return c != 0 ? c : dot_cmp(a->dot, b->dot);
}

TREE_GENERATE(mask_alike, mask, alike_link, alike_cmp)
TREE_GENERATE(mask_end, mask, end_link, end_cmp)

void
masks_add(struct mask *m)
{
	struct founding_lists *l = founding_get_lists(m->founding);

	RB_INSERT(mask_alike, &l->masks, m);
	RB_INSERT(mask_end, &l->ends, m);
}

void
masks_del(struct mask *m)
{
	RB_REMOVE(mask_alike, &m->founding->lists->masks, m);
	RB_REMOVE(mask_end, &m->founding->lists->ends, m);
}

/* ---- finding ------------------------------------------------------------- */

const struct name *
list_name(const struct facts *f, enum chan_mode list)
{
	const struct name *n = map_find(&f->field_names,
	    span_of(chan_mode_row(f->tables, list)->name));

	return n != NULL && n->chan_list == list ? n : NULL;
}

static struct mask *
root_of(const struct founding *g)
{
	return g->lists == NULL ? NULL : RB_ROOT(&g->lists->masks);
}

struct mask *
mask_first(const struct founding *g)
{
	return g->lists == NULL ? NULL : RB_MIN(mask_alike, &g->lists->masks);
}

struct mask *
mask_next(const struct mask *m)
{
	return mask_alike_RB_NEXT((struct mask *)(uintptr_t)m);
}

/* Return the first mask that is not before that list and mask. */
static struct mask *
seek(const struct founding *g, const struct name *list, struct span mask,
    bool any_case)
{
	struct mask *m = list == NULL ? NULL : root_of(g), *best = NULL;
	int c;

	while (m != NULL) {
		c = any_case && list == m->list
			? fold_cmp(mask, mask_of(m->text))
			: look_cmp(list, mask, m);
		if (c <= 0)
			best = m;
		m = c <= 0 ? RB_LEFT(m, alike_link) : RB_RIGHT(m, alike_link);
	}
	return best;
}

static struct mask *
of_list(struct mask *m, const struct name *list)
{
	return m != NULL && m->list == list ? m : NULL;
}

struct mask *
mask_first_of(const struct founding *g, const struct name *list)
{
	return of_list(seek(g, list, SPAN_NONE, false), list);
}

struct mask *
mask_first_like(const struct founding *g, const struct name *list,
    struct span mask)
{
	struct mask *m = of_list(seek(g, list, mask, true), list);

	return m != NULL && casemap_eq(mask_of(m->text), mask) ? m : NULL;
}

struct mask *
mask_oldest(const struct founding *g, const struct name *list, struct span mask)
{
	struct mask *m = of_list(seek(g, list, mask, false), list);

	return m != NULL && span_eq(mask_of(m->text), mask) ? m : NULL;
}

struct mask *
mask_after(const struct founding *g, const struct name *list, struct span mask)
{
	struct mask *m = list == NULL ? NULL : root_of(g), *best = NULL;
	int c;

	while (m != NULL) {
		c = look_cmp(list, mask, m);
		if (c < 0)
			best = m;
		m = c < 0 ? RB_LEFT(m, alike_link) : RB_RIGHT(m, alike_link);
	}
	return of_list(best, list);
}

struct stamp
mask_end(const struct mask *like)
{
	const struct mask *m = RB_ROOT(&like->founding->lists->ends),
			  *best = like;

	while (m != NULL) {
		int c = look_cmp(like->list, mask_of(like->text), m);

		if (c == 0)
			best = m;
		m = c <= 0 ? RB_LEFT(m, end_link) : RB_RIGHT(m, end_link);
	}
	return best->expiry;
}
