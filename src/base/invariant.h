/*
 * invariant(expr) states a condition that holds whatever a peer sends. If it is
 * false, our code is wrong, and the process stops before more is damaged. The
 * check is never compiled out.
 *
 * The process ends by SIGABRT, with file, line and expression on stderr. A
 * program that can say more (the last events) does so in its handler of that
 * signal. Do not use invariant() for wrong input: answer it with a numeric, or
 * return false to the caller.
 */
#ifndef BASE_INVARIANT_H
#define BASE_INVARIANT_H

#include <stdnoreturn.h>

#define invariant(expr)   \
	((expr) ? (void)0 \
		: invariant_failed(__FILE__, __LINE__, __func__, #expr))

/* End the process; only invariant() calls this. */
noreturn void invariant_failed(const char *file, unsigned int line,
    const char *func, const char *expr);

#endif
