#include "core/facts/membership.h"

#include <stdlib.h>

#include "base/mem.h"

/* A longer list gets a table; it keeps the table until it has half as many. */
#define LIST_MAX 64

static struct span
key_chan(const void *p)
{
	const struct member *m = p;

	return span_make(&m->chan, sizeof(m->chan));
}

struct member *
membership_find(const struct chan *c, const struct user *u, size_t *visits)
{
	struct member *m;

	if (u->by_chan != NULL) {
		++*visits;
		return map_find(u->by_chan, span_make(&c, sizeof(c)));
	}
	TAILQ_FOREACH(m, &u->members, user_link) {
		++*visits;
		if (m->chan == c)
			return m;
	}
	return NULL;
}

static void
make_table(const struct facts *f, struct user *u)
{
	struct member *m;

	u->by_chan = mem_alloc(sizeof(*u->by_chan));
	map_init(u->by_chan, key_chan, f->users.seed);
	TAILQ_FOREACH(m, &u->members, user_link)
		map_put(u->by_chan, m);
}

void
membership_add(const struct facts *f, struct member *m)
{
	struct user *u = m->user;

	TAILQ_INSERT_TAIL(&u->members, m, user_link);
	u->nmembers++;
	if (u->by_chan != NULL)
		map_put(u->by_chan, m);
	else if (u->nmembers > LIST_MAX)
		make_table(f, u);
}

void
membership_del(struct member *m)
{
	struct user *u = m->user;

	TAILQ_REMOVE(&u->members, m, user_link);
	u->nmembers--;
	if (u->by_chan == NULL)
		return;
	(void)map_del(u->by_chan, key_chan(m));
	if (u->nmembers > LIST_MAX / 2)
		return;
	map_fini(u->by_chan);
	free(u->by_chan);
	u->by_chan = NULL;
}
