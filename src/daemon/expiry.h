/*
 * expiry.h - tells operators 30 days, 7 days and a day before the certificate
 * that clients see expires, and when it has expired.
 */
#ifndef DAEMON_EXPIRY_H
#define DAEMON_EXPIRY_H

#include "daemon/banyand.h"

#define EXPIRY_DAYS 30 /* the first time */

/* Look at the certificate that is in use now, and every hour from now on. Call
 * it at the start and after each reload. */
void expiry_look(struct banyand *);

/* Call it before the loop is freed. */
void expiry_fini(struct banyand *);

#endif
