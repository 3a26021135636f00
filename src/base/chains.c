/*
 * This is linear hashing (Litwin, 1980). There are nchain chains. If they have
 * more than LONG items each on average, a chain is added, which gets its items
 * from one other chain. If they have fewer than SHORT, the last chain is put
 * back into the one that it came from. So each call moves the items of one
 * chain at most. The only array that ever moves is that of the segments, which
 * is small.
 *
 * Let `top` be the least power of two that is not below nchain. Then a chain
 * c >= top / 2 came from chain c - top / 2. An item is in chain hash % top, or,
 * if that chain does not exist yet, in the one that it will come from.
 */
#include "base/chains.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

#define SEGMENT 64u /* chains of one segment */
#define LONG 3u
#define SHORT 1u

void
chains_init(struct chains *c, const struct chains_type *type, size_t link,
    const unsigned char seed[SIPHASH_KEY])
{
	*c = (struct chains){ .type = type, .link = link };
	memcpy(c->seed, seed, sizeof(c->seed));
}

void
chains_fini(struct chains *c)
{
	for (uint32_t i = 0; i < c->nsegment; i++)
		free(c->segment[i]);
	free(c->segment);
	c->segment = NULL;
	c->nsegment = c->capsegment = c->nchain = c->top = c->n = 0;
}

static void **
next_of(const struct chains *c, void *item)
{
	return (void **)(void *)((char *)item + c->link);
}

static void **
head_of(const struct chains *c, uint32_t chain)
{
	return &c->segment[chain / SEGMENT][chain % SEGMENT];
}

static uint32_t
chain_of(const struct chains *c, struct span key)
{
	uint32_t hash = (uint32_t)(siphash(c->seed, key) & UINT32_MAX);
	uint32_t chain = hash & (c->top - 1);

	return chain < c->nchain ? chain : chain - c->top / 2;
}

/* Return the address of the pointer to the item of that key, or of the NULL at
 * the end of its chain. Invariant: the table has a chain. */
static void **
place_of(const struct chains *c, struct span key)
{
	void **at = head_of(c, chain_of(c, key));

	while (*at != NULL && !c->type->is(*at, key))
		at = next_of(c, *at);
	return at;
}

static void
push(const struct chains *c, void *item, uint32_t chain)
{
	void **head = head_of(c, chain);

	*next_of(c, item) = *head;
	*head = item;
}

/* Take all items out of a chain, and put each where it belongs now. */
static void
spread(struct chains *c, uint32_t chain)
{
	void **head = head_of(c, chain), *item = *head, *next;
	char buf[CHAINS_KEY_MAX];

	*head = NULL;
	for (; item != NULL; item = next) {
		next = *next_of(c, item);
		push(c, item, chain_of(c, c->type->key(item, buf)));
	}
}

static void
grow(struct chains *c)
{
	uint32_t chain = c->nchain;

	invariant(chain < UINT32_MAX / 2);
	if (chain == c->nsegment * SEGMENT) {
		if (c->nsegment == c->capsegment)
			c->segment = mem_grow32(c->segment, &c->capsegment, 2,
			    sizeof(*c->segment));
		c->segment[c->nsegment++] =
		    mem_zalloc(SEGMENT * sizeof(c->segment[0][0]));
	}
	if (c->nchain++ == c->top)
		c->top = c->top == 0 ? 1 : c->top * 2;
	if (chain > 0)
		spread(c, chain - c->top / 2);
}

static void
shrink(struct chains *c)
{
	uint32_t chain = c->nchain - 1;
	void *item = *head_of(c, chain), *next;
	uint32_t to = chain - c->top / 2;

	if (--c->nchain == c->top / 2)
		c->top /= 2;
	for (; item != NULL; item = next) {
		next = *next_of(c, item);
		push(c, item, to);
	}
	*head_of(c, chain) = NULL;
	/* keep an empty segment, so that it is not made again at once */
	if (c->nsegment * SEGMENT - c->nchain >= 2 * SEGMENT)
		free(c->segment[--c->nsegment]);
}

void *
chains_find(const struct chains *c, struct span key)
{
	return c->n == 0 ? NULL : *place_of(c, key);
}

void
chains_put(struct chains *c, void *item)
{
	char buf[CHAINS_KEY_MAX];
	void **end;

	if (c->nchain == 0)
		grow(c);
	end = place_of(c, c->type->key(item, buf));
	invariant(*end == NULL);
	*next_of(c, item) = NULL;
	*end = item;
	c->n++;
	if (c->n / LONG > c->nchain)
		grow(c);
}

void *
chains_del(struct chains *c, struct span key)
{
	void **at, *item;

	if (c->n == 0)
		return NULL;
	at = place_of(c, key);
	if ((item = *at) == NULL)
		return NULL;
	*at = *next_of(c, item);
	*next_of(c, item) = NULL;
	c->n--;
	if (c->nchain > 1 && c->n / SHORT < c->nchain)
		shrink(c);
	return item;
}
