/*
 * cross.h - the second pass of the check: options that depend on each other. To
 * add such a rule, add it to cross.c, with a case in tests/unit/conf/check.c.
 */
#ifndef CONF_CROSS_H
#define CONF_CROSS_H

#include "conf/walk.h"

/* Report options that do not fit each other, after the first pass. */
void cross_check(struct walk *k);

/*
 * Check the length of the socket's path, because the address of a socket is
 * short. The row alone cannot do so: a relative path, or the default in `state`,
 * only gets its length from the folder. This follows when defaults that depend on
 * other options are filled in.
 */
void cross_check_control(struct walk *k);

#endif
