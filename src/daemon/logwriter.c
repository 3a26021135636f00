/*
 * A ring of bytes between the loop and a thread that writes. Places in it only
 * grow while something waits: `from` has been written, `upto` is where the
 * next line goes, and what lies between is the thread's to read without the
 * lock, since the other side only adds behind it. When nothing waits the next
 * line goes to the beginning: what was never needed of the ring takes no
 * memory.
 *
 * Once a line is lost none is taken until all that wait are written and the
 * thread has told, in their place, how many there were: so the log has gaps
 * that it speaks of, and is in order. A line that the system refuses (a full
 * disk) is lost like one for which there is no room.
 *
 * O_NONBLOCK would do without the thread, but standard error is shared with
 * whoever started us, and for a disk it has no meaning.
 */
#include "daemon/logwriter.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/thread.h"

#define CHUNK_MAX ((size_t)64 * 1024) /* of one write */

struct logwriter {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more, less;
	logwriter_lost *lost_line;
	char *ring;
	uint64_t from, upto; /* the rest is under lock */
	uint64_t lost;
	int fd;
	int next_fd;	  /* -1: none */
	uint64_t next_at; /* from there on */
	bool json;
	bool torn; /* a line was written in part: the thread's alone */
	bool stop, ended;
};

static void
fd_end(int fd)
{
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

/* How much of p was written. */
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

/* With the lock held, which is given back meanwhile. */
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

/* Likewise; false when the system refuses. */
static bool
tell_lost(struct logwriter *w)
{
	char line[1 + LOGWRITER_LOST_MAX] = "\n";
	uint64_t lost = w->lost;
	bool json = w->json, torn = w->torn;
	int fd = w->fd;
	size_t n, done;

	(void)pthread_mutex_unlock(&w->lock);
	n = 1 + w->lost_line(line + 1, lost, json);
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
	bool refused = false; /* tried again when there is more to tell */

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
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}

void
logwriter_set_json(struct logwriter *w, bool json)
{
	(void)pthread_mutex_lock(&w->lock);
	w->json = json;
	(void)pthread_mutex_unlock(&w->lock);
}

void
logwriter_switch(struct logwriter *w, int fd)
{
	(void)pthread_mutex_lock(&w->lock);
	/* two while one line waits: the first file gets nothing */
	if (w->next_fd >= 0)
		fd_end(w->next_fd);
	else
		w->next_at = w->upto;
	w->next_fd = fd;
	(void)pthread_cond_signal(&w->more);
	(void)pthread_mutex_unlock(&w->lock);
}
