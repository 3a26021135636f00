/*
 * unseen.h - the parts +UNSEEN and +SEEN: members whom others do not see before
 * they act (link-protocol.md, 11.45; doc/decisions/0054). They are later verbs,
 * so every server keeps their facts by their kind, and nothing here merges.
 *
 *	+UNSEEN dot		behind the +JOIN with that dot, in its entry
 *	+SEEN dot *(SP dot)	of the +UNSEEN
 */
#ifndef CORE_UNSEEN_H
#define CORE_UNSEEN_H

#include "core/facts/facts.h"

/* Make a +UNSEEN of the +JOIN that has that dot in the same entry. */
void unseen_part(struct part *, struct dot join, struct arena *);

/* Make a +SEEN of an unseen member. */
void seen_part(struct part *, const struct facts *, const struct member *,
    struct arena *);

#endif
