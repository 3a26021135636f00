/*
 * node.h - one server as a pure function: a core, its log, its links and its
 * trunks.
 *
 * The daemon, the simulator and the fuzzers step nodes and nothing else. The
 * same events give the same effects, byte for byte.
 */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include "core/types/effect.h"
#include "core/types/event.h"

struct node;
struct part_home; /* core/part/part.h */

/* Make a node, which the caller frees. NULL is allowed for node_free().
 * Invariant: nothing that the node owns has leaked. */
struct node *node_new(void);
void node_free(struct node *);

/* Handle one event. The first one is EV_SEED, the second one EV_CONF. The
 * caller carries out the effects in order, then calls effects_clear(). */
void node_step(struct node *, const struct event *, struct effects *);

/* Write the line that a link is sent before ERROR if the server is stopped,
 * with its end. Write nothing if the connection is no link that may be told
 * (link-protocol.md, 5.13). */
void node_farewell(const struct node *, struct conn_id, struct writer *);

/* Return true if a ban refuses clients with that address; it counts as hit. */
bool node_refuses(const struct node *, const struct addr *, struct wall now);

/* Return true while rows of earlier settings are still read (core/core.h). */
bool node_reads_old_rows(const struct node *);

/* Return the parts of the node, borrowed, for tests and the simulator. */
const struct core *node_core(const struct node *);
const struct link_net *node_links(const struct node *);
const struct trunk_net *node_trunks(const struct node *);

/* Let the node make a HOME with its next step, for tests. */
void node_make_home(struct node *, const struct event *,
    const struct part_home *, struct effects *);

#ifdef BANYAN_MUTATE
/* Take back a rule, by its number in link/mutate.h, to see an oracle fail. */
void node_set_mutation(struct node *, int mutation);
#endif

#endif
