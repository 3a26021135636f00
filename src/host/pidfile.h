/* pidfile.h - the file that has the process id of the server. */
#ifndef HOST_PIDFILE_H
#define HOST_PIDFILE_H

#include <sys/types.h>

#include <stdbool.h>

/* Write the id of this process. Return false if that fails, unless the file has
 * it already. */
bool pidfile_put(const char *path);

/* Return true if the file has the id of that process. */
bool pidfile_has(const char *path, pid_t);

#endif
