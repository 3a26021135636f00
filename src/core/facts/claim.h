/*
 * claim.h - which of the users that claim a nick holds it (doc/link-protocol.md,
 * 9.5).
 */
#ifndef CORE_CLAIM_H
#define CORE_CLAIM_H

#include "core/facts/facts.h"

/* Return true if a keeps the nick that a and b both claim. */
bool claim_is_less(const struct user *a, const struct user *b);

#endif
