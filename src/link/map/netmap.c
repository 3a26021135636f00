/*
 * The search goes breadth-first from this server, in the order in which a
 * server names its edges. The ways that it finds serve questions and the names
 * in a netsplit. Costs are kept and not used yet, since they belong to the
 * tree.
 *
 * An edge counts only if both ends report it with one instance
 * (link-protocol.md, 5.6). If one end were enough, a dead server would be
 * reachable for as long as others have its link state. If instances could
 * differ, the two ends might speak of two links, one of which has ended.
 */
#include "link/map/netmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
netmap_init(struct netmap *map)
{
	*map = (struct netmap){ 0 };
}

void
netmap_fini(struct netmap *map)
{
	for (size_t i = 0; i < map->n; i++)
		lsa_fini(&map->v[i].lsa);
	free(map->v);
	*map = (struct netmap){ 0 };
}

void
lsa_init(struct lsa *lsa)
{
	*lsa = (struct lsa){ 0 };
}

void
lsa_fini(struct lsa *lsa)
{
	free(lsa->edge);
	vector_fini(&lsa->heads);
	*lsa = (struct lsa){ 0 };
}

void
lsa_edge(struct lsa *lsa, struct edge edge)
{
	lsa->edge = mem_array(lsa->edge, lsa->nedge + 1, sizeof(edge));
	lsa->edge[lsa->nedge++] = edge;
}

