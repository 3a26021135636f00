/*
 * A network has tens of origins, so a sorted array is both the smallest and
 * the fastest map; its order is the order on the wire and in traces.
 */
#include "core/types/vector.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Return the index of o, or where o would be inserted. */
static size_t
vector_place(const struct vector *x, struct origin o)
{
	size_t lo = 0, hi = x->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (origin_cmp(x->v[mid].o, o) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
vector_init(struct vector *x)
{
	*x = (struct vector){ 0 };
}

void
vector_fini(struct vector *x)
{
	free(x->v);
	*x = (struct vector){ 0 };
}

uint64_t
vector_get(const struct vector *x, struct origin o)
{
	size_t i = vector_place(x, o);

	return i < x->n && origin_cmp(x->v[i].o, o) == 0 ? x->v[i].n : 0;
}

void
vector_set(struct vector *x, struct origin o, uint64_t n)
{
	size_t i = vector_place(x, o);

	if (i < x->n && origin_cmp(x->v[i].o, o) == 0) {
		x->v[i].n = n;
		return;
	}
	if (x->n == x->cap)
		x->v = mem_grow(x->v, &x->cap, 4, sizeof(*x->v));
	memmove(x->v + i + 1, x->v + i, (x->n - i) * sizeof(*x->v));
	x->v[i] = (struct vector_item){ o, n };
	x->n++;
}

void
vector_raise(struct vector *x, struct origin o, uint64_t n)
{
	if (vector_get(x, o) < n)
		vector_set(x, o, n);
}

/* Both are sorted, so one pass from the end merges them, however many origins
 * are new. */
static void
vector_merge(struct vector *x, const struct vector *y)
{
	size_t i = x->n, k = y->n, to = x->n + y->n;

	if (to > x->cap) {
		x->cap = to;
		x->v = mem_array(x->v, x->cap, sizeof(*x->v));
	}
	x->n = to;
	while (k > 0) {
		int c = i == 0 ? -1 : origin_cmp(x->v[i - 1].o, y->v[k - 1].o);

		if (c > 0)
			x->v[--to] = x->v[--i];
		else if (c < 0)
			x->v[--to] = y->v[--k];
		else {
			x->v[--to] = x->v[--i];
			if (x->v[to].n < y->v[--k].n)
				x->v[to].n = y->v[k].n;
		}
	}
	if (to > i)
		memmove(x->v + i, x->v + to, (x->n - to) * sizeof(*x->v));
	x->n -= to - i;
}

void
vector_raise_all(struct vector *x, const struct vector *y)
{
	if (x != y && y->n > 8)
		vector_merge(x, y);
	else
		for (size_t i = 0; i < y->n; i++)
			vector_raise(x, y->v[i].o, y->v[i].n);
}

void
vector_copy(struct vector *dst, const struct vector *src)
{
	if (dst == src)
		return;
	vector_clear(dst);
	if (src->n > dst->cap) {
		dst->cap = src->n;
		dst->v = mem_array(dst->v, dst->cap, sizeof(*dst->v));
	}
	if (src->n > 0)
		memcpy(dst->v, src->v, src->n * sizeof(*src->v));
	dst->n = src->n;
}

const struct vector_item *
vector_runs(const struct vector *x, struct sid sid, size_t *n)
{
	size_t from = vector_place(x, (struct origin){ sid, 0 });
	size_t to = from;

	while (to < x->n && sid_cmp(x->v[to].o.sid, sid) == 0)
		to++;
	*n = to - from;
	return to > from ? &x->v[from] : NULL;
}

void
vector_forget(struct vector *x, struct sid sid, uint32_t inc)
{
	size_t from = vector_place(x, (struct origin){ sid, 0 });
	size_t to = from;

	while (to < x->n && sid_cmp(x->v[to].o.sid, sid) == 0 &&
	       x->v[to].o.inc <= inc)
		to++;
	if (to == from)
		return;
	memmove(x->v + from, x->v + to, (x->n - to) * sizeof(*x->v));
	x->n -= to - from;
}

void
vector_clear(struct vector *x)
{
	x->n = 0;
}

bool
vector_le(const struct vector *a, const struct vector *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].n > vector_get(b, a->v[i].o))
			return false;
	return true;
}

bool
vector_eq(const struct vector *a, const struct vector *b)
{
	return vector_le(a, b) && vector_le(b, a);
}
