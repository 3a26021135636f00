/*
 * A new list is said as a difference to one of the lists used last, if that is
 * much shorter. Both lists are in the order in which the core collects the
 * members of channels, so that two lists of one channel mostly differ by a few
 * streams in some places. They are compared from their beginning. Where they
 * differ, the nearest place is searched at which they go on alike; after too
 * many differences the comparison is given up. A stream that has moved in the
 * order shows as one that goes and one that comes; such pairs cancel, because
 * for the gate a list has no order.
 *
 * Rejected: to keep lists as sets, sorted by number. Each line would then sort
 * its receivers, where now it only hashes them.
 */
#include "trunk/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/types/mutate.h"

#define BUCKETS 4096 /* a power of two */
#define BASES 8	     /* lists that a new one is compared with */
#define AHEAD 6	     /* streams that are searched for the next likeness */
#define DIFFERENT_MAX 256
#define LINE_ROOM 16300 /* bytes of words on a line; the rest has its head */

void
lists_init(struct lists *x)
{
	*x = (struct lists){ .max = LISTS_MAX };
	TAILQ_INIT(&x->used);
}

void
lists_fini(struct lists *x)
{
	struct list *l;

	while ((l = TAILQ_FIRST(&x->used)) != NULL) {
		TAILQ_REMOVE(&x->used, l, used);
		free(l->v);
		free(l);
	}
	free(x->v);
	free(x->free);
	free(x->bucket);
}

static uint32_t *
bucket_of(const struct lists *x, uint64_t hash)
{
	return &x->bucket[(hash >> 16) & (BUCKETS - 1)];
}

static struct list *
find(const struct lists *x, const struct list_of *of)
{
	struct list *l;
	uint32_t g;

	if (x->bucket == NULL)
		return NULL;
	for (g = *bucket_of(x, of->hash); g != 0; g = l->next) {
		l = x->v[g - 1];
		if (l->hash == of->hash && l->n == of->n &&
		    core_mutated(x, LIST_COLLIDES))
			return l;
		if (l->hash == of->hash && l->n == of->n &&
		    memcmp(l->v, of->v, of->n * sizeof(*of->v)) == 0)
			return l;
	}
	return NULL;
}

/* ---- forgetting ---------------------------------------------------------- */

static void
take_out_of_bucket(struct lists *x, const struct list *l)
{
	uint32_t *g = bucket_of(x, l->hash);

	while (*g != l->g)
		g = &x->v[*g - 1]->next;
	*g = l->next;
}

static void
forget(struct lists *x, struct writer *w, struct list *l)
{
	if (!core_mutated(x, LIST_KEPT)) {
		writer_str(w, "UNLIST ");
		writer_u64(w, l->g);
		writer_str(w, "\r\n");
	}
	take_out_of_bucket(x, l);
	TAILQ_REMOVE(&x->used, l, used);
	x->v[l->g - 1] = NULL;
	x->n--;
	x->words -= l->n;
	if (x->nfree == x->capfree)
		x->free = mem_grow(x->free, &x->capfree, 64, sizeof(*x->free));
	x->free[x->nfree++] = l->g;
	free(l->v);
	free(l);
}

/* ---- differences --------------------------------------------------------- */

/* The streams that come and go from a to b. */
struct difference {
	uint32_t more[DIFFERENT_MAX], less[DIFFERENT_MAX];
	size_t nmore, nless, max;
};

/* Find the least i + j, so that the lists go on alike behind a[i] and b[j]; or
 * go to the ends of both. */
static void
find_alike(const struct list_of *a, const struct list_of *b, size_t *i,
    size_t *j)
{
	for (size_t sum = 1; sum <= AHEAD; sum++)
		for (*i = 0; *i <= sum; ++*i) {
			*j = sum - *i;
			if (*i < a->n && *j < b->n && a->v[*i] == b->v[*j])
				return;
		}
	*i = a->n;
	*j = b->n;
}

static bool
note(struct difference *d, uint32_t *to, size_t *n, const uint32_t *v,
    size_t nv)
{
	if (d->nmore + d->nless + nv > 2 * d->max || *n + nv > DIFFERENT_MAX)
		return false;
	for (size_t k = 0; k < nv; k++)
		to[(*n)++] = v[k];
	return true;
}

static struct list_of
behind(const struct list_of *x, size_t n)
{
	return (struct list_of){ .v = x->v + n, .n = x->n - n };
}

