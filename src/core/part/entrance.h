/*
 * entrance.h - the parts +TRUNK and +UNTRUNK: where a server takes gates, and
 * what it says of itself to them (link-protocol.md, 11.54 to 11.56;
 * doc/decisions/0068). They are later verbs, so every server keeps their facts
 * by their kind (kind.h), and nothing here merges.
 *
 *	+TRUNK host port region weight flags pin
 *	+UNTRUNK dot *(SP dot)
 */
#ifndef CORE_PART_ENTRANCE_H
#define CORE_PART_ENTRANCE_H

#include "core/part/part.h"

#define ENTRANCE_HOST_MAX 255
#define ENTRANCE_WEIGHT_MAX 1000
#define ENTRANCE_WEIGHT 100 /* what is usual */
#define ENTRANCE_PIN 64	    /* hex digits */

/* The fields of a +TRUNK; texts are borrowed. */
struct entrance_text {
	struct span host; /* an address, as a word, or the name of a host */
	uint16_t port;
	struct span region; /* or "*" */
	uint16_t weight;    /* 1 to ENTRANCE_WEIGHT_MAX */
	bool draining;
	struct span pin; /* hex digits, or "-" */
};

/* Make a +TRUNK in the arena. */
void entrance_part(struct part *, const struct entrance_text *, struct arena *);

/* Read the line of a +TRUNK, from its + on. Return false if it does not have
 * the form: another server wrote it. */
bool entrance_parse(struct span line, struct entrance_text *);

#endif
