/*
 * handed.h - the text of a hand-over (src/node/handover.h), for tests.
 */
#ifndef LIB_HANDED_H
#define LIB_HANDED_H

#include "base/span.h"
#include "core/types/event.h"
#include "node/node.h"

/* A text, which it owns; all zero is an empty one. */
struct handed {
	char *p;
	size_t n, cap;
};

/* Return what the node says, for the caller to free. */
struct handed handed_of(const struct node *, const struct event *);
/* Append lines, and after them the last line of a hand-over. */
void handed_add_text(struct handed *, struct span lines);
struct span handed_text(const struct handed *);
void handed_free(struct handed *);

/* Return true if both have the same lines, in any order. The lines do not count
 * that say another number each time, and the last one. */
bool handed_same(const struct handed *, const struct handed *);

#endif
