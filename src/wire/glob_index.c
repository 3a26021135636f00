/*
 * A key is a letter that says where the literal part stands, and the part in
 * lower case. If a mask has several such parts, or an inner part that is longer
 * than a key, the piece is taken whose shelf has the fewest masks: so masks
 * that have something in common do not crowd one shelf.
 */
#include "wire/glob_index.h"

#include "base/invariant.h"
#include "wire/casemap.h"

#define INNER_LONG 8
#define INNER_SHORT 4

enum place {
	PLACE_WHOLE = 'w',
	PLACE_HEAD = 'h',
	PLACE_TAIL = 't',
	PLACE_INNER8 = '8',
	PLACE_INNER4 = '4',
	PLACE_REST = 'r'
};

/* A mask as elements: a folded byte, or a star or question mark. */
struct elements {
	size_t n;
	char c[GLOB_MASK_MAX];
	bool wild[GLOB_MASK_MAX];
};

/* A literal part of a mask. */
struct run {
	size_t at, n;
};

struct key {
	char p[1 + GLOB_MASK_MAX];
	size_t n;
};

static bool
is_wild(char c)
{
	return c == '*' || c == '?';
}

static void
cut(struct span mask, struct elements *e)
{
	e->n = 0;
	for (size_t i = 0; i < mask.n; i++, e->n++) {
		e->wild[e->n] = is_wild(mask.p[i]);
		/* wire/mask.c: a backslash before these two, and no other */
		if (mask.p[i] == '\\' && i + 1 < mask.n &&
		    is_wild(mask.p[i + 1]))
			i++;
		e->c[e->n] = casemap_char(mask.p[i]);
	}
}

/* Return the longest literal part between two wild elements. */
static struct run
inner_run(const struct elements *e, size_t from, size_t to)
{
	struct run best = { 0, 0 }, now = { from, 0 };

	for (size_t i = from; i < to; i++) {
		if (e->wild[i]) {
			now = (struct run){ i + 1, 0 };
			continue;
		}
		if (++now.n > best.n)
			best = now;
	}
	return best;
}

static struct key
key_make(enum place place, const char *p, size_t n)
{
	struct key k;

	k.p[0] = (char)place;
	k.n = 1 + n;
	if (n > 0)
		memcpy(k.p + 1, p, n);
	return k;
}

static struct shelf *
find(const struct glob_index *x, const struct key *k)
{
	return shelves_find(&x->shelves, span_make(k->p, k->n));
}

/* The key that is best so far, and how many masks its shelf has. */
struct choice {
	const struct glob_index *x;
	struct key key;
	uint32_t n;
};

/* Take the key instead of the former one if its shelf has fewer masks. */
static void
consider(struct choice *c, enum place place, const char *p, size_t n)
{
	struct key k = key_make(place, p, n);
	const struct shelf *s = find(c->x, &k);
	uint32_t count = s == NULL ? 0 : s->n;

	if (c->key.n > 0 && count >= c->n)
		return;
	c->key = k;
	c->n = count;
}

static void
consider_inner(struct choice *c, const struct elements *e, struct run run)
{
	bool is_long = run.n >= INNER_LONG;
	enum place place = is_long ? PLACE_INNER8 : PLACE_INNER4;
	size_t n = is_long ? INNER_LONG : INNER_SHORT;

	for (size_t i = 0; i + n <= run.n && (i == 0 || c->n > 0); i++)
		consider(c, place, e->c + run.at + i, n);
}

static size_t
end_part(size_t n)
{
	return n > GLOB_END_MAX ? GLOB_END_MAX : n;
}

static void
consider_head(struct choice *c, const struct elements *e, size_t n)
{
	if (n > 0)
		consider(c, PLACE_HEAD, e->c, end_part(n));
}

static void
consider_tail(struct choice *c, const struct elements *e, size_t n)
{
	if (n > 0)
		consider(c, PLACE_TAIL, e->c + e->n - end_part(n), end_part(n));
}

