/*
 * reload.h - reads the configuration again, all or nothing.
 */
#ifndef GATE_RELOAD_H
#define GATE_RELOAD_H

#include "gate/gate.h"

/* Read the configuration and use it, unless it has errors. The log has all
 * problems; report, unless NULL, gets them as well. Return true if the new
 * configuration is in use. */
bool gate_reload(struct gate *, struct conf_report *report);

/* Take everything out of loaded except the report. Return the descriptor of the
 * log, which is the caller's, or -1. */
int gate_take(struct gate *, struct gate_loaded *);

/* Apply the options of the log. fd is the newly opened file and belongs to the
 * log from now on; -1 keeps the open file, or selects standard error if the
 * configuration names no file. */
void gate_apply_log(struct gate *, int fd);

#endif
