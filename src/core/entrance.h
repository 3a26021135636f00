/*
 * entrance.h - this server tells the network where it takes gates
 * (doc/decisions/0068).
 *
 * The element +TRUNK of this run is made when the server is READY, and made
 * anew when something in it has changed: by a reload, or because the server is
 * being emptied. It is compared again whenever an element of any run comes or
 * goes, so it is also made anew if another server has removed it.
 */
#ifndef CORE_ENTRANCE_H
#define CORE_ENTRANCE_H

#include "core/state.h"

/* Look again: the settings have changed, or core->draining has. */
void entrance_stir(struct core *);

/* Make the entry, if the facts say another thing than they shall. */
void entrance_tick(struct step *);
/* Return when that is to be done. */
struct mono entrance_due(const struct step *);

#endif
