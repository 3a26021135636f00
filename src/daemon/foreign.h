/*
 * foreign.h - who speaks something else than IRC to one of our ports, and what
 * he is told, in his own words if we know them. To add one: a row in foreign.c.
 */
#ifndef DAEMON_FOREIGN_H
#define DAEMON_FOREIGN_H

#include <stdbool.h>

#include "base/span.h"

/*
 * By the first bytes that came, on a plaintext port. NULL: it may be IRC. The
 * answer is static, whole, and to be sent as it is; then he is closed, *why
 * being the reason for the log.
 */
const char *foreign_answer(struct span first, const char **why);

/* The same on a TLS port, to first bytes that are no TLS. Never NULL. */
const char *foreign_answer_tls(struct span first);

#endif
