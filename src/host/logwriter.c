/*
 * A ring of bytes lies between the loop and the thread that writes. Positions
 * only grow while bytes wait: the thread has written everything before `from`,
 * and the next line goes to `upto`. The thread reads the bytes between them
 * without the lock, because the loop only adds bytes behind them. When no bytes
 * wait, the next line goes to the beginning of the ring, so that the part of
 * the ring that was never needed takes no memory.
 *
 * After a line is lost, every further line is dropped until the thread has
 * written the waiting lines and then, in the place of the lost lines, their
 * number. So the log is in order and names its gaps. A line that the system
 * refuses (a full disk) counts as lost, too.
 *
 * Rejected: O_NONBLOCK instead of a thread. Standard error is shared with the
 * process that started us, and the flag has no effect on a disk.
 */
#include "host/logwriter.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "host/thread.h"

#define CHUNK_MAX ((size_t)64 * 1024) /* bytes of one write */

struct logwriter {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	logwriter_lost *lost_line;
	char *ring;
	bool quiet;	     /* the loop's alone */
	bool waits;	     /* likewise: quiet, and there are new lines */
	uint64_t from, upto; /* these and all below are under lock */
	uint64_t lost;
	int fd;
	int next_fd;	  /* -1: none */
	uint64_t next_at; /* bytes from this position go to next_fd */
	unsigned form;
	bool torn; /* the last line was written in part; the thread's alone */
	bool stop, ended;
};

static void
fd_end(int fd)
{
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

/* Write n bytes. Return how many the system took. */
static size_t
write_all(int fd, const char *p, size_t n)
{
	size_t done = 0;
	ssize_t got;

	while (done < n) {
		got = write(fd, p + done, n - done);
		if (got <= 0 && errno != EINTR)
			break;
		if (got > 0)
			done += (size_t)got;
	}
	return done;
}

static uint64_t
lines_of(const char *p, size_t n)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines;
}

/* Write some of the bytes that wait. The caller holds the lock, which is
 * released meanwhile. */
static void
write_some(struct logwriter *w)
{
	size_t at = (size_t)(w->from % LOGWRITER_QUEUE), n, done;
	const char *p = w->ring + at;
	uint64_t end = w->next_fd >= 0 ? w->next_at : w->upto;
	int fd = w->fd;

	n = end - w->from < CHUNK_MAX ? (size_t)(end - w->from) : CHUNK_MAX;
	if (n > LOGWRITER_QUEUE - at)
		n = LOGWRITER_QUEUE - at;
	(void)pthread_mutex_unlock(&w->lock);
	done = write_all(fd, p, n);
	if (done > 0)
		w->torn = p[done - 1] != '\n';
	(void)pthread_mutex_lock(&w->lock);
	w->lost += lines_of(p + done, n - done);
	w->from += n;
	(void)pthread_cond_signal(&w->less);
}

/* Write the line about lost lines. The lock is handled as above. Return false
 * if the system refuses the line. */
static bool
tell_lost(struct logwriter *w)
{
	char line[1 + LOGWRITER_LOST_MAX] = "\n";
	uint64_t lost = w->lost;
	unsigned form = w->form;
	bool torn = w->torn;
	int fd = w->fd;
	size_t n, done;

	(void)pthread_mutex_unlock(&w->lock);
	n = 1 + w->lost_line(line + 1, lost, form);
	done = write_all(fd, line + !torn, n - !torn);
	if (done > 0)
		w->torn = done < n - !torn;
	(void)pthread_mutex_lock(&w->lock);
	if (done < n - !torn)
		return false;
	w->lost -= lost;
	return true;
}

static void *
writer_main(void *arg)
{
	struct logwriter *w = arg;
	bool refused = false; /* try again when there is a new line */

	(void)pthread_mutex_lock(&w->lock);
	for (;;) {
		if (w->next_fd >= 0 && w->from == w->next_at) {
			fd_end(w->fd);
			w->fd = w->next_fd;
			w->next_fd = -1;
		} else if (w->from < w->upto)
			write_some(w);
		else if (w->lost > 0 && !refused)
			refused = !tell_lost(w);
		else if (w->stop)
			break;
		else {
			(void)pthread_cond_wait(&w->more, &w->lock);
			refused = false;
		}
	}
	w->ended = true;
	(void)pthread_cond_signal(&w->less);
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct logwriter *
logwriter_new(int fd, logwriter_lost *lost)
{
	struct logwriter *w = mem_zalloc(sizeof(*w));

	w->ring = mem_alloc(LOGWRITER_QUEUE);
	w->lost_line = lost;
	w->fd = fd;
	w->next_fd = -1;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->more, NULL);
	(void)pthread_cond_init(&w->less, NULL);
	if (thread_start(&w->thread, writer_main, w))
		return w;
	free(w->ring);
	free(w);
	return NULL;
}

static struct timespec
deadline(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += LOGWRITER_END_MS / 1000;
	return ts;
}

void
logwriter_free(struct logwriter *w)
{
	struct timespec end = deadline();
	uint64_t from;
	bool ended;

	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_signal(&w->more);
	from = w->from;
	while (!w->ended && pthread_cond_clockwait(&w->less, &w->lock,
				CLOCK_MONOTONIC, &end) == 0) {
		if (w->from != from)
			end = deadline();
		from = w->from;
	}
	ended = w->ended;
	(void)pthread_mutex_unlock(&w->lock);
	if (!ended) {
		(void)pthread_detach(w->thread);
		return;
	}
	(void)pthread_join(w->thread, NULL);
	fd_end(w->fd);
	fd_end(w->next_fd);
	(void)pthread_cond_destroy(&w->less);
	(void)pthread_cond_destroy(&w->more);
	(void)pthread_mutex_destroy(&w->lock);
	free(w->ring);
	free(w);
}

void
logwriter_put(struct logwriter *w, struct span line)
{
	size_t at, head;

	(void)pthread_mutex_lock(&w->lock);
	if (w->lost > 0 || line.n > LOGWRITER_QUEUE - (w->upto - w->from))
		w->lost++;
	else {
		if (w->from == w->upto && w->next_fd < 0)
			w->from = w->upto = 0;
		at = (size_t)(w->upto % LOGWRITER_QUEUE);
		head = LOGWRITER_QUEUE - at < line.n ? LOGWRITER_QUEUE - at
						     : line.n;
		memcpy(w->ring + at, line.p, head);
		memcpy(w->ring, line.p + head, line.n - head);
		w->upto += line.n;
	}
	if (w->quiet)
		w->waits = true;
	else
		(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}

void
logwriter_set_quiet(struct logwriter *w, bool quiet)
{
	w->quiet = quiet;
	logwriter_wake(w);
}

void
logwriter_wake(struct logwriter *w)
{
	if (!w->waits)
		return;
	w->waits = false;
	(void)pthread_mutex_lock(&w->lock);
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}

void
logwriter_set_form(struct logwriter *w, unsigned form)
{
	(void)pthread_mutex_lock(&w->lock);
	w->form = form;
	(void)pthread_mutex_unlock(&w->lock);
}

void
logwriter_switch(struct logwriter *w, int fd)
{
	(void)pthread_mutex_lock(&w->lock);
	/* a second switch before the first took effect: the first file is
	 * closed unused */
	if (w->next_fd >= 0)
		fd_end(w->next_fd);
	else
		w->next_at = w->upto;
	w->next_fd = fd;
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}
