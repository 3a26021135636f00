/*
 * net_store.h - the store of a node, as a disk that keeps at once what it is
 * told.
 */
#ifndef LIB_NET_STORE_H
#define LIB_NET_STORE_H

#include "core/types/effect.h"
#include "core/types/event.h"

struct net_kept {	  /* a thing, or the note that it was removed */
	char *key, *text; /* text NULL: removed */
	struct stamp gone;
};

struct net_store {
	struct net_kept *v;
	size_t n, cap;
};

/* Carry out EFF_STORE. */
void net_store_put(struct net_store *, const struct effect *);
/* Fill in EV_LOADED with all that there is; the array lies in the arena, and
 * the texts are borrowed from the store. */
void net_store_load(const struct net_store *, struct arena *, struct event *);
/* Return the text that a key has, or NULL. */
const char *net_store_find(const struct net_store *, const char *key);
/* Lose everything. */
void net_store_clear(struct net_store *);

#endif
