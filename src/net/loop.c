/*
 * The loop uses epoll, level-triggered. With edge-triggered events a blocked
 * writer would need fewer calls of epoll_ctl, but each callback would have to
 * come back to what it left undone. The kernel does that for us, and in a fair
 * order: a descriptor that was reported goes behind the others that are ready.
 *
 * An event may have been fetched for a watch that ends before its turn comes.
 * loop_unwatch and loop_close remove such an event from the batch, so that no
 * owner is called about a descriptor that it has closed.
 *
 * Timers come after descriptors, because the words of a peer must be read
 * before the peer is called silent. One batch may not hold all descriptors that
 * are ready, and after a pause of the process there are many. So the timers of
 * the first turn after a pause wait until each descriptor has had its turn, see
 * is_behind().
 */
#include "net/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/mem.h"

struct loop {
	int epfd;
	bool stop;
	struct mono now;
	struct wall wall;
	struct timers timers;
	struct hook *hooks;
	struct epoll_event batch[LOOP_EVENTS];
	int at, n; /* in batch: next to serve, fetched */
	size_t watched;
	size_t behind; /* turns that timers wait, at most, after a pause */
	struct awake awake;
	struct watch signals;
	void (*arrived)(void *ctx, int signo);
	void *arrived_ctx;
};

struct wake {
	struct watch watch;
	struct loop *loop;
	void (*woken)(void *ctx);
	void *ctx;
};

#define OF_MEMBER(p, type, member) \
	((type *)(void *)((char *)(p)-offsetof(type, member)))

/* Read the monotonic clock that runs on while the system is suspended. A
 * suspension is then a pause (base/awake.h), and does not look as if the wall
 * clock had been set ahead (doc/decisions/0009). */
static struct mono
clock_mono(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (struct mono){ (int64_t)ts.tv_sec * 1000 * NS_PER_MS +
			      ts.tv_nsec };
}

static void
clocks_read(struct loop *l)
{
	struct timespec ts;

	l->now = clock_mono();
	clock_gettime(CLOCK_REALTIME, &ts);
	l->wall = (struct wall){ (int64_t)ts.tv_sec * MS_PER_S +
				 ts.tv_nsec / NS_PER_MS };
}

struct loop *
loop_new(void)
{
	struct loop *l = mem_zalloc(sizeof(*l));

	l->signals.fd = -1;
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epfd < 0) {
		free(l);
		return NULL;
	}
	signal(SIGPIPE, SIG_IGN);
	clocks_read(l);
	awake_run(&l->awake, l->now, MONO_NEVER);
	return l;
}

void
loop_free(struct loop *l)
{
	int fd = l->signals.fd;

	loop_unwatch(l, &l->signals);
	if (fd >= 0)
		close(fd);
	close(l->epfd);
	timers_fini(&l->timers);
	free(l);
}

void
loop_run(struct loop *l)
{
	l->stop = false;
	while (!l->stop)
		loop_turn(l, -1);
}

void
loop_stop(struct loop *l)
{
	l->stop = true;
}

bool
loop_is_late(const struct loop *l)
{
	/* a nanosecond: see timers_set() */
	return mono_cmp(timers_next(&l->timers),
		   (struct mono){ l->now.ns + 1 }) <= 0;
}

struct mono
loop_awake(const struct loop *l)
{
	return awake_at(l->now, l->awake.paused_ns);
}

struct mono
loop_now(const struct loop *l)
{
	return l->now;
}

struct wall
loop_wall(const struct loop *l)
{
	return l->wall;
}

/* Return the ms to wait, rounded up so that a timer is due at the wake-up. */
static int
patience(const struct loop *l, int wait_ms)
{
	struct mono next = timers_next(&l->timers), now;
	int64_t ms;

	for (const struct hook *h = l->hooks; h != NULL; h = h->next)
		if (h->busy)
			return 0;
	if (mono_is_never(next))
		return wait_ms;
	now = clock_mono();
	if (mono_cmp(next, now) <= 0)
		return 0;
	ms = (next.ns - now.ns + NS_PER_MS - 1) / NS_PER_MS;
	if (wait_ms >= 0 && wait_ms < ms)
		return wait_ms;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static void
serve(struct watch *w, uint32_t got)
{
	unsigned int events = 0;

	if (got & (EPOLLIN | EPOLLRDHUP))
		events |= LOOP_READ;
	if (got & EPOLLOUT)
		events |= LOOP_WRITE;
	if (got & (EPOLLHUP | EPOLLERR))
		events |= LOOP_HANGUP;
	w->ready(w, events);
}

static void
wait_ready(struct loop *l, int wait_ms)
{
	struct mono due = timers_next(&l->timers);

	l->n = epoll_wait(l->epfd, l->batch, LOOP_EVENTS, patience(l, wait_ms));
	clocks_read(l);
	if (awake_run(&l->awake, l->now, due))
		l->behind = l->watched / LOOP_EVENTS;
}

/*
 * Return true if, after a pause, more descriptors may be ready than were
 * served.
 */
static bool
is_behind(struct loop *l, int served)
{
	if (served < LOOP_EVENTS || l->behind == 0) {
		l->behind = 0;
		return false;
	}
	l->behind--;
	return true;
}

void
loop_turn(struct loop *l, int wait_ms)
{
	struct hook *h, *next;
	int fetched;

	wait_ready(l, wait_ms);
	fetched = l->n;
	for (l->at = 0; l->at < l->n; l->at++)
		if (l->batch[l->at].data.ptr != NULL)
			serve(l->batch[l->at].data.ptr, l->batch[l->at].events);
	l->n = 0;
	if (!is_behind(l, fetched))
		timers_fire(&l->timers, l->now);
	for (h = l->hooks; h != NULL; h = next) {
		next = h->next;
		h->turn(h);
	}
}

static struct epoll_event
wish(struct watch *w)
{
	struct epoll_event ev = { .data.ptr = w };

	if (w->want & LOOP_READ)
		ev.events |= EPOLLIN | EPOLLRDHUP;
	if (w->want & LOOP_WRITE)
		ev.events |= EPOLLOUT;
	return ev;
}

bool
loop_watch(struct loop *l, struct watch *w, int fd, unsigned int want)
{
	struct epoll_event ev;

	w->want = want;
	ev = wish(w);
	if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, fd, &ev) != 0) {
		w->fd = -1;
		return false;
	}
	w->fd = fd;
	l->watched++;
	return true;
}

