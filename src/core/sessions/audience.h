/*
 * audience.h - one line to many clients, rendered once per view.
 *
 * The receivers are collected first, then grouped by view; each view is
 * rendered into one shared buffer and sent by one effect, however many receive
 * it (doc/architecture.md).
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
/* Add the members of all channels that the user is shown on, except the user.
 * */
void audience_add_peers(struct step *, const struct user *);
/* Remove the sessions that lack all of these capabilities. */
void audience_keep_cap(struct step *, uint32_t cap);
void audience_send(struct step *, const struct line *);

#endif
