/*
 * privilege.h - the privileges that operators can have, as rows
 * (privilege.def). doc/decisions/0041 says where a user's are kept.
 *
 * To add one: a row, and a command that asks for it by cmd_may()
 * (core/cmd/cmd.h).
 */
#ifndef CORE_PRIVILEGE_H
#define CORE_PRIVILEGE_H

#include <stdint.h>

#include "base/span.h"
#include "base/writer.h"

enum privilege {
#define PRIVILEGE(ID, name, what, scenario) PRIV_##ID,
#include "core/types/privilege.def"
#undef PRIVILEGE
	PRIV_COUNT
};

/* Sets of privileges are masks of these bits, a uint32_t. */
#define PRIVB(ID) (UINT32_C(1) << PRIV_##ID)
#define PRIVILEGES_ALL ((UINT32_C(1) << PRIV_COUNT) - 1)

struct privilege_row {
	struct span name;
	const char *what; /* what an operator who has it may do */
};

extern const struct privilege_row privilege_row[PRIV_COUNT];

/* Return the privilege of that name, or PRIV_COUNT if there is none. */
enum privilege privilege_find(struct span name);

/* Write the names of a set, with spaces between them, in the order of the rows.
 */
void privileges_write(struct writer *, uint32_t set);

/* Return the set whose names are the words of the text. Pass over words that
 * are no names. */
uint32_t privileges_read(struct span text);

#endif
