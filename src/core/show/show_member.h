/*
 * show_member.h - the memberships' part of a step: PART, KICK, JOIN, and what
 * is counted of a channel's shown members. The order of all parts is in show.c.
 */
#ifndef CORE_SHOW_MEMBER_H
#define CORE_SHOW_MEMBER_H

#include "core/state.h"

/* PART or KICK of users who stay visible. */
void show_parts(struct step *);
/* JOIN of the new, with their AWAY. */
void show_joins(struct step *);
/* To those who joined: topic and names. */
void show_own_joins(struct step *);

/* Its status from now on; no line. */
void show_member_status(struct step *, struct member *, uint32_t status);

/* Shown no more; no line. */
void show_member_end(struct step *, struct member *);

#endif
