/*
 * merge.h - how each part changes the facts.
 *
 * A merge is a function of the facts and the part alone: no clock, no
 * overlay, no settings; so equal entries give equal facts everywhere
 * (invariant 5). It cannot refuse. To add one: a row in part.def, a function
 * here, its walk in core/snapshot.c.
 */
#ifndef CORE_PART_MERGE_H
#define CORE_PART_MERGE_H

#include "core/facts/facts.h"
#include "core/part/part.h"

/* What a step's lines say beside the difference: who did it, and why. */
struct hint {
	struct by by;
	struct span text; /* of PART, KICK, QUIT */
	bool kick;
	bool topic; /* set, perhaps to what it was */
};

struct merge {
	struct facts *facts;
	struct dot dot;
	struct stamp stamp; /* of the entry */
	uint32_t tenure;
	struct hint *hint;
};

#define PART(ID, name, kind, fields, scenario) PART_##kind(name)
#define PART_FACT(name) \
	void merge_##name(struct merge *, const struct part_##name *);
#define PART_MESSAGE(name)
#include "core/part/part.def"
#undef PART
#undef PART_FACT
#undef PART_MESSAGE

/* Calls the merge of a fact; nothing for messages. */
void merge_any(struct merge *, const struct part *);

#endif