static size_t
netmap_place(const struct netmap *map, struct sid sid)
{
	size_t lo = 0, hi = map->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (sid_cmp(map->v[mid].lsa.o.sid, sid) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct map_server *
netmap_find(const struct netmap *map, struct sid sid)
{
	size_t i = netmap_place(map, sid);

	if (i < map->n && sid_cmp(map->v[i].lsa.o.sid, sid) == 0)
		return &map->v[i];
	return NULL;
}

/* Return true if a is newer than b: by its run, then by its number in that run
 * (link-protocol.md, 5.5). */
static bool
is_newer(const struct netmap *map, const struct lsa *a, const struct lsa *b)
{
	if (a->o.inc != b->o.inc && !map->by_lseq)
		return a->o.inc > b->o.inc;
	return a->lseq > b->lseq;
}

bool
netmap_take(struct netmap *map, struct lsa *lsa)
{
	size_t i = netmap_place(map, lsa->o.sid);

	if (i < map->n && sid_cmp(map->v[i].lsa.o.sid, lsa->o.sid) == 0) {
		if (!is_newer(map, lsa, &map->v[i].lsa))
			return false;
		lsa_fini(&map->v[i].lsa);
	} else {
		if (map->n == map->cap)
			map->v =
			    mem_grow(map->v, &map->cap, 8, sizeof(*map->v));
		memmove(map->v + i + 1, map->v + i,
		    (map->n - i) * sizeof(*map->v));
		map->n++;
		map->v[i] = (struct map_server){ .gone = MONO_NEVER,
			.lost = MONO_NEVER,
			.back = MONO_NEVER,
			.until = MONO_NEVER };
	}
	map->v[i].lsa = *lsa;
	lsa_init(lsa);
	return true;
}

bool
netmap_forget(struct netmap *map, struct sid sid, uint32_t inc)
{
	struct map_server *s = netmap_find(map, sid);
	size_t i;

	if (s == NULL || s->lsa.o.inc > inc)
		return false;
	i = (size_t)(s - map->v);
	lsa_fini(&s->lsa);
	map->n--;
	memmove(s, s + 1, (map->n - i) * sizeof(*s));
	return true;
}

bool
netmap_has_room(const struct netmap *map, struct sid sid)
{
	return map->n < NETMAP_SERVERS_MAX || netmap_find(map, sid) != NULL;
}

bool
netmap_reports(const struct netmap *map, const struct map_server *from,
    struct sid to, uint64_t instance)
{
	if (map->one_end)
		return true;
	for (size_t i = 0; i < from->lsa.nedge; i++) {
		const struct edge *e = &from->lsa.edge[i];

		if (sid_cmp(e->peer, to) == 0 &&
		    (e->instance == instance || map->any_instance))
			return true;
	}
	return false;
}

static void
reach(struct map_server *s, const struct map_server *from)
{
	s->reachable = s->was_reachable = true;
	s->hops = from->hops + 1;
	s->uplink = from->lsa.o.sid;
	s->next = from->hops == 0 ? s->lsa.o.sid : from->next;
}

/* Count for each neighbour how many servers are reachable through it. */
static void
count_behind(struct netmap *map)
{
	for (size_t i = 0; i < map->n; i++) {
		struct map_server *s = &map->v[i];
		unsigned n = 0;

		if (!s->reachable || s->hops != 1)
			continue;
		for (size_t k = 0; k < map->n; k++)
			n += map->v[k].reachable &&
			     sid_cmp(map->v[k].next, s->lsa.o.sid) == 0;
		if (n > s->behind)
			s->behind = n;
	}
}

void
netmap_search(struct netmap *map, struct sid self)
{
	struct map_server **queue = mem_array(NULL, map->n + 1, sizeof(*queue));
	size_t head = 0, tail = 0;
	struct map_server *s;

	for (size_t i = 0; i < map->n; i++) {
		map->v[i].reachable = false;
		map->v[i].hops = 0;
		map->v[i].uplink = map->v[i].next = (struct sid){ "" };
	}
	if ((s = netmap_find(map, self)) != NULL) {
		s->reachable = s->was_reachable = true;
		queue[tail++] = s;
	}
	while (head < tail) {
		const struct map_server *from = queue[head++];

		for (size_t i = 0; i < from->lsa.nedge; i++) {
			const struct edge *e = &from->lsa.edge[i];

			s = netmap_find(map, e->peer);
			if (s == NULL || s->reachable ||
			    !netmap_reports(map, s, from->lsa.o.sid,
				e->instance))
				continue;
			reach(s, from);
			queue[tail++] = s;
		}
	}
	free(queue);
	count_behind(map);
}

/* Return the server at the other end of an edge, if the edge counts, or NULL.
 */
static struct map_server *
edge_end(const struct netmap *map, const struct map_server *from,
    const struct edge *e)
{
	struct map_server *s = netmap_find(map, e->peer);

	return s != NULL && netmap_reports(map, s, from->lsa.o.sid, e->instance)
		   ? s
		   : NULL;
}

/*
 * A walk in depth (Tarjan, "Depth-first search and linear graph algorithms",
 * 1972). Each server has the number of its visit, and the least number to which
 * the servers that were first seen through it have an edge. If that is not
 * below the number of the server before it, they have no other way.
 */
struct visit {
	size_t parent, edge; /* the next edge to look at */
	size_t number;	     /* from 1; 0: not visited */
	size_t low, size;    /* size: servers seen through it, with itself */
};

/* Go back from a server all of whose edges were looked at. */
static size_t
walk_back(struct netmap *map, struct visit *v, size_t at, size_t root)
{
	size_t up = v[at].parent;

	v[up].size += v[at].size;
	if (v[at].low < v[up].low)
		v[up].low = v[at].low;
	if (up != root && v[at].low >= v[up].number)
		map->v[up].only_way += (unsigned)v[at].size;
	return up;
}

void
netmap_find_only_ways(struct netmap *map, struct sid self)
{
	struct visit *v = mem_array(NULL, map->n + 1, sizeof(*v));
	struct map_server *root = netmap_find(map, self), *s;
	size_t n = 1, at, to;

	for (size_t i = 0; i < map->n; i++) {
		v[i] = (struct visit){ 0 };
		map->v[i].only_way = 0;
	}
	at = root == NULL ? map->n : (size_t)(root - map->v);
	if (root != NULL)
		v[at] = (struct visit){ at, 0, 1, 1, 1 };
	while (root != NULL) {
		if (v[at].edge == map->v[at].lsa.nedge) {
			if (map->v + at == root)
				break;
			at = walk_back(map, v, at, (size_t)(root - map->v));
			continue;
		}
		s = edge_end(map, &map->v[at],
		    &map->v[at].lsa.edge[v[at].edge++]);
		if (s == NULL)
			continue;
		to = (size_t)(s - map->v);
		if (v[to].number == 0) {
			v[to] = (struct visit){ at, 0, n + 1, n + 1, 1 };
			n++;
			at = to;
		} else if (v[to].number < v[at].low)
			v[at].low = v[to].number;
	}
	free(v);
}

void
netmap_reach_without(const struct netmap *map, struct sid self,
    const bool *gone, bool *reached)
{
	size_t *queue = mem_array(NULL, map->n + 1, sizeof(*queue));
	const struct map_server *from, *s = netmap_find(map, self);
	const struct edge *e;
	size_t head = 0, tail = 0, to;

	for (size_t i = 0; i < map->n; i++)
		reached[i] = false;
	if (s != NULL) {
		queue[tail++] = (size_t)(s - map->v);
		reached[s - map->v] = true;
	}
	while (head < tail) {
		from = &map->v[queue[head++]];
		for (size_t i = 0; i < from->lsa.nedge; i++) {
			e = &from->lsa.edge[i];
			s = netmap_find(map, e->peer);
			to = s == NULL ? 0 : (size_t)(s - map->v);
			/* the last question looks at all edges of the peer */
			if (s == NULL || reached[to] || gone[to] ||
			    !netmap_reports(map, s, from->lsa.o.sid,
				e->instance))
				continue;
			reached[to] = true;
			queue[tail++] = to;
		}
	}
	free(queue);
}
