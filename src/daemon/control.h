/*
 * control.h - the operator's socket: lines of banyanctl to the daemon and the
 * node, and their answers back.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "daemon/server.h"

/* Listens on the configured path; NULL: why says. */
struct control *control_new(struct server *, char why[LISTEN_WHY_LEN]);
/* Closes all who asked, unanswered. NULL is allowed. */
void control_free(struct control *);

/* The n-th reading is over: who waits for it, or an earlier one, is told.
 * why: in words, if not ok. */
void control_reloaded(struct control *, uint64_t n, bool ok, const char *why);

/* EFF_CONTROL: a line of the answer to that question, whose asker may be gone.
 * NULL is allowed. */
void control_line(struct control *, uint64_t token, struct span line,
    bool last);

#endif
