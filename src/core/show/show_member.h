/*
 * show_member.h - memberships in a step: PART, KICK, JOIN, and the counts of a
 * channel's shown members. show.c has the order of a step.
 */
#ifndef CORE_SHOW_MEMBER_H
#define CORE_SHOW_MEMBER_H

#include "core/state.h"

/* Send PART or KICK of users who stay visible. */
void show_parts(struct step *);
/* Send JOIN of new members, with their AWAY, and of members who are veiled and
 * have been seen. */
void show_joins(struct step *);
/* Send JOIN of a veiled member to those who have not been shown it. */
void show_member_seen(struct step *, struct member *);
/* Send topic and names to the users here who joined. */
void show_own_joins(struct step *);

/* Set the statuses that are shown of a member; no line is sent. */
void show_member_status(struct step *, struct member *, uint32_t status);

/* Count the shown memberships of a user at another server; no line is sent. */
void show_members_moved(struct step *, struct user *, struct sid to);

/* Count the shown memberships of a user who has a session here now, for a
 * hand-over (core/handover.h); no line is sent. */
void show_members_attach(struct step *, struct user *);

/* Hide a member; no line is sent. */
void show_member_end(struct step *, struct member *);

#endif
