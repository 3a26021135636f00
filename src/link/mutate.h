/*
 * mutate.h - wrong rules on demand, to see the oracles of the simulator fail.
 *
 * mutated(net, MUT_X) is the constant false, unless the tree is built with
 * -DBANYAN_MUTATE. Then it is true after node_set_mutation(node, MUT_X). To add
 * a mutation, add a row to mutate.def and a branch beside the right rule.
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

/* Return the name of a mutation, as "snap-ph-sender", which is static. Behind
 * the last one come those of core/types/mutate.h, and then NULL. */
const char *mutation_name(int m);
#else
#define mutated(net, m) ((void)(net), false)
#endif

#endif
