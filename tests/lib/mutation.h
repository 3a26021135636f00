/*
 * mutation.h - the rule that nodes and cores of tests take back
 * (link/mutate.h). tests/unit/node/mutants sets it.
 */
#ifndef LIB_MUTATION_H
#define LIB_MUTATION_H

#include "core/types/mutate.h"
#include "link/mutate.h"
#include "node/node.h"

#ifdef BANYAN_MUTATE
/* The number of the rule that each new node or core takes back; 0: no rule.
 * It is in lib/net.c. */
extern int test_mutation;

static inline void
mutation_of_node(struct node *node)
{
	node_set_mutation(node, test_mutation);
}

static inline void
mutation_of_core(struct core *core)
{
	if (test_mutation >= MUT_COUNT)
		core_set_mutation(core, test_mutation - MUT_COUNT + 1);
}
#else
static inline void
mutation_of_node(struct node *node)
{
	(void)node;
}

static inline void
mutation_of_core(struct core *core)
{
	(void)core;
}
#endif

#endif
