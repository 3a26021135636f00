/*
 * A few nodes in one process, joined by connections that are queues of lines,
 * on a clock that moves when nothing else happens. Everything is deterministic.
 * There are also peers and clients that the test itself plays, line by line.
 *
 * Node i has the sid 00i and the name "00i.example.org", and is dialled at port
 * i. All nodes are peers of each other; only pairs that world_allow() names
 * connect.
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

/* Make nodes 1 to n, not started. */
struct world *world_new(unsigned n);
void world_free(struct world *);

/*
 * Return the settings of a node. The test may change them before world_start().
 */
struct settings *world_settings(struct world *, unsigned i);

/*
 * Start a node: SEED with that incarnation, then CONF. This can be done again
 * after world_kill(). A node that asks for a new run gets one at once.
 */
void world_start(struct world *, unsigned i, uint32_t inc);
/* Start nodes 1 and 2 with inc 100, and let ms pass. */
void world_start_two(struct world *, int64_t ms);
void world_kill(struct world *, unsigned i);
/* Give a node other settings by EV_CONF; they still belong to the caller. */
void world_reload(struct world *, unsigned i, const struct settings *);
/* Set the wall clock of a node ahead by ms. */
void world_skew(struct world *, unsigned i, int64_t ms);

/*
 * Let a and b connect, or forbid it. If it is forbidden, their connections are
 * cut.
 */
void world_allow(struct world *, unsigned a, unsigned b, bool);
void world_allow_all(struct world *);

/*
 * Let ms pass: every line is delivered, every deadline kept. link_check() and
 * core_check() must hold after each step.
 */
void world_run(struct world *, int64_t ms);
/*
 * Stop node i for that long, as SIGSTOP does: nothing reaches it, and its first
 * event after the pause is a tick. All other nodes stand still, too.
 */
void world_pause(struct world *, unsigned i, int64_t ms);

/*
 * Give nodes no tick outside of world_run(), or give it when they ask for it at
 * once, as at first. Give node i a tick now, or when ms have passed.
 */
void world_ticks(struct world *, bool);
void world_tick(struct world *, unsigned i);
void world_tick_after(struct world *, unsigned i, int64_t ms);

const struct node *world_node(struct world *, unsigned i);
const struct link_net *world_links(struct world *, unsigned i);
struct arena *world_arena(struct world *);

/* Return the run of node i that node at shows to its clients, or 0. */
uint32_t world_visible(struct world *, unsigned at, unsigned i);

/* Return true if have, facts and log are equal. */
bool world_agrees(struct world *, unsigned a, unsigned b);

/* Return true if the facts of node i, as text, have that piece. */
bool world_has_fact(struct world *, unsigned i, const char *piece);
/* Return how many runs of sid node i has entries of. */
unsigned world_runs(struct world *, unsigned i, const char *sid);

/* ---- played by the test -------------------------------------------------- */

/*
 * Open a connection to node i: as a client, or as a server on loopback that
 * dialled it. The lines it gets are kept.
 */
unsigned world_client(struct world *, unsigned i);
unsigned world_peer(struct world *, unsigned i);
/* The same with another proof. */
unsigned world_peer_as(struct world *, unsigned i, const struct peer_proof *);
/* Send one line; it is delivered at once. */
void world_say(struct world *, unsigned conn, const char *line);
/* The same, for a line that came through a broker, and that another connection
 * was sent, too. */
void world_say_also(struct world *, unsigned conn, const char *line,
    unsigned other);
/* Deliver nothing from now on but what the test itself says; or deliver again,
 * first all that waits. */
void world_hold(struct world *, bool);
/* Open a client and register it as nick. */
unsigned world_user(struct world *, unsigned i, const char *nick);
/* Close the connection. */
void world_hang_up(struct world *, unsigned conn);
/*
 * Return everything it was sent since the last world_forget(); or if a piece is
 * in it.
 */
const char *world_heard(struct world *, unsigned conn);
bool world_hears(struct world *, unsigned conn, const char *piece);
void world_forget(struct world *, unsigned conn);
bool world_is_closed(struct world *, unsigned conn);
/* Return true if its node reads nothing of it now (EFF_HOLD). The test may say
 * lines all the same. */
bool world_is_held(struct world *, unsigned conn);
/* Let the peer or client take what is sent, or not. At first it does. */
void world_takes(struct world *, unsigned conn, bool);
/* Return how many bytes were sent to the client that it has not taken. */
size_t world_unread(const struct world *, unsigned conn);

/*
 * Return the number of such rows in the log of node i; and the fields of the
 * last one as "key=value key=value".
 */
unsigned world_logged(struct world *, unsigned i, enum log_row);
const char *world_log_text(struct world *, unsigned i, enum log_row);

/* Return the number of link lines that begin with verb. */
unsigned world_lines(struct world *, const char *verb);

/* Send an EV_CONTROL and return the lines of the answer, each with \n. */
const char *world_control(struct world *, unsigned i, const char *line);
/* Do that, and fail the test unless the answer begins so. */
void world_order(struct world *, unsigned i, const char *line,
    const char *answer);

#endif
