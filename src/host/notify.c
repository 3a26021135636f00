/*
 * A state is one datagram, which is sent without waiting. Rejected: libsystemd,
 * which would bring far more code into the process than this file has.
 */
#include "host/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"

#define US_PER_MS 1000
#define WATCHDOG_LEAST_US (10 * US_PER_MS) /* a shorter time is passed over */

void
notify(const char *state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path != NULL ? strlen(path) : 0;
	int fd;

	if (n < 2 || n > sizeof(addr.sun_path) - 1 ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(addr.sun_path, path, n);
	if (path[0] == '@') /* an abstract address begins with a NUL */
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
	    (const struct sockaddr *)&addr,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	(void)close(fd);
}

static bool
env_number(const char *name, uint64_t *n)
{
	const char *text = getenv(name);

	return text != NULL && span_u64(span_of(text), n);
}

static void
tell(struct timer *t)
{
	struct watchdog *w =
	    (struct watchdog *)(void *)((char *)t -
					offsetof(struct watchdog, timer));

	notify("WATCHDOG=1");
	loop_timer_set(w->loop, t, mono_add_ms(loop_now(w->loop), w->every_ms));
}

void
watchdog_start(struct watchdog *w, struct loop *loop)
{
	uint64_t us, pid;

	if (!env_number("WATCHDOG_USEC", &us) || us < WATCHDOG_LEAST_US ||
	    us > INT64_MAX / 2 ||
	    (getenv("WATCHDOG_PID") != NULL &&
		(!env_number("WATCHDOG_PID", &pid) ||
		    pid != (uint64_t)getpid())))
		return;
	w->loop = loop;
	w->every_ms = (int64_t)us / 2 / US_PER_MS;
	w->timer.fire = tell;
	tell(&w->timer);
}

void
watchdog_stop(struct watchdog *w)
{
	if (w->loop != NULL)
		loop_timer_clear(w->loop, &w->timer);
}
