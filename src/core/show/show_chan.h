/*
 * show_chan.h - the channels' half of core/show/show.h: incarnation, modes,
 * lists, topic.
 */
#ifndef CORE_SHOW_CHAN_H
#define CORE_SHOW_CHAN_H

#include "core/state.h"

/* The most members whose statuses one step compares if another incarnation of
 * their channel is shown. */
#define STATUSES_AT_ONCE 32

/* The modes and the topic by the registers of an incarnation. */
struct shown_regs {
	uint64_t modes;	     /* CMB() */
	bool has_topic;	     /* the register was written */
	struct rcbuf *topic; /* its value, borrowed; NULL: off */
	struct stamp topic_stamp;
};

/* Return what the registers of the incarnation show. */
struct shown_regs show_regs(const struct facts *, const struct founding *);

/* Return the value of a mode that is among the modes of show_regs(). Borrowed;
 * NULL if it has no register. */
struct rcbuf *show_value(const struct facts *, const struct founding *,
    enum chan_mode);

/* Phase 4 of a step: send MODE and TOPIC of all marked channels. */
void show_chans(struct step *);

/*
 * Go on with showing the postponed lists of a channel: as many masks as the
 * running piece has room for, and about *room bytes for each client, which are
 * subtracted. Return true if the walk is done.
 */
bool show_postponed_lists(struct step *, struct chan *, struct list_walk *,
    size_t *room);

/* The same for the postponed statuses of its members, those from the place of
 * the walk on. */
bool show_postponed_statuses(struct step *, struct chan *, struct chan_walk *,
    size_t *room);

/* Free what is shown of the channel besides its members; no line is sent. */
void show_chan_clear(struct chan *);

/* Show the channel, which is not shown yet. The caller shows a member, or the
 * mode `permanent`. */
void show_chan_begin(struct step *, struct chan *);

/* Hide the channel: nobody is shown on it any more, and it is not permanent. */
void show_chan_end(struct step *, struct chan *);

#endif
