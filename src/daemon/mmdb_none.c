#include "daemon/mmdb.h"

#include <stdio.h>

struct mmdb *
mmdb_open(const char *path, char why[MMDB_WHY_LEN])
{
	(void)path;
	snprintf(why, MMDB_WHY_LEN,
	    "cannot read it: this server was built without libmaxminddb");
	return NULL;
}

void
mmdb_close(struct mmdb *m)
{
	(void)m;
}

bool
mmdb_country(const struct mmdb *m, const struct addr *a, char code[3])
{
	(void)m;
	(void)a;
	(void)code;
	return false;
}
