/*
 * audience.h - one line to many clients, rendered once per view.
 *
 * The receivers are collected first, then grouped by view; each view is
 * rendered into one shared buffer and sent by one effect, however many receive
 * it (doc/architecture.md). Lines that follow each other and go to the same
 * receivers share one list, and one buffer where nothing else is sent in
 * between: a split of 10 000 users out of one channel makes one list for a
 * slice, not 10 000.
 */
#ifndef CORE_AUDIENCE_H
#define CORE_AUDIENCE_H

#include "core/sessions/line.h"

/* Collect receivers, each once: begin, add, keep, send. There is one audience
 * at a time. */
void audience_begin(struct step *);
void audience_add(struct step *, struct session *);
void audience_add_user(struct step *, const struct user *);
/* Add the sessions of all shown members, except those of one user. */
void audience_add_chan(struct step *, const struct chan *,
    const struct user *but);
/* Add the sessions of members who have seen the channel before this step. */
void audience_add_old(struct step *, const struct chan *);
/* Add the members of all channels that the user is seen on, except the user.
 */
void audience_add_peers(struct step *, const struct user *);
/* Leave out members who have one of these user modes. Call it before channels
 * are added. */
void audience_leave_out(struct step *, uint64_t modes);
/* Remove the sessions that lack all of these capabilities. Call it once, after
 * everything is added. */
void audience_keep_cap(struct step *, uint64_t cap);

/* Remove the sessions that have one of these capabilities. Call it as
 * audience_keep_cap(), before or after that. */
void audience_drop_cap(struct step *, uint64_t cap);

/* Return true if nobody would receive a line: then make none. */
bool audience_is_empty(struct step *);
/* Return the capabilities that any receiver has. */
uint64_t audience_caps(struct step *);
void audience_send(struct step *, const struct line *);

/* Say that a channel has other members with sessions here, that a user has
 * other sessions or modes, or that a session has other capabilities: nothing
 * that was collected before can serve again, in this step or a later one. */
void audience_changed(struct core *);

/* Free the memory at the end of a core. */
void audience_fini(struct core *);

#endif
