/*
 * mask_list.h - the answer to MODE with a list: bans, exceptions and so on.
 */
#ifndef CORE_MASK_LIST_H
#define CORE_MASK_LIST_H

#include "core/state.h"

/* Return true if the session may ask for that list of the channel. */
bool may_see_list(const struct session *, const struct chan *,
    const struct chan_mode_row *);

/* Send the masks of a list that have not expired, and the end of the list, as a
 * listing (core/sessions/listing.h). */
void reply_mask_list(struct step *, struct session *, const struct chan *,
    enum chan_mode list);

#endif
