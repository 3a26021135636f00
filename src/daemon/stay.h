/*
 * stay.h - lets clients without TLS stay connected while the process becomes
 * another program, which goes on with the same run (doc/decisions/0063).
 *
 *	stay_begin()	nothing is accepted, no line is handed in any more, and
 *			all that is under way comes to its end
 *	  in time   --> the text for the next program (daemon/kept.h) is
 *			written; links and other clients are told, and the loop
 *			ends
 *	  too late  --> all clients are told to come back, as if the server
 *			stopped, and a new run begins
 *
 * daemon/takeover.h is the other half.
 */
#ifndef DAEMON_STAY_H
#define DAEMON_STAY_H

#include "daemon/banyand.h"

/* Begin. The reason is for clients that cannot stay. The server counts as
 * stopping from now on. */
void stay_begin(struct banyand *, struct span reason);
/* Log how many clients stayed connected, and how many did not. */
void stay_log(struct banyand *, enum log_row, size_t kept, size_t ended);

/* End what is under way, at the end of the server. */
void stay_fini(struct banyand *);

#endif