/* Few streams are different. */
static void
sort(uint32_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t x = v[i];
		size_t k = i;

		for (; k > 0 && v[k - 1] > x; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/* Drop the streams that go and come again. */
static void
cancel(struct difference *d)
{
	size_t i = 0, j = 0, m = 0, l = 0;

	sort(d->more, d->nmore);
	sort(d->less, d->nless);
	while (i < d->nmore || j < d->nless) {
		if (j == d->nless || (i < d->nmore && d->more[i] < d->less[j]))
			d->more[m++] = d->more[i++];
		else if (i == d->nmore || d->less[j] < d->more[i])
			d->less[l++] = d->less[j++];
		else {
			i++;
			j++;
		}
	}
	d->nmore = m;
	d->nless = l;
}

/* Return false if a and b differ by more than d->max streams, or seem to. */
static bool
differ(struct list_of a, struct list_of b, struct difference *d)
{
	size_t i, j;

	d->nmore = d->nless = 0;
	while (a.n > 0 || b.n > 0) {
		if (a.n > 0 && b.n > 0 && a.v[0] == b.v[0]) {
			a = behind(&a, 1);
			b = behind(&b, 1);
			continue;
		}
		find_alike(&a, &b, &i, &j);
		if (!note(d, d->less, &d->nless, a.v, i) ||
		    !note(d, d->more, &d->nmore, b.v, j))
			return false;
		a = behind(&a, i);
		b = behind(&b, j);
	}
	cancel(d);
	return d->nmore + d->nless <= d->max;
}

/* Return the list to which the new one differs least, and how; or NULL if it is
 * shorter to say all its streams. */
static const struct list *
find_base(const struct lists *x, const struct list_of *of,
    struct difference *best)
{
	const struct list *l, *base = NULL;
	struct difference d = { .max = of->n / 4 };
	unsigned n = 0;

	if (d.max > DIFFERENT_MAX)
		d.max = DIFFERENT_MAX;
	TAILQ_FOREACH(l, &x->used, used) {
		size_t apart = l->n > of->n ? l->n - of->n : of->n - l->n;

		if (n++ == BASES || d.max == 0)
			break;
		if (apart > d.max ||
		    !differ((struct list_of){ .v = l->v, .n = l->n }, *of, &d))
			continue;
		base = l;
		*best = d;
		if (d.nmore + d.nless == 0)
			break; /* the same streams in another order */
		d.max = d.nmore + d.nless - 1;
	}
	return base;
}

/* ---- saying -------------------------------------------------------------- */

/* The words of LIST, which may need several lines (gate-protocol.md, 3.3). */
struct saying {
	struct writer *w;
	struct writer line; /* the words so far */
	char room[LINE_ROOM];
	uint32_t g;
	uint64_t *lines;
};

static void
say_line(struct saying *s, bool more)
{
	writer_str(s->w, "LIST ");
	writer_u64(s->w, s->g);
	if (more)
		writer_str(s->w, " *");
	writer_span(s->w, writer_done(&s->line));
	writer_str(s->w, "\r\n");
	++*s->lines;
	writer_init(&s->line, s->room, sizeof(s->room));
}

#define WORD_MAX 12 /* bytes, with the space and the sign */

static void
say(struct saying *s, const char *sign, uint32_t number)
{
	if (s->line.n + WORD_MAX > sizeof(s->room))
		say_line(s, true);
	writer_str(&s->line, sign);
	writer_u64(&s->line, number);
}

static void
say_all(struct saying *s, const struct list *base, const struct difference *d,
    const struct list_of *of)
{
	writer_init(&s->line, s->room, sizeof(s->room));
	if (base == NULL)
		for (size_t i = 0; i < of->n; i++)
			say(s, " ", of->v[i]);
	else {
		say(s, " =", base->g);
		for (size_t i = 0; i < d->nless; i++)
			say(s, " -", d->less[i]);
		for (size_t i = 0; i < d->nmore; i++)
			say(s, " +", d->more[i]);
	}
	say_line(s, false);
}

static uint32_t
take_number(struct lists *x)
{
	size_t old = x->cap;

	if (x->nfree > 0)
		return x->free[--x->nfree];
	if (x->n == x->cap) {
		x->v = mem_grow(x->v, &x->cap, 64, sizeof(struct list *));
		while (old < x->cap)
			x->v[old++] = NULL;
	}
	return (uint32_t)x->n + 1;
}

static struct list *
add(struct lists *x, const struct list_of *of)
{
	struct list *l = mem_zalloc(sizeof(*l));
	uint32_t *first;

	if (x->bucket == NULL)
		x->bucket = mem_zalloc(BUCKETS * sizeof(*x->bucket));
	l->g = take_number(x);
	l->n = (uint32_t)of->n;
	l->hash = of->hash;
	l->v = mem_array(NULL, of->n, sizeof(*l->v));
	memcpy(l->v, of->v, of->n * sizeof(*l->v));
	first = bucket_of(x, l->hash);
	l->next = *first;
	*first = l->g;
	x->v[l->g - 1] = l;
	x->n++;
	x->words += of->n;
	TAILQ_INSERT_HEAD(&x->used, l, used);
	return l;
}

static uint32_t
make(struct lists *x, struct writer *w, const struct list_of *of,
    uint64_t *lines)
{
	struct saying s = { .w = w, .lines = lines };
	const struct list *base;
	struct difference d;

	while (x->n >= (core_mutated(x, LIST_KEPT) ? 3 : x->max) ||
	       (x->n > 0 && x->words + of->n > LISTS_WORDS_MAX)) {
		forget(x, w, TAILQ_LAST(&x->used, lists_used));
		++*lines;
	}
	base = find_base(x, of, &d);
	if (core_mutated(x, LIST_LESS) && base != NULL)
		d.nless = 0;
	s.g = add(x, of)->g;
	say_all(&s, base, &d, of);
	return s.g;
}

uint32_t
lists_get(struct lists *x, struct writer *w, const struct list_of *of,
    uint64_t *lines)
{
	struct list *l = find(x, of);

	invariant(of->n > 1);
	if (l == NULL)
		return make(x, w, of, lines);
	if (l != TAILQ_FIRST(&x->used)) {
		TAILQ_REMOVE(&x->used, l, used);
		TAILQ_INSERT_HEAD(&x->used, l, used);
	}
	return l->g;
}

/* ---- checking ------------------------------------------------------------ */

const char *
lists_check(const struct lists *x, uint32_t last)
{
	const struct list *l;
	size_t n = 0, words = 0;

	TAILQ_FOREACH(l, &x->used, used) {
		n++;
		words += l->n;
		if (l->g == 0 || l->g > x->cap || x->v[l->g - 1] != l)
			return "a list is not the one of its number";
		for (uint32_t i = 0; i < l->n; i++)
			if (l->v[i] == 0 || l->v[i] > last)
				return "a list has a stream that never was";
	}
	if (n != x->n || words != x->words)
		return "lists are miscounted";
	if (n > x->max || words > LISTS_WORDS_MAX)
		return "too many lists";
	return NULL;
}
