/*
 * halves.h - two servers with as many channels as a test asks for, to see what
 * a split, a heal or a collision costs.
 *
 *	struct net *net = halves_new();
 *	halves_split(net);
 *	halves_fill(net, 0, 2000, 3); halves_fill(net, 1, 2000, 3);
 *	halves_heal(net); net_run(net, 5000);
 *
 * The servers are 0 and 1, linked and READY. The caller frees the net.
 */
#ifndef LIB_HALVES_H
#define LIB_HALVES_H

#include "lib/net.h"

struct net *halves_new(void);

/* Cut the link, and let the servers dial again. */
void halves_split(struct net *);
void halves_heal(struct net *);

/* Let members users of that server join each of the channels #c0, #c1 and so
 * on, chans of them. A user is on at most 100. */
void halves_fill(struct net *, unsigned node, unsigned chans, unsigned members);

/* Open a client that registers as nick, and wait until it has. */
struct net_client *halves_user(struct net *, unsigned node, const char *nick);

/* Return how many ms the clock of the server's stamps is ahead of its wall
 * clock; less than 0 if the last stamp is older. */
int64_t halves_ahead(const struct net *, unsigned node);

/* Return how many entries the server has made. */
uint64_t halves_made(const struct net *, unsigned node);

#endif
