/*
 * mutate.h - wrong rules on demand, for proving the oracles of the simulator.
 *
 * mutated(net, MUT_X) is a constant false unless the tree is built with
 * -DBANYAN_MUTATE; then it is true after node_set_mutation(node, MUT_X).
 * To add one: a row in mutate.def and its branch beside the right rule.
 */
#ifndef LINK_MUTATE_H
#define LINK_MUTATE_H

enum mutation {
	MUT_NONE,
#define MUTATION(ID, name, what) MUT_##ID,
#include "link/mutate.def"
#undef MUTATION
	MUT_COUNT
};

#ifdef BANYAN_MUTATE
#define mutated(net, m) ((net)->mutation == (m))

/* "snap-ph-sender"; behind the last those of core/types/mutate.h; NULL then. */
const char *mutation_name(int m);
#else
#define mutated(net, m) ((void)(net), false)
#endif

#endif
