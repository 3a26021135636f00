/*
 * slice.h - what it costs to show or hide some users in one piece of a turn.
 *
 * The first line to the sessions of a channel costs much for each of them, and
 * a second line to the same sessions costs little (core/sessions/audience.h).
 * So a slice may overspend, by PIECES_MORE pieces at most, until lines of the
 * second kind have cost as much as those of the first: otherwise a channel of
 * thousands would have a slice for each user, and each slice has a batch.
 *
 * A slice ends before that if a session that shares all channels with its users
 * could be sent more than `room`. The smallest slice is one user, who may be on
 * many channels.
 */
#ifndef CORE_SLICE_H
#define CORE_SLICE_H

#include "core/state.h"

struct slice {
	struct rcbuf *split, *join; /* batches; references; NULL: none */
	size_t first, more;	    /* spent for first and for second lines */
	size_t bytes, room;	    /* to one session, at most */
};

/* Begin a slice, without batches. No other slice may run. */
void slice_begin(struct step *, struct slice *);

/* Return true if one more user may go into the slice. */
bool slice_has_left(const struct core *, const struct slice *);

/* Spend what it costs to show or hide the user. */
void slice_spend(struct step *, struct slice *, const struct user *);

/* Spend what it costs to tell something else of a user who stays, such as
 * another nick. */
void slice_spend_user(struct step *, struct slice *, const struct user *);

/* Spend what it costs to show another host of a user who stays. */
void slice_spend_host(struct step *, struct slice *, const struct user *);

/* Return how many bytes it may bring one session to show the membership. */
size_t slice_stay_bytes(struct step *, const struct member *);

/* Spend what a line to the sessions of the channel costs. Return true if it is
 * the first one of the slice. */
bool slice_spend_chan(struct step *, struct slice *, struct chan *);

/* Spend what it costs to tell other modes of the channel. */
void slice_spend_modes(struct step *, struct slice *, struct chan *);

/* Spend what renames cost if the channel may be shown in another incarnation
 * than now, or in none: to or from that one. */
void slice_spend_current(struct step *, struct slice *, struct chan *,
    struct cinc);
/* Do that if it may be, because a member who stands in the incarnation comes or
 * goes. */
void slice_spend_comes(struct step *, struct slice *, struct chan *,
    struct cinc);
void slice_spend_goes(struct step *, struct slice *, struct chan *,
    struct cinc);

/* Spend what renames cost if the user comes or goes. */
void slice_spend_stays(struct step *, struct slice *, const struct user *);

/* Spend what it costs to show what a part of +CNAME says. */
void slice_spend_cname(struct step *, struct slice *, const struct part *);
/* Spend what renames cost if another part changes which incarnation of the
 * channel is shown, or whether it is. The channel, and the membership that the
 * part names by its dot, may be NULL. */
void slice_spend_names(struct step *, struct slice *, const struct part *,
    struct chan *, const struct member *);

/* Show what the slice has marked, in its batches, and count what that brings
 * to each session (core/sessions/lag.h). */
void slice_show(struct step *, const struct slice *);

#endif
