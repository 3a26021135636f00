/*
 * invariant(expr): what must hold whatever a peer sends; when it does not,
 * we are wrong, and stop before more is damaged. It is never compiled out.
 *
 * The process ends by SIGABRT with file, line and expression on stderr; a
 * program that can say more (the last events) does so in its handler of that
 * signal. Not for wrong input: that is a numeric, or a false to the caller.
 */
#ifndef BASE_INVARIANT_H
#define BASE_INVARIANT_H

#include <stdnoreturn.h>

#define invariant(expr)   \
	((expr) ? (void)0 \
		: invariant_failed(__FILE__, __LINE__, __func__, #expr))

noreturn void invariant_failed(const char *file, unsigned int line,
    const char *func, const char *expr);

#endif
