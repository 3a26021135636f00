/*
 * There is a map for each row, from the address of the owner to the block. No
 * order of anything depends on these addresses: nothing walks over a map but to
 * free what is in it. A row of nicks has a map by nick, and a queue of its
 * blocks in the order in which they were asked for.
 *
 * Rejected: a list of blocks at each user and each channel. Every one of them
 * would need a pointer, and few servers have a module that uses it.
 */
#include "core/facts/memory.h"
#include "core/facts/memory_nicks.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "wire/casemap.h"

#define MEMORY_NICK_BYTES 128 /* no nick of any server has more */

struct block {
	const void *owner; /* compared, not followed */
	_Alignas(max_align_t) unsigned char bytes[];
};

/* A block of a nick. */
struct nick_block {
	TAILQ_ENTRY(nick_block) link;
	const char *nick; /* folded, behind the bytes */
	size_t n;
	_Alignas(max_align_t) unsigned char bytes[];
};

/* The blocks of a row. */
struct shelf {
	struct map blocks;
	bool of_nicks;
	TAILQ_HEAD(, nick_block) nicks; /* the next to go is the first */
	size_t at;			/* of its iteration, if it is shed */
	struct shelf *next;		/* that is shed */
};

struct memories {
	unsigned char seed[16];
	struct shelf *shelf[MEMORY_MAX]; /* NULL: no block was made yet */
	unsigned top;			 /* all shelves are below it */
	struct shelf *shed;
};

static struct span
key_block(const void *p)
{
	const struct block *b = p;

	return span_make((const char *)&b->owner, sizeof(b->owner));
}

static struct span
key_nick(const void *p)
{
	const struct nick_block *b = p;

	return span_make(b->nick, b->n);
}

struct memories *
memory_init(const unsigned char seed[16])
{
	struct memories *m = mem_zalloc(sizeof(*m));

	memcpy(m->seed, seed, sizeof(m->seed));
	return m;
}

size_t
memory_fini(struct memories *m)
{
	size_t left = 0;

	for (unsigned i = 0; i < MEMORY_MAX; i++)
		if (m->shelf[i] != NULL && !m->shelf[i]->of_nicks)
			left += map_count(&m->shelf[i]->blocks);
	memory_shed(m, UINT64_MAX);
	(void)memory_free_shed(m, SIZE_MAX);
	free(m);
	return left;
}

/* ---- blocks -------------------------------------------------------------- */

static unsigned
number_of(const struct facts *f, const struct memory_row *row,
    enum memory_of of)
{
	unsigned i = 0;

	while (i < f->tables->nmemory && f->tables->memory[i] != row)
		i++;
	invariant(i < f->tables->nmemory && row->of == of);
	return i;
}

static struct block *
find(const struct memories *m, unsigned number, const void *owner)
{
	const struct shelf *s = m->shelf[number];

	if (s == NULL)
		return NULL;
	return map_find(&s->blocks,
	    span_make((const char *)&owner, sizeof(owner)));
}

static void *
find_bytes(const struct facts *f, const struct memory_row *row,
    enum memory_of of, const void *owner)
{
	struct block *b = find(f->memories, number_of(f, row, of), owner);

	return b == NULL ? NULL : b->bytes;
}

static struct shelf *
shelf_get(struct memories *m, unsigned number, bool of_nicks)
{
	struct shelf *s = m->shelf[number];

	if (s == NULL) {
		s = m->shelf[number] = mem_zalloc(sizeof(*s));
		s->of_nicks = of_nicks;
		TAILQ_INIT(&s->nicks);
		map_init(&s->blocks, of_nicks ? key_nick : key_block, m->seed);
		if (number >= m->top)
			m->top = number + 1;
	}
	return s;
}

static void *
get_bytes(const struct facts *f, const struct memory_row *row,
    enum memory_of of, const void *owner)
{
	unsigned number = number_of(f, row, of);
	struct block *b = find(f->memories, number, owner);

	if (b == NULL) {
		b = mem_zalloc(sizeof(*b) + row->size);
		b->owner = owner;
		map_put(&shelf_get(f->memories, number, false)->blocks, b);
	}
	return b->bytes;
}

void *
memory_find_user(const struct facts *f, const struct memory_row *row,
    const struct user *u)
{
	return find_bytes(f, row, MEMORY_USER, u);
}

void *
memory_find_chan(const struct facts *f, const struct memory_row *row,
    const struct chan *c)
{
	return find_bytes(f, row, MEMORY_CHAN, c);
}

/* Nobody may remember a thing that facts_reap() has freed, or is about to. */
void *
memory_get_user(const struct facts *f, const struct memory_row *row,
    const struct user *u)
{
	invariant(!u->gone);
	return get_bytes(f, row, MEMORY_USER, u);
}

void *
memory_get_chan(const struct facts *f, const struct memory_row *row,
    const struct chan *c)
{
	return get_bytes(f, row, MEMORY_CHAN, c);
}

