/*
 * cross.h - the second pass of the check: options that depend on each other. To
 * add such a rule, add it to cross.c, with a case in tests/unit/conf/check.c.
 */
#ifndef CONF_CROSS_H
#define CONF_CROSS_H

#include "conf/walk.h"

/* Report options that do not fit each other, after the first pass. */
void cross_check(struct walk *k);

/* The same for a link that goes through a broker, in cross_broker.c; and for
 * all brokers, which fills in those that links name. */
void cross_check_broker_link(struct walk *k, size_t i);
void cross_check_brokers(struct walk *k);

/*
 * Report paths that the server cannot use together: a file that it writes must
 * not be another of its files. Report a path of the control socket that is too
 * long. This follows when the defaults that depend on other options are filled
 * in: the row of `control` does not know how long a relative path becomes.
 */
void cross_check_paths(struct walk *k);

#endif
