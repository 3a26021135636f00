/*
 * malloc and realloc that abort and do not return NULL. A size of 0 is passed
 * on as 1, because malloc(0) may return NULL (C17 7.22.3) and realloc(p, 0) may
 * free p.
 */
#include "base/mem.h"

#include <stdlib.h>

void *
mem_alloc(size_t n)
{
	return mem_realloc(NULL, n);
}

void *
mem_zalloc(size_t n)
{
	void *p = calloc(1, n == 0 ? 1 : n);

	if (p == NULL)
		abort();
	return p;
}

void *
mem_realloc(void *old, size_t n)
{
	void *p = realloc(old, n == 0 ? 1 : n);

	if (p == NULL)
		abort();
	return p;
}

void *
mem_array(void *old, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		abort();
	return mem_realloc(old, count * size);
}

void *
mem_grow(void *old, size_t *cap, size_t first, size_t size)
{
	if (*cap > SIZE_MAX / 2)
		abort();
	*cap = *cap == 0 ? first : *cap * 2;
	return mem_array(old, *cap, size);
}

void *
mem_grow32(void *old, uint32_t *cap, uint32_t first, size_t size)
{
	if (*cap > UINT32_MAX / 2)
		abort();
	*cap = *cap == 0 ? first : *cap * 2;
	return mem_array(old, *cap, size);
}
