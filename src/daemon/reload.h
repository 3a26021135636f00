/*
 * reload.h - reading the configuration: at the start, and again on SIGHUP, all
 * or nothing.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/server.h"

/*
 * Reads the file (with what it includes), checks it, reads the message of the
 * day. NULL if there are errors; the report tells all of them, and warnings.
 */
struct conf *conf_load(const char *path, struct conf_report *);

/* The certificates too. False: why says, and the old configuration stays. */
bool reload(struct server *, char *why, size_t whylen);

/* Problems as lines on standard error. */
void report_print(const struct conf_report *);

#endif
