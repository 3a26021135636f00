/*
 * This file is empty but in builds with -DBANYAN_MUTATE.
 */
#include "link/mutate.h"

#ifdef BANYAN_MUTATE

#include "core/types/mutate.h"
#include "link/state.h"

const char *
mutation_name(int m)
{
	static const char *const name[] = {
		"none",
#define MUTATION(ID, name, what) name,
#include "link/mutate.def"
#undef MUTATION
	};

	if (m >= MUT_COUNT)
		return core_mutation_name(m - MUT_COUNT + 1);
	return m >= 0 ? name[m] : NULL;
}

void
link_net_set_mutation(struct link_net *net, int m)
{
	net->mutation = m;
	net->map.one_end = m == MUT_EDGE_ONE_END;
	net->map.any_instance = m == MUT_EDGE_ANY_INSTANCE;
	net->map.by_lseq = m == MUT_LSA_BY_LSEQ;
}
#endif
