/*
 * probe.h - checks that the system can give what a configuration names, before
 * a start needs it: folders, files, addresses. A probe changes nothing that
 * lasts. Problems go to the report at the place of their option.
 *
 * A server that is started as root becomes `user` later; what it does after
 * that is probed with the rights of that user. This changes the rights of the
 * whole process for a moment, so no thread may run yet.
 */
#ifndef DAEMON_PROBE_H
#define DAEMON_PROBE_H

#include "daemon/load.h"

/* Check the folders and files that a server writes, and those that it reads
 * again at a reload. */
void probe_files(struct loaded *);

/* Check that the listeners can be opened on this machine. A port that is in use
 * is no problem, as the server itself may be running; but before a restart it
 * is known which ports the server has (daemon/restart_check.h). */
void probe_listeners(struct loaded *);

#endif
