/*
 * Mark memory that is allocated but in use by nobody; arena, blocks and pool do
 * so. With AddressSanitizer an access is reported. With BANYAN_DEBUG the bytes
 * are overwritten, so that a stale pointer shows. Otherwise nothing is done.
 */
#ifndef BASE_POISON_H
#define BASE_POISON_H

#include <stddef.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define POISON_ASAN 1
#endif

#ifdef POISON_ASAN
#include <sanitizer/asan_interface.h>
#endif

static inline void
poison(void *p, size_t n)
{
#if defined(POISON_ASAN)
	__asan_poison_memory_region(p, n);
#elif defined(BANYAN_DEBUG)
	memset(p, 0xdd, n);
#else
	(void)p;
	(void)n;
#endif
}

/* Mark memory like poison(), but keep its bytes for unpoison(). */
static inline void
poison_keep(void *p, size_t n)
{
#if defined(POISON_ASAN)
	__asan_poison_memory_region(p, n);
#else
	(void)p;
	(void)n;
#endif
}

static inline void
unpoison(void *p, size_t n)
{
#if defined(POISON_ASAN)
	__asan_unpoison_memory_region(p, n);
#else
	(void)p;
	(void)n;
#endif
}

#endif