void
loop_want(struct loop *l, struct watch *w, unsigned int want)
{
	struct epoll_event ev;

	if (w->want == want || w->fd < 0)
		return;
	w->want = want;
	ev = wish(w);
	invariant(epoll_ctl(l->epfd, EPOLL_CTL_MOD, w->fd, &ev) == 0);
}

/* Note that the system does not watch the descriptor any more. */
static void
note_unwatched(struct loop *l, struct watch *w)
{
	w->fd = -1;
	l->watched--;
	for (int i = l->at; i < l->n; i++)
		if (l->batch[i].data.ptr == w)
			l->batch[i].data.ptr = NULL;
}

void
loop_unwatch(struct loop *l, struct watch *w)
{
	if (w->fd < 0)
		return;
	epoll_ctl(l->epfd, EPOLL_CTL_DEL, w->fd, NULL);
	note_unwatched(l, w);
}

/* The system stops watching when the last descriptor of a file is closed, so
 * epoll_ctl is not needed. */
void
loop_close(struct loop *l, struct watch *w)
{
	if (w->fd < 0)
		return;
	close(w->fd);
	note_unwatched(l, w);
}

void
loop_timer_set(struct loop *l, struct timer *t, struct mono when)
{
	timers_set(&l->timers, t, when);
}

void
loop_timer_clear(struct loop *l, struct timer *t)
{
	timers_clear(&l->timers, t);
}

void
loop_hook_add(struct loop *l, struct hook *h)
{
	struct hook **at = &l->hooks;

	while (*at != NULL)
		at = &(*at)->next;
	h->next = NULL;
	*at = h;
}

void
loop_hook_del(struct loop *l, struct hook *h)
{
	struct hook **at;

	for (at = &l->hooks; *at != NULL; at = &(*at)->next) {
		if (*at == h) {
			*at = h->next;
			return;
		}
	}
}

static void
signals_ready(struct watch *w, unsigned int events)
{
	struct loop *l = OF_MEMBER(w, struct loop, signals);
	struct signalfd_siginfo si;

	(void)events;
	/*
	 * Read one signal per turn: a process that sends signals faster than
	 * they are served must not delay the other descriptors.
	 */
	if (read(w->fd, &si, sizeof(si)) == sizeof(si))
		l->arrived(l->arrived_ctx, (int)si.ssi_signo);
}

bool
loop_signals(struct loop *l, const sigset_t *set,
    void (*arrived)(void *ctx, int signo), void *ctx)
{
	int fd;

	invariant(l->signals.fd < 0);
	if (sigprocmask(SIG_BLOCK, set, NULL) != 0)
		return false;
	fd = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return false;
	l->arrived = arrived;
	l->arrived_ctx = ctx;
	l->signals.ready = signals_ready;
	if (!loop_watch(l, &l->signals, fd, LOOP_READ)) {
		close(fd);
		return false;
	}
	return true;
}

static void
wake_ready(struct watch *w, unsigned int events)
{
	struct wake *wake = OF_MEMBER(w, struct wake, watch);
	uint64_t n;

	(void)events;
	if (read(w->fd, &n, sizeof(n)) == sizeof(n))
		wake->woken(wake->ctx);
}

struct wake *
loop_wake_new(struct loop *l, void (*woken)(void *ctx), void *ctx)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct wake *w;

	if (fd < 0)
		return NULL;
	w = mem_zalloc(sizeof(*w));
	w->watch.ready = wake_ready;
	w->loop = l;
	w->woken = woken;
	w->ctx = ctx;
	if (!loop_watch(l, &w->watch, fd, LOOP_READ)) {
		close(fd);
		free(w);
		return NULL;
	}
	return w;
}

void
loop_wake_free(struct wake *w)
{
	int fd;

	if (w == NULL)
		return;
	fd = w->watch.fd;
	loop_unwatch(w->loop, &w->watch);
	close(fd);
	free(w);
}

void
loop_wake_post(struct wake *w)
{
	const uint64_t one = 1;
	int saved = errno;
	ssize_t n;

	/* A full counter (EAGAIN) wakes the loop, too. */
	n = write(w->watch.fd, &one, sizeof(one));
	(void)n;
	errno = saved;
}
