/*
 * notify.h - tells systemd, or any other service manager that listens at
 * $NOTIFY_SOCKET, the state of the server, as sd_notify(3) does.
 */
#ifndef HOST_NOTIFY_H
#define HOST_NOTIFY_H

#include "net/loop.h"

/* Send a state such as "READY=1". Do nothing if there is no $NOTIFY_SOCKET;
 * errors are ignored. */
void notify(const char *state);

/* The watchdog of a service manager: it wants to hear of the loop in time, and
 * starts the server anew if it does not. */
struct watchdog {
	struct timer timer;
	struct loop *loop; /* NULL: nobody wants to hear of it */
	int64_t every_ms;
};

/* From now on, tell the service manager twice in each period of $WATCHDOG_USEC
 * that the loop runs. Do nothing if the variable is not set, or is meant for
 * another process ($WATCHDOG_PID); see sd_watchdog_enabled(3). */
void watchdog_start(struct watchdog *, struct loop *);
/* Call it before the loop is freed. */
void watchdog_stop(struct watchdog *);

#endif
