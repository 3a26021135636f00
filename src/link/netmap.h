/*
 * netmap.h - the map: what each server says of its links, and from it who can
 * be reached and how (doc/link-protocol.md, part 5).
 *
 * A link state goes away only when its server is forgotten; a newer one of its
 * sid takes its place. The
 * search starts at this server, whose own link state is one like any other.
 */
#ifndef LINK_NETMAP_H
#define LINK_NETMAP_H

#include "base/mtime.h"
#include "core/types/ids.h"
#include "core/types/vector.h"

#define NETMAP_SERVERS_MAX 400
#define NETMAP_EDGES_MAX 512 /* of one server */

struct edge {
	struct sid peer;
	uint64_t instance;
	uint32_t cost;
};

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
	unsigned hops;	   /* 0: this server */
	struct sid uplink; /* the next one towards us */
	struct sid next;   /* our neighbour on the way to it */
	uint32_t visible;  /* inc shown; 0: none (overlay.c) */
	struct mono gone;  /* awake: not reachable since; never: it is */
};

struct netmap {
	struct map_server *v; /* ascending by sid */
	size_t n, cap;
	bool one_end;	   /* mutations: edges of one end, */
	bool any_instance; /* or of different instances, */
	bool by_lseq;	   /* incarnations disregarded */
};

void netmap_init(struct netmap *);
void netmap_fini(struct netmap *);

/* Owns its edges and heads; all zero is none. */
void lsa_init(struct lsa *);
void lsa_fini(struct lsa *);
void lsa_edge(struct lsa *, struct edge);

/* Borrowed until the next netmap_take(), or NULL. */
struct map_server *netmap_find(const struct netmap *, struct sid);

/*
 * Keeps the link state if it is newer than the one of its sid, by (inc, lseq):
 * then true, and *lsa is empty, else it stays the caller's. The map must be
 * searched anew. Bounds are the caller's to check.
 */
bool netmap_take(struct netmap *, struct lsa *lsa);

/* Without sid, if no newer run of it than inc is known. True if it was there.
 */
bool netmap_forget(struct netmap *, struct sid, uint32_t inc);

/* An edge counts if both ends report it with the same instance. Sets
 * reachable, hops, uplink and next of all servers; self has 0 hops. */
void netmap_search(struct netmap *, struct sid self);

#endif
