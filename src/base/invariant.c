/*
 * invariant() calls the libc function behind assert(): it writes a message and
 * aborts, and needs no stdio and no global of ours in the pure folders.
 * assert() itself was rejected: NDEBUG, which a packager may set, would remove
 * the checks.
 */
#undef NDEBUG
#include "base/invariant.h"

#include <assert.h>

noreturn void
invariant_failed(const char *file, unsigned int line, const char *func,
    const char *expr)
{
	__assert_fail(expr, file, line, func);
}
