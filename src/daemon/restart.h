/*
 * restart.h - lets the server start again: RESTART, SIGUSR2, `banyanctl
 * restart` (doc/decisions/0045).
 *
 *	restart_ask()   the new program checks the configuration, on the worker
 *	  refused   --> the log says why; the server goes on
 *	  ok        --> clients without TLS stay (daemon/stay.h), others are
 *			told, and the loop ends
 *	restart_exec()  the process becomes the new program; the listening
 *	                sockets stay open
 */
#ifndef DAEMON_RESTART_H
#define DAEMON_RESTART_H

#include "daemon/banyand.h"

/* Find out which file this program was started from. Call it at the start: a
 * new version may take the place of the file later. */
void restart_init(struct banyand *);

/* Let the server start again if the configuration is good. The reason is for
 * clients. Do nothing if that is under way, or the server is stopping. */
void restart_ask(struct banyand *, struct span reason);
/* Go on if that waits for a reload, which is done. */
void restart_settle(struct banyand *);
/* Go on when the configuration was checked: ok, or not, and what the program
 * has said. */
void restart_checked(struct banyand *, bool ok, const char *said);

/* Keep the listening sockets over the end of the ports. */
void restart_keep_ports(struct banyand *);

/* Become the new program or, if that is gone by now, this one anew. Return only
 * if both fail, after telling standard error. Nothing of the server may be left
 * but what *again has, and the connections that stay. */
void restart_exec(struct restart *again, char *const *argv);

#endif
