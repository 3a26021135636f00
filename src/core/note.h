/*
 * note.h - numerics for a user who may be at another server.
 */
#ifndef CORE_NOTE_H
#define CORE_NOTE_H

#include "core/state.h"

/*
 * Send the user the numerics of these rows, each with that argument alone. The
 * rows end with NULL, and there is one at least. If the home of the user is
 * another server, they go there as an entry of messages (+NOTE).
 */
void note_user(struct step *, const struct user *to,
    const struct numeric_row *const *row, struct span arg);

#endif
