/*
 * ghost.h - servers that did something, and that nobody has reached.
 *
 * A linked server can invent servers, each with its READY and entries. The
 * facts of such a server stay until it is forgotten. So there is a bound on
 * what this server accepts of servers that it has never reached
 * (link-protocol.md, 6.21), their operator is told who brought them, and they
 * are forgotten sooner than others (11.10).
 *
 * A server that is alone in its part of the network after a split looks the
 * same to servers that have come meanwhile. So this takes a day, not minutes.
 */
#ifndef LINK_GHOST_H
#define LINK_GHOST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/types/ids.h"

struct link;
struct link_net;
struct link_step;
struct map_server;

/* Greatest number of runs in have of servers that were never reachable. */
#define GHOST_RUNS_MAX 256
/* A server that was never reachable is forgotten after forget_s divided by
 * this. */
#define GHOST_SOONER 30

/* Note which link has brought the server, which is new in the map. A server
 * that is not READY cannot know whether others have reached it before. */
void ghost_begin(const struct link_net *, const struct link *,
    struct map_server *);
/* Return true if the server was never reachable. */
bool ghost_is(const struct map_server *);
/* Return true if the bound allows one run more of that server. */
bool ghost_has_room(const struct link_net *, struct sid);

/* Tell our operator if there are many of them, and who has brought most. */
void ghost_tell(const struct link_step *);

#endif
