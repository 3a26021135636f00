/*
 * port.h - the listening ports of a server. A change is made in two steps, so
 * that a reload is all or nothing:
 *
 *	ports_prepare	opens those that are new; the old ones stay
 *	ports_commit	takes them over, closes those that are gone, and
 *			lets those that stay be what the configuration says
 */
#ifndef DAEMON_PORT_H
#define DAEMON_PORT_H

#include "daemon/server.h"

/* False: why says which address and what is wrong; nothing has changed. */
bool ports_prepare(struct server *, const struct conf *next,
    char why[LISTEN_WHY_LEN]);
/* After ports_prepare of the same next. */
void ports_commit(struct server *, const struct conf *next);

/* Closes all. */
void ports_close(struct server *);

#endif
