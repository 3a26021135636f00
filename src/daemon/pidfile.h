/* pidfile.h - the file that has the process id of the server. */
#ifndef DAEMON_PIDFILE_H
#define DAEMON_PIDFILE_H

#include <stdbool.h>

/* Write the id of this process. Return false if that fails. */
bool pidfile_put(const char *path);

#endif
