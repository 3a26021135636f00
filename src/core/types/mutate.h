/*
 * mutate.h - wrong rules on demand, as link/mutate.h has them, for the facts
 * and what is shown of them.
 */
#ifndef CORE_MUTATE_H
#define CORE_MUTATE_H

enum core_mutation {
	CORE_MUT_NONE,
#define MUTATION(ID, name, what) CORE_MUT_##ID,
#include "core/types/mutate.def"
#undef MUTATION
	CORE_MUT_COUNT
};

#ifdef BANYAN_MUTATE
struct core;

#define core_mutated(facts, m) ((facts)->mutation == CORE_MUT_##m)

/* Return the name of a mutation, or NULL beyond the last. */
const char *core_mutation_name(int);
void core_set_mutation(struct core *, int);
#else
#define core_mutated(facts, m) ((void)(facts), false)
#endif

#endif
