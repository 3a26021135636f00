/*
 * ready.h - when this server makes READY (link-protocol.md, 9.14), so that
 * other servers may show its users.
 */
#ifndef LINK_READY_H
#define LINK_READY_H

#include <stdbool.h>

struct link_step;

/* Let the core make READY if it is time. Return true if it made the entry. */
bool ready_update(const struct link_step *);

#endif
