/*
 * show_chan_name.h - under which name a channel is shown (link-protocol.md,
 * 11.49; doc/decisions/0055). It is computed from the facts and from what is
 * shown, and is no fact.
 */
#ifndef CORE_SHOW_CHAN_NAME_H
#define CORE_SHOW_CHAN_NAME_H

#include "core/facts/cname.h"
#include "core/state.h"

/* Return what gives the channel the name under which it shall be shown, or NULL
 * if that is its fact name. */
const struct cname *show_name_wanted(const struct facts *, const struct chan *);

/* Let channels that come in this step find their fact names free. */
void show_names_free(struct step *);
/* Show marked channels under other names. */
void show_names(struct step *);

/* The channel is shown from now on, in chan->current, or not any more. */
void show_name_begin(struct step *, struct chan *);
void show_name_end(struct facts *, struct chan *);
/* Show the fact name as spelled by the incarnation that is shown, if the
 * channel has its fact name. */
void show_name_spell(struct facts *, struct chan *);

#endif
