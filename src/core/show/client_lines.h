/*
 * client_lines.h - the sink that tells clients of changes, in lines of the
 * client protocol. core/types/change.h says what a sink is.
 */
#ifndef CORE_CLIENT_LINES_H
#define CORE_CLIENT_LINES_H

#include "core/state.h"

/* Add the sink to a new core. */
void client_lines_init(struct core *);

/* Send a session the JOIN of its own user on that channel once more. */
void client_lines_joined(struct step *, struct session *,
    const struct member *);

#endif
