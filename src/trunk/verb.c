#include "trunk/verb.h"

#include "trunk/trunk.h"

static const struct {
	struct span name;
	unsigned states;
} row_of[] = {
#define VERB(ID, name, states, what) \
	[TRUNK_VERB_##ID] = { SPAN_INIT(#ID), states },
#include "trunk/verb.def"
#undef VERB
};

enum trunk_verb
trunk_verb_find(struct span name)
{
	for (unsigned i = 0; i < TRUNK_VERB_COUNT; i++)
		if (span_eq(name, row_of[i].name))
			return (enum trunk_verb)i;
	return TRUNK_VERB_COUNT;
}

unsigned
trunk_verb_states(enum trunk_verb verb)
{
	return row_of[verb].states;
}
