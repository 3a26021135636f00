/*
 * notify.h - tells systemd, or whoever started us and listens at
 * $NOTIFY_SOCKET, how far we are: sd_notify(3), "READY=1". Nothing happens
 * where nobody listens.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

void notify(const char *state);

#endif
