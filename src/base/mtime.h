/*
 * Two kinds of time that the compiler keeps apart. Timers use the monotonic
 * clock. Stamps, expiry and the times that users see use the wall clock. Both
 * clocks come in with events: no pure folder reads a clock.
 */
#ifndef BASE_MTIME_H
#define BASE_MTIME_H

#include <stdbool.h>
#include <stdint.h>

struct mono {
	int64_t ns; /* since an unspecified start */
};

struct wall {
	int64_t ms; /* since 1970-01-01T00:00:00Z */
};

#define MONO_NEVER ((struct mono){ INT64_MAX })

#define NS_PER_MS INT64_C(1000000)
#define MS_PER_S INT64_C(1000)

static inline bool
mono_is_never(struct mono t)
{
	return t.ns == INT64_MAX;
}

/* Return <0, 0 or >0 if a is before, at or after b. */
static inline int
mono_cmp(struct mono a, struct mono b)
{
	return (a.ns > b.ns) - (a.ns < b.ns);
}

static inline struct mono
mono_min(struct mono a, struct mono b)
{
	return a.ns < b.ns ? a : b;
}

/*
 * Return the time ms later (earlier if ms is negative). MONO_NEVER stays never,
 * and a time too late to be represented becomes never.
 */
static inline struct mono
mono_add_ms(struct mono t, int64_t ms)
{
	int64_t ns, sum;

	if (mono_is_never(t) || __builtin_mul_overflow(ms, NS_PER_MS, &ns) ||
	    __builtin_add_overflow(t.ns, ns, &sum))
		return ms < 0 && !mono_is_never(t) ? (struct mono){ INT64_MIN }
						   : MONO_NEVER;
	return (struct mono){ sum };
}

/*
 * Return the whole ms from b to a, rounded towards zero, or INT64_MAX if a is
 * never.
 */
static inline int64_t
mono_sub_ms(struct mono a, struct mono b)
{
	int64_t ns;

	if (mono_is_never(a))
		return INT64_MAX;
	if (__builtin_sub_overflow(a.ns, b.ns, &ns))
		ns = a.ns > b.ns ? INT64_MAX : INT64_MIN;
	return ns / NS_PER_MS;
}

#endif
