/*
 * logger.h - one line per effect of kind LOG: text, or JSON with one event name
 * per kind (core/types/log.def).
 *
 *	2026-01-02T03:04:05.678Z notice link-up name=irc2.example sid=2BB
 *	{"time":"…","level":"notice","event":"link-up","name":"irc2.example"}
 *
 * Values come from strangers: whatever is not plain text is escaped, so no
 * value can end a line or look like another field.
 *
 * After logger_start lines are written by a thread of its own (logwriter.h);
 * nothing here waits.
 */
#ifndef DAEMON_LOGGER_H
#define DAEMON_LOGGER_H

#include <sys/types.h>

#include <stddef.h>

#include "core/types/effect.h"

struct logwriter;

struct logger {
	struct logwriter *writer; /* NULL: not started, to standard error */
	bool json;
	enum log_level level; /* and above */
};

/* Text, from INFO on, to standard error. */
void logger_init(struct logger *);

/*
 * A file to give to one of the next two, or -1 and errno; owner: whose it
 * shall be, unless it is (uid_t)-1. Waits for the disk.
 */
int logger_open(const char *path, uid_t owner, gid_t group);

/* fd: owned from now on; standard error is STDERR_FILENO. False: no thread. */
bool logger_start(struct logger *, int fd);
/* What comes next goes to fd. */
void logger_switch(struct logger *, int fd);
void logger_set_form(struct logger *, bool json, enum log_level);
/* Writes what waits, as long as somebody takes it. */
void logger_fini(struct logger *);

/* Below the level: nothing. Cut to a line; nothing is kept of it. */
void logger_row(struct logger *, enum log_row, const struct log_field *,
    size_t n);

#define logger_with(log, row, ...)                                          \
	logger_row((log), (row), (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) /             \
		sizeof(struct log_field))

#endif
