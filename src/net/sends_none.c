/* A build without liburing: nobody has a set of sends. */
#include "net/sends.h"

#include <stddef.h>

struct sends *
sends_new(void)
{
	return NULL;
}

void
sends_free(struct sends *ss)
{
	(void)ss;
}

bool
sends_is_full(const struct sends *ss)
{
	(void)ss;
	return true;
}

void
sends_add(struct sends *ss, int fd, struct span bytes, void *owner)
{
	(void)ss;
	(void)fd;
	(void)bytes;
	(void)owner;
}

bool
sends_run(struct sends *ss,
    void (*done)(void *owner, struct span bytes, int result))
{
	(void)ss;
	(void)done;
	return false;
}