/* The facts stand for the server. */
void *
memory_find_server(const struct facts *f, const struct memory_row *row)
{
	return find_bytes(f, row, MEMORY_SERVER, f);
}

void *
memory_get_server(const struct facts *f, const struct memory_row *row)
{
	return get_bytes(f, row, MEMORY_SERVER, f);
}

/* ---- nicks --------------------------------------------------------------- */

static struct nick_block *
find_nick(const struct shelf *s, struct span folded)
{
	return s == NULL ? NULL : map_find(&s->blocks, folded);
}

/* Return the nick in lower case, in buf. */
static struct span
fold(struct span nick, char buf[MEMORY_NICK_BYTES])
{
	return casemap_fold(span_head(nick, MEMORY_NICK_BYTES), buf);
}

void *
memory_find_nick(const struct facts *f, const struct memory_row *row,
    struct span nick)
{
	char buf[MEMORY_NICK_BYTES];
	struct nick_block *b =
	    find_nick(f->memories->shelf[number_of(f, row, MEMORY_NICK)],
		fold(nick, buf));

	return b == NULL ? NULL : b->bytes;
}

static void
drop_nick(struct shelf *s, struct nick_block *b)
{
	TAILQ_REMOVE(&s->nicks, b, link);
	(void)map_del(&s->blocks, key_nick(b));
	free(b);
}

static struct nick_block *
add_nick(struct shelf *s, const struct memory_row *row, struct span folded)
{
	struct nick_block *b = mem_zalloc(sizeof(*b) + row->size + folded.n);
	char *to = (char *)b->bytes + row->size;

	if (map_count(&s->blocks) >= row->most)
		drop_nick(s, TAILQ_FIRST(&s->nicks));
	memcpy(to, folded.p, folded.n);
	b->nick = to;
	b->n = folded.n;
	map_put(&s->blocks, b);
	return b;
}

void *
memory_get_nick(const struct facts *f, const struct memory_row *row,
    struct span nick)
{
	struct shelf *s =
	    shelf_get(f->memories, number_of(f, row, MEMORY_NICK), true);
	char buf[MEMORY_NICK_BYTES];
	struct span folded = fold(nick, buf);
	struct nick_block *b = find_nick(s, folded);

	if (b == NULL)
		b = add_nick(s, row, folded);
	else
		TAILQ_REMOVE(&s->nicks, b, link);
	TAILQ_INSERT_TAIL(&s->nicks, b, link);
	return b->bytes;
}

void *
memory_next_nick(const struct facts *f, const struct memory_row *row,
    struct span *nick)
{
	const struct shelf *s =
	    f->memories->shelf[number_of(f, row, MEMORY_NICK)];
	struct nick_block *b;

	if (s == NULL)
		return NULL;
	b = nick->n == 0 ? TAILQ_FIRST(&s->nicks)
			 : TAILQ_NEXT(find_nick(s, *nick), link);
	if (b == NULL)
		return NULL;
	*nick = key_nick(b);
	return b->bytes;
}

size_t
memory_count(const struct facts *f, unsigned number)
{
	const struct shelf *s = f->memories->shelf[number];

	return s == NULL ? 0 : map_count(&s->blocks);
}

/* ---- ends ---------------------------------------------------------------- */

void
memory_owner_gone(struct memories *m, const void *owner)
{
	struct span key = span_make((const char *)&owner, sizeof(owner));

	for (unsigned i = 0; i < m->top; i++)
		if (m->shelf[i] != NULL && !m->shelf[i]->of_nicks &&
		    map_count(&m->shelf[i]->blocks) > 0)
			free(map_del(&m->shelf[i]->blocks, key));
}

void
memory_shed(struct memories *m, uint64_t numbers)
{
	struct shelf *s;

	for (unsigned i = 0; i < MEMORY_MAX; i++) {
		if ((numbers >> i & 1) == 0 || (s = m->shelf[i]) == NULL)
			continue;
		m->shelf[i] = NULL;
		s->next = m->shed;
		m->shed = s;
	}
}

bool
memory_is_shed(const struct memories *m)
{
	return m->shed != NULL;
}

/* Free the blocks of a shelf, at most n. Return how many. */
static size_t
free_blocks(struct shelf *s, size_t n)
{
	void *b;
	size_t k = 0;

	for (; k < n && (b = map_next(&s->blocks, &s->at)) != NULL; k++) {
		(void)map_del(&s->blocks,
		    s->of_nicks ? key_nick(b) : key_block(b));
		free(b);
	}
	return k;
}

size_t
memory_free_shed(struct memories *m, size_t n)
{
	struct shelf *s;
	size_t k = 0;

	while (k < n && (s = m->shed) != NULL) {
		k += free_blocks(s, n - k);
		if (map_count(&s->blocks) > 0)
			break;
		m->shed = s->next;
		map_fini(&s->blocks);
		free(s);
	}
	return k;
}
