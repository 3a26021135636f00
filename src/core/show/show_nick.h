/*
 * show_nick.h - nicks in a step: who holds each nick, and is shown by it.
 * show.c has the order of a step.
 */
#ifndef CORE_SHOW_NICK_H
#define CORE_SHOW_NICK_H

#include "core/state.h"

/* Find the holders of the marked nicks, once it is known which users are
 * visible. Mark all users who claim them. */
void show_nick_holders(struct step *);

/* Send NICK of users who were shown before, until each shows the right nick. */
void show_nicks(struct step *);

/* Set the nick of a user who becomes shown, or is hidden; no line is sent. */
void show_nick_begin(struct facts *, struct user *);
void show_nick_end(struct facts *, struct user *);

/* Note that the user is written in another way than before on the kept names of
 * channels. */
void show_names_changed(struct facts *, const struct user *);

#endif
