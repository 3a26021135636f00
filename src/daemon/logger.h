/*
 * logger.h - one line per effect of kind LOG: text, or JSON with one event name
 * per kind (core/log.def).
 *
 *	2026-01-02T03:04:05.678Z notice link-up name=irc2.example sid=2BB
 *	{"time":"…","level":"notice","event":"link-up","name":"irc2.example"}
 *
 * Values come from strangers: whatever is not plain text is escaped, so no
 * value can end a line or look like another field.
 */
#ifndef DAEMON_LOGGER_H
#define DAEMON_LOGGER_H

#include <stddef.h>

#include "core/effect.h"

struct logger {
	int fd;		  /* standard error by default */
	const char *path; /* NULL: standard error; borrowed */
	bool json;
	enum log_level level; /* and above */
};

void logger_init(struct logger *);
/* Opens path (NULL: standard error); false and errno, the old one stays. */
bool logger_open(struct logger *, const char *path);
void logger_fini(struct logger *);

void logger_row(struct logger *, enum log_row, const struct log_field *,
    size_t n);

#define logger_with(log, row, ...)                                          \
	logger_row((log), (row), (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) /             \
		sizeof(struct log_field))

#endif
