/*
 * server_info.h - what a server tells of itself: ADMIN, INFO, TIME (modern-irc,
 * "Server Queries and Commands"). The session is NULL if another server asked
 * for its user (core/answers/query.h).
 */
#ifndef CORE_SERVER_INFO_H
#define CORE_SERVER_INFO_H

#include "core/state.h"

/* Send 256 to 259, with the lines that the settings have; 423 if they have
 * none. */
void reply_admin(struct step *, struct session *);

/* Send 371 as often as needed, then 374. */
void reply_info(struct step *, struct session *);

/* Send 391. */
void reply_time(struct step *, struct session *);

#endif
