/*
 * logwriter.h - the thread that writes the log, so that a full pipe or a slow
 * disk does not stop the loop. One other thread calls these functions; none of
 * them waits, except logwriter_free.
 */
#ifndef HOST_LOGWRITER_H
#define HOST_LOGWRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define LOGWRITER_QUEUE ((size_t)1024 * 1024) /* bytes that may wait */
#define LOGWRITER_END_MS \
	2000		       /* logwriter_free gives up after this time \
				* without a byte written */
#define LOGWRITER_LOST_MAX 512 /* bytes of the line about lost lines */

struct logwriter;

/* The form of a line, as bits. */
#define LOGWRITER_JSON 1U    /* JSON, not text */
#define LOGWRITER_JOURNAL 2U /* with a priority in front */

/*
 * Build the line, with its end, that tells that n lines were lost: at most
 * LOGWRITER_LOST_MAX bytes in buf. Return their number. The thread calls this
 * function.
 */
typedef size_t logwriter_lost(char *buf, uint64_t n, unsigned form);

/*
 * Start the thread. It owns fd and closes it, unless fd is a standard
 * descriptor. The caller frees the result with logwriter_free. Return NULL if
 * the thread cannot be started.
 */
struct logwriter *logwriter_new(int fd, logwriter_lost *lost);

/*
 * Write the lines that wait, as long as the file takes them, and end the
 * thread. A thread that hangs in the system stays behind with its memory; the
 * process is about to end.
 */
void logwriter_free(struct logwriter *);

/*
 * Add one or more whole lines with their ends. If there is no room, or if the
 * log does not have the number of lost lines yet, count the line as lost.
 */
void logwriter_put(struct logwriter *, struct span line);

/*
 * Set whether the thread hears of new lines only by logwriter_wake(): a thread
 * that is woken for each line writes each line by a system call of its own.
 */
void logwriter_set_quiet(struct logwriter *, bool quiet);
/* Let the thread write what waits. */
void logwriter_wake(struct logwriter *);

/* Set the form of the line about lost lines. */
void logwriter_set_form(struct logwriter *, unsigned form);

/* Write everything that is put after this to fd, which is owned as above. */
void logwriter_switch(struct logwriter *, int fd);

#endif
