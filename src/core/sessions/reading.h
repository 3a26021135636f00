/*
 * reading.h - users who read messages in a way of their own (struct
 * rendered_row, core/types/hook.h).
 *
 * Each row has a bit in the set of capabilities of a session (CAPS_READING). It
 * is set while the user has the mode of the row. So these users have another
 * view of a message, and clients without such a mode cost what they did.
 */
#ifndef CORE_READING_H
#define CORE_READING_H

#include "core/state.h"

/* Note the modes of the user in the sessions that the user has here. */
void reading_user(struct step *, const struct user *);

/* Do the same for all users: the core has other rows. */
void reading_renew(struct step *);

/* Return the body as it is read by users with these rows, a set of numbers from
 * bit 0 on. `text` is the place in the body where the text begins. */
struct span reading_body(const struct step *, struct span body, size_t text,
    unsigned rows);

#endif
