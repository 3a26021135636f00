/*
 * A server that starts again has lost its links. So a link state of its new run
 * is believed once no edge that counts leads to the former run; its neighbours
 * notice within the time of silence. And a server that is linked with this one
 * says the newest of itself on that link.
 *
 * A server further away cannot be asked. So this server believes the word of
 * others about it, and passes it on, until it comes to a neighbour of that
 * server. The neighbour does not believe it, and tells the server, which then
 * makes a newer link state. That one undoes the lie wherever the lie was
 * believed. A number that leaves no room for a newer one would make this
 * impossible, so it is never believed.
 */
#include "link/map/doubt.h"

#include <stdlib.h>

#include "base/mem.h"
#include "link/link.h"
#include "link/map/junk.h"
#include "link/msg/msg.h"

static bool
is_newer(const struct lsa *a, const struct lsa *b)
{
	return a->o.inc != b->o.inc ? a->o.inc > b->o.inc : a->lseq > b->lseq;
}

/* Return the link of the run itself, or NULL. */
static struct link *
link_of(const struct link_net *net, struct origin o)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]) &&
		    origin_cmp(net->link[i]->o, o) == 0)
			return net->link[i];
	return NULL;
}

/* Greatest time that an inc is ahead of our wall clock (link-protocol.md,
 * 5.9). */
#define INC_AHEAD_S (INT64_C(30) * 24 * 3600)

bool
doubt_inc_is_ahead(const struct link_step *st, uint64_t inc)
{
	return inc > UINT32_MAX ||
	       (int64_t)inc > st->ev->wall.ms / MS_PER_S + INC_AHEAD_S;
}

/* No server has made a link state in every millisecond since 1970. If a server
 * is told of a link state of its own with the greatest lseq that is believed,
 * the next lseq is believed a millisecond later. */
bool
doubt_lseq_is_ahead(const struct link_step *st, uint64_t lseq)
{
	return st->ev->wall.ms < 0 || lseq > (uint64_t)st->ev->wall.ms;
}

bool
doubt_is(const struct link_step *st, const struct link *l,
    const struct lsa *lsa)
{
	const struct link_net *net = st->net;
	const struct map_server *s = netmap_find(&net->map, lsa->o.sid);

	/* 1. a server is believed what it says of itself */
	if (sid_cmp(l->o.sid, lsa->o.sid) == 0)
		return false;
	/* 2. its server could not make a newer one */
	if (doubt_inc_is_ahead(st, lsa->o.inc) ||
	    doubt_lseq_is_ahead(st, lsa->lseq))
		return true;
	/* 3. it is of an unknown server, for which there is no room */
	if (s == NULL)
		return !netmap_has_room(&net->map, lsa->o.sid);
	/* 4. it does not contradict anything, or comes too late */
	if (!s->reachable || !is_newer(lsa, &s->lsa))
		return false;
	/* 5. another run is reachable, or this run itself is linked here */
	return lsa->o.inc > s->lsa.o.inc || link_of(net, lsa->o) != NULL;
}

static struct lsa *
doubt_find(const struct link *l, struct sid sid)
{
	for (size_t i = 0; i < l->ndoubted; i++)
		if (sid_cmp(l->doubted[i].o.sid, sid) == 0)
			return &l->doubted[i];
	return NULL;
}

/* Return false if the link holds as many as it may. */
static bool
has_room(const struct link_net *net, const struct link *l, struct sid sid)
{
	bool known = netmap_find(&net->map, sid) != NULL;
	size_t n = 0;

	for (size_t i = 0; i < l->ndoubted; i++)
		if ((netmap_find(&net->map, l->doubted[i].o.sid) != NULL) ==
		    known)
			n++;
	return n < (known ? DOUBT_MAX : NETMAP_SERVERS_MAX);
}

static void
tell_server(const struct link_step *st, const struct lsa *lsa)
{
	struct link *l = link_of(st->net, lsa->o);

	if (l != NULL && !doubt_lseq_is_ahead(st, lsa->lseq))
		lsa_send(st, l, lsa);
}

bool
doubt_put(const struct link_step *st, struct link *l, struct lsa *lsa)
{
	struct lsa *same = doubt_find(l, lsa->o.sid);

	if (same == NULL) {
		if (!has_room(st->net, l, lsa->o.sid))
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
		tell_server(st, same);
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
		junk_make_room(st->net, l, &l->doubted[i]);
		if (doubt_is(st, l, &l->doubted[i])) {
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
