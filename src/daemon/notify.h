/*
 * notify.h - tells systemd, or any other service manager that listens at
 * $NOTIFY_SOCKET, the state of the server, as sd_notify(3) does.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

/* Send a state such as "READY=1". Do nothing if there is no $NOTIFY_SOCKET;
 * errors are ignored. */
void notify(const char *state);

#endif
