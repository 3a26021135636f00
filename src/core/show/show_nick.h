/*
 * show_nick.h - the nicks' part of a step: who holds which, and is shown by it.
 * The order of all parts is in show.c.
 */
#ifndef CORE_SHOW_NICK_H
#define CORE_SHOW_NICK_H

#include "core/state.h"

/* Who holds the marked nicks, now that it is known who is visible. Marks all
 * who claim them. */
void show_nick_holders(struct step *);

/* NICK of those who were shown before, until each shows what he shall. */
void show_nicks(struct step *);

/* The nick of one who is shown from now on, or no more; no line. */
void show_nick_begin(struct user *);
void show_nick_end(struct user *);

#endif
