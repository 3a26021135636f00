/*
 * topic.h - the registers that say the topic of an incarnation, and when it was
 * set (doc/link-protocol.md, 11.53).
 */
#ifndef CORE_TOPIC_H
#define CORE_TOPIC_H

#include "core/facts/facts.h"

#define FIELD_TOPIC "topic"
#define FIELD_TOPIC_SINCE "topic-since"

/* Copies of the registers; the name of one that was never written is NULL. */
struct topic {
	struct reg text, since;
};

/* Take the register, if it is one of the two. */
void topic_take(struct topic *, const struct reg *);

/* Return true if the second register belongs to the text that is there: both
 * are of one entry. */
bool topic_has_since(const struct topic *);

/* Return when the topic was set. Invariant: it was. */
struct stamp topic_set_at(const struct topic *);

#endif
