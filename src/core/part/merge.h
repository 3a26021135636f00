/*
 * merge.h - how each part changes the facts.
 *
 * A merge is a function of the facts and the part alone. It reads no clock, no
 * overlay and no settings, so equal entries give equal facts everywhere
 * (doc/link-protocol.md, part 15). It cannot refuse. To add one: a row in
 * part.def, a function here, its walk in core/snapshot.c.
 */
#ifndef CORE_PART_MERGE_H
#define CORE_PART_MERGE_H

#include "core/facts/facts.h"
#include "core/part/part.h"

/* The lines of a step also say who did it, and why. */
struct hint {
	struct by by;
	struct span text; /* of PART, KICK, QUIT */
	bool kick;
	bool topic; /* the topic was set, perhaps to the same text */
};

struct merge {
	struct facts *facts;
	struct dot dot;
	struct stamp stamp; /* of the entry */
	uint32_t tenure;    /* of a SET or a NICK */
	struct made made;   /* of a JOIN */
	struct meant meant; /* users of which runs the part names */
	bool has_home;	    /* of a USER: its HOME comes with it */
	bool is_snapshot;   /* a line of a snapshot, not a part of an entry */
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

/* Return the incarnation that a part names, or NULL if it is not here. */
struct founding *merge_founding(struct merge *, const struct ch *);

/* Return the user that a part means by the uid, or NULL if the user is not
 * here. */
struct user *merge_user_meant(const struct merge *, struct uid);

/* If more goes with what the merge of a JOIN or HOME drops than
 * core/facts/thin.h leaves to the last piece, drop some of it and return
 * true. */
bool merge_thin(struct merge *, const struct part *);
bool merge_thin_join(struct merge *, const struct part_join *);
bool merge_thin_home(struct merge *, const struct part_home *);

/* Call the merge of a fact; do nothing for a message. */
void merge_any(struct merge *, const struct part *);

#endif
