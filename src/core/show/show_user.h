/*
 * show_user.h - the users' part of a step: QUIT, AWAY, their modes. The order
 * of all parts is in show.c.
 */
#ifndef CORE_SHOW_USER_H
#define CORE_SHOW_USER_H

#include "core/state.h"

/* QUIT of those who are visible no more. */
void show_quits(struct step *);
/* Those who are from now on; AWAY of those who were. */
void show_users(struct step *);
/* To oneself: own modes. */
void show_user_modes(struct step *);

/* AWAY of the user to the audience that is collected. */
void show_away(struct step *, struct user *);

#endif
