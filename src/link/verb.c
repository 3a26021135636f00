#include "link/verb.h"

#include "link/link.h"
#include "link/peers/linkcap.h"

static const struct verb_row rows[] = {
#define VERB(ID, name, states, needs, what) \
	[VERB_##ID] = { SPAN_INIT(#ID), states, needs },
#include "link/verb.def"
#undef VERB
};

const struct verb_row *
verb_row(enum verb verb)
{
	return &rows[verb];
}

enum verb
verb_find(struct span name)
{
	for (unsigned i = 0; i < VERB_COUNT; i++)
		if (span_eq(name, rows[i].name))
			return (enum verb)i;
	return VERB_COUNT;
}
