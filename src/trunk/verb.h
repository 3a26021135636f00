/*
 * verb.h - the verbs of the lines of a gate as rows (verb.def).
 */
#ifndef TRUNK_VERB_H
#define TRUNK_VERB_H

#include "base/span.h"

enum trunk_verb {
#define VERB(ID, name, states, what) TRUNK_VERB_##ID,
#include "trunk/verb.def"
#undef VERB
	TRUNK_VERB_COUNT
};

/* Return TRUNK_VERB_COUNT if no row has the name. */
enum trunk_verb trunk_verb_find(struct span name);

/* Return when the line may come, as ST_ bits of trunk.h. */
unsigned trunk_verb_states(enum trunk_verb);

#endif
