/*
 * note.h - numerics for a user who may be at another server, and what an
 * operator is told of an act that another server may have done.
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

/* Tell the author of an act how it ended, by a NOTICE of this server. The
 * author is a user of any server, or the operator at the control socket of this
 * one; other servers are told nothing. */
void note_author(struct step *, const struct by *, struct span text);

#endif
