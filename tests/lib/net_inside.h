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

/* Call fn(ctx, a) at once, but not inside a step of node i: behind it, or when
 * the node is not frozen any more. Do nothing if it is another run by then. */
void net_call_node(struct net *, unsigned i, void (*fn)(void *, int64_t),
    void *ctx, int64_t a);

/* ---- clients, by whatever they come -------------------------------------- */

struct net_client *net_client_new(struct net *, unsigned node, struct addr,
    void *ctx);
/* The client is sent a line, may say more lines, is asked to tell when at most
 * n bytes wait for it, or is closed by the other side. */
void net_client_hears(struct net_client *, struct span line);
void net_client_granted(struct net_client *, unsigned lines);
void net_client_asked(struct net_client *, size_t n);
void net_client_ends(struct net_client *, struct span reason);

#endif
