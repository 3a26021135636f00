/*
 * A list is said as numbers, or as the difference to another one. Its numbers
 * are brought into order, and merged with the seats of the other list. The cost
 * is that of the seats and words that are looked at; it buys that a line for
 * the list costs one step for each receiver.
 *
 * Invariants
 *	1  the seats of a list are in the order of their numbers
 *	2  refs of a seat is the number of lists that have it, and one more
 *	   while its stream is open; at 0 it is given back
 *	3  words is the sum of n of all lists
 *	4  a number that is greater than `last` has no seat
 *	5  a list that is being said has no more numbers than there were open
 *	   streams since it began, so nobody can have very many brought into
 *	   order
 */
#include "gate/roll.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "gate/trunkline.h"
#include "wire/words.h"

#define SORT_STEPS 16 /* for each number, about */

static struct span
seat_key(const void *item, char buf[CHAINS_KEY_MAX])
{
	const struct seat *seat = item;

	(void)buf;
	return span_make(&seat->s, sizeof(seat->s));
}

static bool
seat_is(const void *item, struct span key)
{
	const struct seat *seat = item;

	return memcmp(key.p, &seat->s, sizeof(seat->s)) == 0;
}

static const struct chains_type seat_type = { seat_key, seat_is };

static struct span
list_key(const void *item)
{
	const struct roll_list *l = item;

	return span_make(&l->g, sizeof(l->g));
}

void
roll_init(struct roll *r, const unsigned char key[SIPHASH_KEY])
{
	*r = (struct roll){ .last = 0 };
	chains_init(&r->streams, &seat_type, offsetof(struct seat, next), key);
	map_init(&r->lists, list_key, key);
	pool_init(&r->pool, sizeof(struct seat), "seat");
}

static void
unref(struct roll *r, struct seat *seat)
{
	if (--seat->refs == 0)
		pool_give(&r->pool, seat);
}

static void
list_free(struct roll *r, struct roll_list *l)
{
	r->words -= l->n;
	r->steps += l->n;
	for (uint32_t i = 0; i < l->n; i++)
		unref(r, l->seat[i]);
	free(l);
}

bool
roll_drop_list(struct roll *r)
{
	size_t i = 0;
	struct roll_list *l = map_next(&r->lists, &i);

	if (l == NULL)
		return false;
	(void)map_del(&r->lists, list_key(l));
	list_free(r, l);
	return true;
}

void
roll_fini(struct roll *r)
{
	while (roll_drop_list(r))
		;
	free(r->said.add.v);
	free(r->said.del.v);
	map_fini(&r->lists);
	chains_fini(&r->streams);
	invariant(pool_fini(&r->pool) == 0);
}

/* ---- streams ------------------------------------------------------------- */

struct seat *
roll_open(struct roll *r, struct client *client, struct stream *to)
{
	struct seat *seat;

	if (roll_is_used_up(r))
		return NULL;
	seat = pool_take(&r->pool);
	seat->client = client;
	seat->to = to;
	seat->s = ++r->last;
	seat->refs = 1;
	chains_put(&r->streams, seat);
	return seat;
}

void
roll_close(struct roll *r, struct seat *seat)
{
	(void)chains_del(&r->streams, span_make(&seat->s, sizeof(seat->s)));
	seat->client = NULL;
	seat->to = NULL;
	unref(r, seat);
}

bool
roll_find(const struct roll *r, uint32_t s, struct seat **seat)
{
	if (s > r->last)
		return false;
	*seat = chains_find(&r->streams, span_make(&s, sizeof(s)));
	return true;
}

size_t
roll_count(const struct roll *r)
{
	return chains_count(&r->streams);
}

/* ---- the words of a list ------------------------------------------------- */

static bool
is_open(const struct roll *r, uint32_t s)
{
	struct seat *seat;

	return roll_find(r, s, &seat) && seat != NULL;
}

/* Keep a number. Return false if there are so many that one must be there
 * twice. */
static bool
add_number(const struct roll *r, struct roll_numbers *x, uint32_t s)
{
	if (x->n >= r->last - r->said.ended)
		return false;
	if (x->n == x->cap) {
		x->cap = x->cap == 0 ? 64 : x->cap * 2;
		x->v = mem_array(x->v, x->cap, sizeof(*x->v));
	}
	x->v[x->n++] = s;
	return true;
}

static enum roll_fault
take_base(struct roll *r, struct span word)
{
	uint32_t h;

	if (!trunkline_number(word, &h))
		return ROLL_FORM;
	r->said.base = roll_list(r, h);
	return r->said.base != NULL ? ROLL_OK : ROLL_LIST;
}

