/*
 * There are many memberships, so the ring takes only one pointer in each. To
 * take a membership out, the code walks to the one before it; a ring is short.
 * A user on many channels has a table in place of the ring. A walk over either
 * of them gives the oldest membership first.
 *
 * A table becomes a ring again only when a membership is added, so that a walk
 * which drops memberships does not lose its place.
 */
#include "core/facts/membership.h"

#include <stdlib.h>

#include "base/mem.h"

/* A ring that would be longer becomes a table, and a table with less than half
 * as many memberships becomes a ring. */
#define RING_MAX 64

static struct span
key_chan(const void *p)
{
	const struct member *m = p;

	return span_make(&m->chan, sizeof(m->chan));
}

struct stays
stays_of(const struct user *u)
{
	const struct member *last;

	if (u->many)
		return (struct stays){ .table = u->stay.table };
	last = u->stay.last;
	return (struct stays){ .next = last == NULL ? NULL : last->user_next,
		.last = last };
}

struct stays
stays_from(const struct user *u, size_t at)
{
	struct stays s = { 0 };

	if (at == 0 || u->many)
		s = stays_of(u);
	s.at = at;
	return s;
}

struct member *
stays_next(struct stays *s)
{
	struct member *m = s->next;

	if (s->table != NULL)
		return map_next(s->table, &s->at);
	if (m != NULL)
		s->next = m == s->last ? NULL : m->user_next;
	return m;
}

struct member *
membership_find(const struct chan *c, const struct user *u, size_t *visits)
{
	struct member *m;

	if (u->many) {
		++*visits;
		return map_find(u->stay.table, span_make(&c, sizeof(c)));
	}
	m = u->stay.last;
	for (uint32_t left = u->nmembers; left > 0; left--) {
		++*visits;
		m = m->user_next;
		if (m->chan == c)
			return m;
	}
	return NULL;
}

static void
ring_add(struct user *u, struct member *m)
{
	struct member *last = u->stay.last;

	m->user_next = last == NULL ? m : last->user_next;
	if (last != NULL)
		last->user_next = m;
	u->stay.last = m;
}

static void
ring_del(struct user *u, const struct member *m)
{
	struct member *before = u->stay.last;

	while (before->user_next != m)
		before = before->user_next;
	before->user_next = m->user_next;
	if (u->stay.last == m)
		u->stay.last = before == m ? NULL : before;
}

static void
make_table(const struct facts *f, struct user *u)
{
	struct map *table = mem_alloc(sizeof(*table));
	struct member *m;

	map_init(table, key_chan, f->users.seed);
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		map_put(table, m);
	u->many = true;
	u->stay.table = table;
}

void
membership_fini(struct user *u)
{
	if (!u->many)
		return;
	map_fini(u->stay.table);
	free(u->stay.table);
	u->many = false;
	u->stay.last = NULL;
}

static void
make_ring(struct user *u)
{
	struct map *table = u->stay.table;
	struct member *m;

	u->many = false;
	u->stay.last = NULL;
	for (size_t i = 0; (m = map_next(table, &i)) != NULL;)
		ring_add(u, m);
	map_fini(table);
	free(table);
}

void
membership_add(const struct facts *f, struct member *m)
{
	struct user *u = m->user;

	if (!u->many && u->nmembers == RING_MAX)
		make_table(f, u);
	else if (u->many && u->nmembers < RING_MAX / 2)
		make_ring(u);
	u->nmembers++;
	if (u->many)
		map_put(u->stay.table, m);
	else
		ring_add(u, m);
}

void
membership_del(struct member *m)
{
	struct user *u = m->user;

	u->nmembers--;
	if (u->many)
		(void)map_del(u->stay.table, key_chan(m));
	else
		ring_del(u, m);
}
