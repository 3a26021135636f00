/*
 * control.h - the control socket: passes the requests of banyanctl to the
 * daemon and the node, and their answers back.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "daemon/banyand.h"

/* Listen on the configured path. The caller frees the result with control_free.
 * Return NULL and fill in why on failure. */
struct control *control_new(struct banyand *, char why[LISTEN_WHY_LEN]);
/* Close every connection without an answer. NULL is allowed. */
void control_free(struct control *);

/* Answer every request that waits for the n-th reading or an earlier one with
 * the problems that the reading found, and whether its configuration is in use.
 * The report is NULL if the server is stopping. */
void control_reloaded(struct control *, uint64_t reload, bool ok,
    const struct conf_report *);

/* Pass an event to the connections that asked for events (`tail`). NULL is
 * allowed. */
void control_event(struct control *, const struct log_event *);
/* Answer every request that waits for the server to start again: why is NULL if
 * it does. Then done says what becomes of the clients; empty: all are told to
 * come back. */
void control_restarted(struct control *, const char *why, struct span done);

/* Send a line of the answer to a question (EFF_CONTROL). The connection that
 * asked may have gone. NULL is allowed. */
void control_line(struct control *, uint64_t token, struct span line,
    bool last);

#endif
