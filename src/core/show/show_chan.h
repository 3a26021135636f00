/*
 * show_chan.h - the channels' half of core/show/show.h: incarnation, modes,
 * lists, topic.
 */
#ifndef CORE_SHOW_CHAN_H
#define CORE_SHOW_CHAN_H

#include "core/state.h"

/* What the registers of an incarnation say; borrowed. */
struct shown_regs {
	uint32_t modes; /* CMB() */
	struct rcbuf *value[CM_VALUES];
	const struct reg *topic; /* NULL: never set */
};

struct shown_regs show_regs(const struct founding *);

/* Phase 4 of a step: MODE and TOPIC of all marked channels. */
void show_chans(struct step *);

/* The name as founded, of the current incarnation. */
void show_chan_name(struct chan *);

/* Free what is shown of the channel besides its members; no line is sent. */
void show_chan_clear(struct chan *);

/* Nobody is shown on it any more: it is shown nowhere. */
void show_chan_end(struct step *, struct chan *);

#endif
