/*
 * A few nodes in one process, joined by connections that are queues of lines,
 * on a clock that moves when nothing else does. Deterministic. Also peers and
 * clients that the test itself plays, line by line.
 *
 * Node i has sid 00i, is called "00i.example.org", and is dialled at port i.
 * All are peers of each other; only pairs that world_allow() names connect.
 */
#ifndef UNIT_NODE_WORLD_H
#define UNIT_NODE_WORLD_H

#include "core/core.h"
#include "link/info.h"
#include "link/link.h"
#include "link/net.h"
#include "node/node.h"

#define WORLD_NODES 6 /* 1 .. 5 are used */
#define WORLD_CONNS 256

struct world;

/* nodes 1 .. n, not started. */
struct world *world_new(unsigned n);
void world_free(struct world *);

/* Changed by a test before world_start(). */
struct settings *world_settings(struct world *, unsigned i);

/* SEED with that incarnation, then CONF; again after world_kill(). */
void world_start(struct world *, unsigned i, uint32_t inc);
void world_kill(struct world *, unsigned i);
/* EV_CONF again, with others; borrowed. */
void world_reload(struct world *, unsigned i, const struct settings *);
/* Milliseconds that the wall clock of a node is ahead. */
void world_skew(struct world *, unsigned i, int64_t ms);

/* May a and b connect? Forbidding cuts what there is. */
void world_allow(struct world *, unsigned a, unsigned b, bool);
void world_allow_all(struct world *);

/* Lets ms pass: every line delivered, every deadline kept. After each step
 * link_check() and core_check() must hold. */
void world_run(struct world *, int64_t ms);
/* Stops node i for that long, as SIGSTOP does: nothing reaches it, and the
 * first event behind the pause is a tick. All other nodes stand still, too. */
void world_pause(struct world *, unsigned i, int64_t ms);

const struct node *world_node(struct world *, unsigned i);
const struct link_net *world_links(struct world *, unsigned i);
struct arena *world_arena(struct world *);

/* Equal have, facts and log? */
bool world_agrees(struct world *, unsigned a, unsigned b);

/* ---- played by the test -------------------------------------------------- */

/* A connection to node i; what comes out is kept. As a client, or as a server
 * on loopback that dialled it. */
unsigned world_client(struct world *, unsigned i);
unsigned world_peer(struct world *, unsigned i);
/* With another proof. */
unsigned world_peer_as(struct world *, unsigned i, const struct peer_proof *);
/* One line, delivered at once. */
void world_say(struct world *, unsigned conn, const char *line);
/* Registered as nick. */
unsigned world_user(struct world *, unsigned i, const char *nick);
/* It closes. */
void world_hang_up(struct world *, unsigned conn);
/* Everything since the last world_forget(). Is a piece in it? */
const char *world_heard(struct world *, unsigned conn);
bool world_hears(struct world *, unsigned conn, const char *piece);
void world_forget(struct world *, unsigned conn);
bool world_is_closed(struct world *, unsigned conn);
/* Does the peer take what is sent? Yes at first. */
void world_takes(struct world *, unsigned conn, bool);

/* Log rows of that kind that node i wrote, and the fields of the last one as
 * "key=value key=value". */
unsigned world_logged(struct world *, unsigned i, enum log_row);
const char *world_log_text(struct world *, unsigned i, enum log_row);

/* Lines that went over links and begin with verb. */
unsigned world_lines(struct world *, const char *verb);

/* EV_CONTROL; the lines of the answer, each with \n. */
const char *world_control(struct world *, unsigned i, const char *line);

#endif
