/*
 * monitor.h - what a client is told of the nicks that it watches.
 */
#ifndef CORE_CMD_MONITOR_H
#define CORE_CMD_MONITOR_H

#include "core/state.h"

/* Tell the client which of the nicks that it watches are online, and which are
 * not, as the answer to MONITOR S. */
void monitor_tell(struct step *, struct session *);

#endif