/* Take one word: s without a base, +s or -s with one (6.2). */
static enum roll_fault
take_word(struct roll *r, struct span word)
{
	bool first = !r->said.begun, del = word.p[0] == '-';
	uint32_t s;

	r->said.begun = true;
	r->steps++;
	if (word.p[0] == '=')
		return first ? take_base(r, span_tail(word, 1)) : ROLL_LIST;
	if ((del || word.p[0] == '+') != (r->said.base != NULL))
		return ROLL_LIST;
	if (r->said.base != NULL)
		word = span_tail(word, 1);
	if (!trunkline_number(word, &s))
		return ROLL_FORM;
	if (s > r->last)
		return ROLL_STREAM;
	if (!is_open(r, s))
		return ROLL_OK; /* 6.3 */
	if (r->said.add.n + r->said.del.n == ROLL_WORDS_MAX)
		return ROLL_BOUNDS;
	return add_number(r, del ? &r->said.del : &r->said.add, s) ? ROLL_OK
								   : ROLL_LIST;
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Bring the numbers into order; most come in it. Return false if there is one
 * twice. */
static bool
put_in_order(struct roll *r, struct roll_numbers *x)
{
	bool ordered = true;

	r->steps += x->n;
	for (uint32_t i = 1; i < x->n; i++)
		ordered = ordered && x->v[i - 1] < x->v[i];
	if (ordered)
		return true;
	r->steps += SORT_STEPS * (uint64_t)x->n;
	qsort(x->v, x->n, sizeof(*x->v), by_number);
	for (uint32_t i = 1; i < x->n; i++)
		if (x->v[i - 1] == x->v[i])
			return false;
	return true;
}

/* ---- making a list ------------------------------------------------------- */

static void
put_seat(struct roll_list *l, struct seat *seat)
{
	if (seat->client == NULL)
		return; /* 6.3 */
	seat->refs++;
	l->seat[l->n++] = seat;
}

/* Add the streams below the number `upto` that are to be added. */
static uint32_t
put_added(struct roll *r, struct roll_list *l, uint32_t i, uint64_t upto)
{
	const struct roll_numbers *add = &r->said.add;
	struct seat *seat;

	for (; i < add->n && add->v[i] < upto; i++)
		if (roll_find(r, add->v[i], &seat) && seat != NULL)
			put_seat(l, seat);
	return i;
}

/* Pass over the numbers below `upto` that are to be taken away: the base does
 * not have them. Return false if one of them is a stream that is open; a base
 * loses the others when they end. */
static bool
pass_deleted(const struct roll *r, uint32_t *i, uint64_t upto)
{
	const struct roll_numbers *del = &r->said.del;

	for (; *i < del->n && del->v[*i] < upto; ++*i)
		if (is_open(r, del->v[*i]))
			return false;
	return true;
}

/* Merge the base and the numbers into l, which has room for all of them. */
static enum roll_fault
merge(struct roll *r, struct roll_list *l)
{
	const struct roll_list *base = r->said.base;
	const struct roll_numbers *add = &r->said.add, *del = &r->said.del;
	uint32_t a = 0, d = 0, n = base != NULL ? base->n : 0;
	struct seat *seat;

	for (uint32_t i = 0; i < n; i++) {
		seat = base->seat[i];
		a = put_added(r, l, a, seat->s);
		if (!pass_deleted(r, &d, seat->s) ||
		    (a < add->n && add->v[a] == seat->s))
			return ROLL_LIST;
		if (d < del->n && del->v[d] == seat->s)
			d++;
		else
			put_seat(l, seat);
	}
	(void)put_added(r, l, a, UINT64_MAX);
	return pass_deleted(r, &d, UINT64_MAX) ? ROLL_OK : ROLL_LIST;
}

static enum roll_fault
make_list(struct roll *r)
{
	size_t room =
	    r->said.add.n + (r->said.base != NULL ? r->said.base->n : 0);
	struct roll_list *l;
	enum roll_fault fault;

	if (!put_in_order(r, &r->said.add) || !put_in_order(r, &r->said.del))
		return ROLL_LIST;
	r->steps += room + r->said.del.n;
	l = mem_alloc(sizeof(*l) + room * sizeof(struct seat *));
	l->g = r->said.g;
	l->n = 0;
	fault = merge(r, l);
	r->words += l->n;
	if (fault == ROLL_OK && r->words > ROLL_WORDS_MAX)
		fault = ROLL_BOUNDS;
	if (fault != ROLL_OK) {
		list_free(r, l);
		return fault;
	}
	if (l->n < room)
		l = mem_realloc(l, sizeof(*l) + l->n * sizeof(struct seat *));
	map_put(&r->lists, l);
	return ROLL_OK;
}

static enum roll_fault
begin(struct roll *r, uint32_t g)
{
	if (roll_list(r, g) != NULL)
		return ROLL_LIST;
	if (map_count(&r->lists) == ROLL_LISTS_MAX)
		return ROLL_BOUNDS;
	r->said.g = g;
	r->said.base = NULL;
	r->said.ended = r->last - (uint32_t)roll_count(r);
	r->said.begun = false;
	r->said.add.n = r->said.del.n = 0;
	return ROLL_OK;
}

/* Let go of the memory of a list that was much longer than most. */
static void
forget_numbers(struct roll_numbers *x)
{
	if (x->cap <= 4096)
		return;
	free(x->v);
	*x = (struct roll_numbers){ 0 };
}

enum roll_fault
roll_say(struct roll *r, uint32_t g, bool more, struct span words)
{
	enum roll_fault fault = ROLL_OK;
	struct span word;

	if (!roll_is_saying(r))
		fault = begin(r, g);
	else if (r->said.g != g)
		return ROLL_LIST;
	while (fault == ROLL_OK && word_next(&words, &word))
		fault = take_word(r, word);
	if (fault != ROLL_OK || more)
		return fault;
	fault = make_list(r);
	r->said.g = 0;
	forget_numbers(&r->said.add);
	forget_numbers(&r->said.del);
	return fault;
}

enum roll_fault
roll_unsay(struct roll *r, uint32_t g)
{
	struct roll_list *l = map_del(&r->lists, span_make(&g, sizeof(g)));

	if (l == NULL)
		return ROLL_LIST;
	list_free(r, l);
	return ROLL_OK;
}

const struct roll_list *
roll_list(const struct roll *r, uint32_t g)
{
	return map_find(&r->lists, span_make(&g, sizeof(g)));
}
