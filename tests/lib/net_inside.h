/*
 * net_inside.h - what the files that make a network (net.h) share. No test
 * includes it.
 */
#ifndef LIB_NET_INSIDE_H
#define LIB_NET_INSIDE_H

#include "lib/net.h"

void net_bytes_add(struct net_bytes *, struct span);
void net_bytes_cut(struct net_bytes *, size_t n); /* the first n */

/* Give a connection of node i a number. net_conn_find() returns NULL if there
 * is no such connection any more. */
struct conn_id net_conn_new(struct net *, unsigned i, enum net_conn_kind);
struct net_conn *net_conn_find(struct net *, unsigned i, struct conn_id);
void net_conn_free(struct net *, unsigned i, struct conn_id);

/* Give node i an event, and carry out its effects. */
void net_step(struct net *, unsigned i, struct event *);

#endif
