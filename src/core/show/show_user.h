/*
 * show_user.h - users in a step: QUIT, AWAY, modes of users. show.c has the
 * order of a step.
 */
#ifndef CORE_SHOW_USER_H
#define CORE_SHOW_USER_H

#include "core/state.h"

/* Count the user and its shown memberships at the server that its home is on
 * now, if that is another one than before. No line is sent. */
void show_user_moved(struct step *, struct user *);
/* Send QUIT of users who are not visible any more. */
void show_quits(struct step *);
/* Show users who have become visible; send AWAY. */
void show_users(struct step *);
/* Return the modes that are set among the facts. */
uint64_t show_modes_of(const struct facts *, const struct user *);
/* Send their own modes to users. */
void show_user_modes(struct step *);

#endif
