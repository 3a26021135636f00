/*
 * load.h - a configuration from its files: libconfig reads, conf/ checks, and
 * what the configuration names is looked at. Everything that is wrong is in
 * one report.
 */
#ifndef DAEMON_LOAD_H
#define DAEMON_LOAD_H

#include "conf/conf.h"

/*
 * path is absolute; what a file includes is relative to path's folder. NULL
 * if the report has errors; it may have warnings either way.
 */
struct conf *conf_load(const char *path, struct conf_report *);

/* Problems as lines on standard error. */
void report_print(const struct conf_report *);

#endif
