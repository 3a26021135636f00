/*
 * foreign.h - recognises a connection that speaks another protocol than IRC,
 * and answers in that protocol if it is known. To add a protocol, add a row to
 * foreign.c.
 */
#ifndef DAEMON_FOREIGN_H
#define DAEMON_FOREIGN_H

#include <stdbool.h>

#include "base/span.h"

/*
 * Recognise a protocol by the first bytes on a plaintext port. Return the
 * answer, which is static and complete; the caller sends it and closes the
 * connection, with *why as the reason for the log. Return NULL if the bytes may
 * be IRC.
 */
const char *foreign_answer(struct span first, const char **why);

/* Return the answer to first bytes that are not TLS on a TLS port, static as
 * above. Never return NULL. */
const char *foreign_answer_tls(struct span first);

#endif
