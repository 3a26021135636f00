/*
 * process.h - the rights and the descriptors of the process.
 */
#ifndef HOST_PROCESS_H
#define HOST_PROCESS_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/span.h"

/* Become a user for good. Return false if the system refuses, or if there would
 * be a way back to root. */
bool process_become(struct span user, uid_t uid, gid_t gid);

/* Raise the limit of descriptors as far as allowed. Return the limit. */
int process_raise_fds(void);

#endif
