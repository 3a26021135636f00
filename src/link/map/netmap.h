/*
 * netmap.h - the map: the link states of all servers, and from them which
 * servers are reachable, and how (link-protocol.md, part 5).
 *
 * A newer link state takes the place of the older one of its sid. A link state
 * goes away only when its server is forgotten. The link state of this server is
 * in the map like any other.
 */
#ifndef LINK_NETMAP_H
#define LINK_NETMAP_H

#include "base/mtime.h"
#include "core/types/ids.h"
#include "core/types/vector.h"

#define NETMAP_SERVERS_MAX 400
#define NETMAP_EDGES_MAX 512 /* edges of one link state */

struct edge {
	struct sid peer;
	uint64_t instance;
	uint32_t cost;
};

/* A link state. It owns its edges and heads. All zero is an empty one. */
struct lsa {
	struct origin o;
	uint64_t lseq;
	struct stamp hlc;
	struct edge *edge;
	size_t nedge;
	struct vector heads;
};

struct map_server {
	struct lsa lsa;
	bool reachable;
	bool was_reachable; /* once; or it came before our READY: ghost.h */
	bool seen_by_other; /* another server has reached it: ghost.h */
	struct sid by;	    /* the neighbour that brought it: ghost.h */
	/* of a neighbour: the most servers that were reachable through it at
	 * once, with itself */
	unsigned behind;
	unsigned hops;	   /* 0: this server */
	unsigned only_way; /* for so many other servers, see below */
	struct sid uplink; /* the last server before it on the way there */
	struct sid next;   /* the first server on the way there: a neighbour */
	/* the juped neighbour that was its only way when jupe.h looked last */
	struct sid only_by;
	struct mono gone; /* awake: since when it is not reachable; or never */
	/* overlay.c */
	uint32_t visible;  /* the visible inc; 0: none */
	struct mono lost;  /* awake: when that inc was not reachable any more */
	struct mono back;  /* awake: when it was again; never: not since */
	bool caught_up;	   /* this server has caught up with it since */
	struct mono until; /* awake: the end of its limbo; never: it has none */
	uint32_t stopped;  /* the inc that has said that it stops; 0: none */
	bool cut_off;	   /* people have ended the links that led to it */
};

/* Return true if the run that is visible can be reached. */
static inline bool
map_server_is_there(const struct map_server *s)
{
	return s->visible != 0 && s->reachable && s->visible == s->lsa.o.inc;
}

/* Return true if the run that is visible is in limbo (overlay.h). */
static inline bool
map_server_is_in_limbo(const struct map_server *s)
{
	return !mono_is_never(s->until);
}

struct netmap {
	struct map_server *v; /* ascending by sid */
	size_t n, cap;
	/* mutations */
	bool one_end;	   /* an edge counts when one end reports it */
	bool any_instance; /* ... when the instances differ */
	bool by_lseq;	   /* the greater lseq wins, whatever the inc */
};

void netmap_init(struct netmap *);
void netmap_fini(struct netmap *);

void lsa_init(struct lsa *);
void lsa_fini(struct lsa *); /* it is empty then */
void lsa_edge(struct lsa *, struct edge);

/* Return the server, borrowed until the next change of the map, or NULL. */
struct map_server *netmap_find(const struct netmap *, struct sid);

/*
 * Keep the link state if it is newer than that of its sid, by (inc, lseq).
 * Return true if so; its contents have moved then and *lsa is empty, and the
 * map must be searched. Else *lsa stays the caller's. The caller looks after
 * the bounds.
 */
bool netmap_take(struct netmap *, struct lsa *lsa);

/* Remove the link state of sid if its inc is not greater than inc. Return true
 * if it was there. */
bool netmap_forget(struct netmap *, struct sid, uint32_t inc);

/* Return true if the map has the server, or room for one more. */
bool netmap_has_room(const struct netmap *, struct sid);

/* Return true if `from` reports an edge of this instance to `to`. */
bool netmap_reports(const struct netmap *, const struct map_server *from,
    struct sid to, uint64_t instance);

/* Search the map from self: set reachable, hops, uplink and next of each
 * server. An edge counts if both ends report it with one instance. */
void netmap_search(struct netmap *, struct sid self);

/* After a search from self: count for each other server how many servers would
 * not be reachable from self without it, itself left out. */
void netmap_find_only_ways(struct netmap *, struct sid self);

/* Set reached[i] for each server that would be reachable from self without
 * those that have gone[i]. Both arrays have a place for each server v[i]. */
void netmap_reach_without(const struct netmap *, struct sid self,
    const bool *gone, bool *reached);

#endif
