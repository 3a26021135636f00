/*
 * logwriter.h - the thread that writes the log, so that a full pipe or a slow
 * disk stops nobody else. Its functions are called by one thread, and never
 * wait, but for logwriter_free.
 */
#ifndef DAEMON_LOGWRITER_H
#define DAEMON_LOGWRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define LOGWRITER_QUEUE ((size_t)1024 * 1024) /* bytes that may wait */
#define LOGWRITER_END_MS 2000 /* without a byte written: given up */
#define LOGWRITER_LOST_MAX 512

struct logwriter;

/*
 * Builds the line, with its end, that tells of n lines that were lost; at
 * most LOGWRITER_LOST_MAX bytes into buf, the count is returned. Called by the
 * thread.
 */
typedef size_t logwriter_lost(char *buf, uint64_t n, bool json);

/* fd is its own from now on, unless it is a standard one. NULL: no thread. */
struct logwriter *logwriter_new(int fd, logwriter_lost *lost);

/*
 * Writes what waits, as long as somebody takes it. A thread that hangs in the
 * system is left behind with its memory: the process ends.
 */
void logwriter_free(struct logwriter *);

/*
 * Whole lines, their ends included. When there is no room, or lines before
 * it were lost and that is not told yet, it is counted and dropped.
 */
void logwriter_put(struct logwriter *, struct span line);

/* How it tells of lost lines. */
void logwriter_set_json(struct logwriter *, bool json);

/* What is put after this goes to fd, which is owned as above. */
void logwriter_switch(struct logwriter *, int fd);

#endif
