/*
 * ready.h - when this server says READY, and so may be seen.
 */
#ifndef LINK_READY_H
#define LINK_READY_H

#include <stdbool.h>

struct link_step;

/* Is it time? Then the core makes the entry; true if it did. */
bool ready_update(const struct link_step *);

#endif
