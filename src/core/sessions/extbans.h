/*
 * extbans.h - the extended bans that are built in (extbans.def), and what masks
 * of lists are compared with.
 */
#ifndef CORE_EXTBANS_H
#define CORE_EXTBANS_H

#include "core/state.h"
#include "core/types/extban.h"

enum {
	EXTBAN_BUILTIN = 0 /* the number of built-in rows */
#define EXTBAN(ID, name, also, letters, value, check, match, what, scenario) +1
#define WRAPPER(ID, name, also, letters, check, inner, use, lasts, what, \
    scenario)                                                            \
	+1
#include "core/sessions/extbans.def"
#undef EXTBAN
#undef WRAPPER
};

extern const struct extban_row extbans_builtin[EXTBAN_BUILTIN];

/* Return a test of the user. It borrows from the facts, and is of use in this
 * step alone. */
struct mask_test mask_test_of(const struct step *, const struct user *,
    enum mask_use);

/* Return the uses for which a list is read. */
unsigned mask_uses(enum chan_mode list);

#endif
