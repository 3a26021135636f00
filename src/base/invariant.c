/*
 * The libc function behind assert() does what is wanted, writes and aborts,
 * without stdio or a global of ours in the pure folders. assert() itself is
 * not used: NDEBUG, which a packager may set, would remove the checks.
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
