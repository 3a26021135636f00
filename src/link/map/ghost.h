/*
 * ghost.h - servers of the map that were never reachable from here.
 *
 * A linked server can invent servers, each with its READY and entries. The
 * facts of such a server stay until it is forgotten. So there is a bound on
 * what this server accepts of servers that it has never reached
 * (link-protocol.md, 6.21). Its operator is told which neighbour brought them,
 * and they are forgotten sooner than others (11.10).
 *
 * A true server that is away looks the same to servers that have come
 * meanwhile. So a ghost is forgotten after a day, not after minutes, and only
 * if no server that is there has ever reached it (doc/decisions/0037).
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

/* Greatest number of runs in have of servers that were never reachable, for
 * each server that was reachable through the neighbour which brought them. */
#define GHOST_RUNS_MAX 256
/* A server that was never reachable is forgotten after forget_s divided by
 * this. */
#define GHOST_SOONER 30

/* Note which link has brought the server, which is new in the map. A server
 * that is not READY cannot know whether others have reached it before. */
void ghost_begin(const struct link_net *, const struct link *,
    struct map_server *);
/* Return true if the server is not a ghost, or the link may bring one more run
 * of it. */
bool ghost_has_room(const struct link_net *, const struct link *, struct sid);
/* Note that the link has brought the first entry of a run of the server. */
void ghost_came(const struct link_net *, const struct link *, struct sid);

/* Return true if this server cannot say that it never reached the server: the
 * server was reachable, it is configured, or one of its runs is from before
 * this run. */
bool ghost_may_be_known(const struct link_net *, struct sid);
/* Return true if the server is forgotten sooner than others, for all that is
 * known here. Other servers must be asked, too (census.h). */
bool ghost_goes_soon(const struct link_net *, const struct map_server *);

/* Tell our operator if there are many ghosts, and which neighbour has brought
 * most of them. */
void ghost_tell(const struct link_step *);

#endif