/* Look at the longest part first: a shelf without masks is as good as any. */
static struct key
key_of(const struct glob_index *x, struct span mask)
{
	struct choice c = { .x = x };
	struct elements e;
	size_t head = 0, tail = 0;

	invariant(mask.n <= GLOB_MASK_MAX);
	cut(mask, &e);
	while (head < e.n && !e.wild[head])
		head++;
	if (head == e.n)
		return key_make(PLACE_WHOLE, e.c, e.n);
	while (!e.wild[e.n - 1 - tail])
		tail++;
	if (head >= tail)
		consider_head(&c, &e, head);
	consider_tail(&c, &e, tail);
	if (head < tail)
		consider_head(&c, &e, head);
	consider_inner(&c, &e, inner_run(&e, head, e.n - tail));
	return c.key.n > 0 ? c.key : key_make(PLACE_REST, NULL, 0);
}

/* Return the number of masks that have a key of that place and length, or NULL
 * if they are not counted. */
static uint32_t *
count_of(struct glob_index *x, char place, size_t n)
{
	return place == PLACE_HEAD     ? &x->heads[n]
	       : place == PLACE_TAIL   ? &x->tails[n]
	       : place == PLACE_INNER8 ? &x->inner8
	       : place == PLACE_INNER4 ? &x->inner4
				       : NULL;
}

void
glob_index_init(struct glob_index *x, const unsigned char seed[SIPHASH_KEY])
{
	*x = (struct glob_index){ 0 };
	shelves_init(&x->shelves, seed);
}

void
glob_index_fini(struct glob_index *x)
{
	shelves_fini(&x->shelves);
}

void
glob_index_add(struct glob_index *x, struct shelf_item *item, struct span mask)
{
	struct key k = key_of(x, mask);
	uint32_t *count = count_of(x, k.p[0], k.n - 1);

	shelves_put(&x->shelves, item, span_make(k.p, k.n));
	if (count != NULL)
		++*count;
}

void
glob_index_del(struct glob_index *x, struct shelf_item *item)
{
	const struct shelf *s = item->shelf;
	uint32_t *count = count_of(x, s->key[0], s->nkey - 1);

	if (count != NULL)
		--*count;
	(void)shelves_take(&x->shelves, item);
}

/* ---- finding ------------------------------------------------------------- */

struct finding {
	struct glob_index *x;
	void (*fn)(void *ctx, struct shelf_item *);
	void *ctx;
	size_t steps;
};

static void
look(struct finding *f, enum place place, const char *p, size_t n)
{
	struct key k = key_make(place, p, n);
	struct shelf *s = find(f->x, &k);
	struct shelf_item *item;

	f->steps += GLOB_STEPS;
	if (s == NULL || s->mark == f->x->mark)
		return;
	s->mark = f->x->mark;
	for (item = s->first; item != NULL; item = item->next) {
		f->steps++;
		f->fn(f->ctx, item);
	}
}

static void
look_at_ends(struct finding *f, const char *p, size_t n)
{
	for (size_t i = 1; i <= n && i <= GLOB_END_MAX; i++) {
		if (f->x->heads[i] > 0)
			look(f, PLACE_HEAD, p, i);
		if (f->x->tails[i] > 0)
			look(f, PLACE_TAIL, p + n - i, i);
	}
}

static void
look_inside(struct finding *f, const char *p, size_t n)
{
	for (size_t i = 0; f->x->inner8 > 0 && i + INNER_LONG <= n; i++)
		look(f, PLACE_INNER8, p + i, INNER_LONG);
	for (size_t i = 0; f->x->inner4 > 0 && i + INNER_SHORT <= n; i++)
		look(f, PLACE_INNER4, p + i, INNER_SHORT);
}

void
glob_index_find(struct glob_index *x, struct span text,
    void (*fn)(void *ctx, struct shelf_item *), void *ctx, size_t *steps)
{
	struct finding f = { .x = x, .fn = fn, .ctx = ctx };
	char folded[GLOB_TEXT_MAX];

	invariant(text.n <= GLOB_TEXT_MAX);
	text = casemap_fold(text, folded);
	x->mark++;
	if (text.n <= GLOB_MASK_MAX)
		look(&f, PLACE_WHOLE, text.p, text.n);
	look_at_ends(&f, text.p, text.n);
	look_inside(&f, text.p, text.n);
	look(&f, PLACE_REST, NULL, 0);
	*steps += f.steps;
}
