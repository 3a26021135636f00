/*
 * mmdb.h - a database of countries, in the format of MaxMind.
 *
 * The file is copied into memory when it is opened, and closed: so a lookup
 * waits for no disk, and somebody who overwrites or cuts the file changes
 * nothing in a running server.
 */
#ifndef DAEMON_MMDB_H
#define DAEMON_MMDB_H

#include "wire/addr.h"

#define MMDB_WHY_LEN 300 /* bytes of a reason, with a NUL */

struct mmdb;

/* Open a database. Return NULL, and write the reason, if there is no such file,
 * if the file is too large, or if it is not a database of this format. The
 * caller frees the result with mmdb_close(). This waits for the disk. */
struct mmdb *mmdb_open(const char *path, char why[MMDB_WHY_LEN]);
/* Free a database. NULL is allowed. */
void mmdb_close(struct mmdb *);

/* Write the code of the country of an address (ISO 3166-1, two capital letters
 * and a NUL). Return false if the database does not know it. */
bool mmdb_country(const struct mmdb *, const struct addr *, char code[3]);

#endif
