/*
 * A server that starts again has lost its links. So a link state of its new run
 * is believed once no edge that counts leads to the former run; its neighbours
 * notice within the time of silence. And a server that is linked with this one
 * says the newest of itself on that link.
 */
#include "link/doubt.h"

#include <stdlib.h>

#include "base/mem.h"
#include "link/link.h"
#include "link/msg/msg.h"

static bool
is_newer(const struct lsa *a, const struct lsa *b)
{
	return a->o.inc != b->o.inc ? a->o.inc > b->o.inc : a->lseq > b->lseq;
}

/* Return true if the run itself has a link here. */
static bool
is_linked(const struct link_net *net, struct origin o)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]) &&
		    origin_cmp(net->link[i]->o, o) == 0)
			return true;
	return false;
}

bool
doubt_is(const struct link_net *net, const struct link *l,
    const struct lsa *lsa)
{
	const struct map_server *s = netmap_find(&net->map, lsa->o.sid);

	/* 1. a server is believed what it says of itself */
	if (sid_cmp(l->o.sid, lsa->o.sid) == 0)
		return false;
	/* 2. it does not contradict anything, or comes too late */
	if (s == NULL || !s->reachable || !is_newer(lsa, &s->lsa))
		return false;
	/* 3. another run is reachable, or this run itself is linked here */
	return lsa->o.inc > s->lsa.o.inc || is_linked(net, lsa->o);
}

static struct lsa *
doubt_find(const struct link *l, struct sid sid)
{
	for (size_t i = 0; i < l->ndoubted; i++)
		if (sid_cmp(l->doubted[i].o.sid, sid) == 0)
			return &l->doubted[i];
	return NULL;
}

bool
doubt_put(struct link *l, struct lsa *lsa)
{
	struct lsa *same = doubt_find(l, lsa->o.sid);

	if (same == NULL) {
		if (l->ndoubted == DOUBT_MAX)
			return false;
		l->doubted =
		    mem_array(l->doubted, l->ndoubted + 1, sizeof(*l->doubted));
		same = &l->doubted[l->ndoubted++];
		lsa_init(same);
	}
	if (is_newer(lsa, same)) {
		lsa_fini(same);
		*same = *lsa;
		lsa_init(lsa);
	}
	return true;
}

/* Return true if the map has changed. */
static bool
update_link(const struct link_step *st, struct link *l)
{
	bool changed = false;
	size_t n = 0;

	for (size_t i = 0; i < l->ndoubted; i++) {
		if (doubt_is(st->net, l, &l->doubted[i])) {
			l->doubted[n++] = l->doubted[i];
			continue;
		}
		changed = lsa_take(st, l, &l->doubted[i]) || changed;
		lsa_fini(&l->doubted[i]);
	}
	l->ndoubted = n;
	return changed;
}

bool
doubt_update(const struct link_step *st)
{
	bool changed = false;

	for (size_t i = 0; i < st->net->nlink; i++)
		if (st->net->link[i]->ndoubted > 0 &&
		    link_is_edge(st->net->link[i]))
			changed = update_link(st, st->net->link[i]) || changed;
	return changed;
}

void
doubt_free(struct link *l)
{
	for (size_t i = 0; i < l->ndoubted; i++)
		lsa_fini(&l->doubted[i]);
	free(l->doubted);
	l->doubted = NULL;
	l->ndoubted = 0;
}
