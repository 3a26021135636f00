/*
 * foreign.h - recognises a connection that speaks another protocol than IRC,
 * and answers in that protocol if it is known. To add a protocol, add a row to
 * foreign.c.
 */
#ifndef WIRE_FOREIGN_H
#define WIRE_FOREIGN_H

#include <stdbool.h>

#include "base/span.h"

struct foreign {
	bool (*is)(struct span first);
	const char *answer; /* complete */
	const char *why;    /* for the log */
	bool proxy; /* a fault of a configuration: an operator is told */
};

/*
 * Recognise a protocol by the first bytes on a plaintext port. Return its row;
 * the caller sends the answer and closes the connection. Return NULL if the
 * bytes may be IRC.
 */
const struct foreign *foreign_find(struct span first);

/* Return true if the first bytes are too few to tell: the next ones decide
 * whether they are empty lines or the beginning of a PROXY header. */
bool foreign_needs_more(struct span first);

/* Return the row of first bytes that are not TLS on a TLS port. Never return
 * NULL. */
const struct foreign *foreign_find_tls(struct span first);

#endif
