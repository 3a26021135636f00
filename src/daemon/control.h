/*
 * control.h - the operator's socket: lines of banyanctl to the daemon and the
 * node, and their answers back.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "daemon/server.h"

/* Listens on the configured path; NULL: why says. */
struct control *control_new(struct server *, char why[LISTEN_WHY_LEN]);
void control_free(struct control *);

/* EFF_CONTROL: a line of the answer to that question. */
void control_line(struct control *, uint64_t token, struct span line,
    bool last);

#endif
