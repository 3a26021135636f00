/*
 * node.h - one server as a pure function: a core, its log, its links.
 *
 * Daemon, simulator and fuzzers step nodes and nothing else. Same events,
 * same effects, byte for byte.
 */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include "core/types/effect.h"
#include "core/types/event.h"

struct node;

struct node *node_new(void);
/* Everything it owns must come back: invariant() on a leak of any pool. */
void node_free(struct node *);

/*
 * The first event is EV_SEED, the second EV_CONF. The caller carries out the
 * effects in order, then calls effects_clear.
 */
void node_step(struct node *, const struct event *, struct effects *);

/* For tests and the simulator; borrowed. */
const struct core *node_core(const struct node *);
const struct link_net *node_links(const struct node *);

#ifdef BANYAN_MUTATE
/* One of link/mutate.h: a rule taken back, to see an oracle fail. */
void node_set_mutation(struct node *, int mutation);
#endif

#endif
