/*
 * mode.h - channel modes, member statuses and user modes as rows (mode.def).
 */
#ifndef CORE_MODE_H
#define CORE_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum mode_type { MODE_LIST, MODE_KEY, MODE_LIMIT, MODE_FLAG };

enum chan_mode {
#define CHANMODE(ID, letter, name, type, what, scenario) CM_##ID,
#include "core/types/mode.def"
#undef CHANMODE
	CM_COUNT
};

#define CM_LISTS (CM_INVEX + 1) /* the lists come first */

enum status {
#define STATUS(ID, letter, prefix, name, what, scenario) ST_##ID,
#include "core/types/mode.def"
#undef STATUS
	ST_COUNT
};

enum user_mode {
#define USERMODE(ID, letter, name, what, scenario) UM_##ID,
#include "core/types/mode.def"
#undef USERMODE
	UM_COUNT
};

/* Sets of modes are masks of these bits. */
#define CMB(ID) (1u << CM_##ID)
#define STB(ID) (1u << ST_##ID)
#define UMB(ID) (1u << UM_##ID)

struct chan_mode_row {
	char letter;
	const char *name;
	enum mode_type type;
};
struct status_row {
	char letter;
	char prefix;
	const char *name;
};
struct user_mode_row {
	char letter;
	const char *name;
};

/* Static; not of *_COUNT. */
const struct chan_mode_row *chan_mode_row(enum chan_mode);
const struct status_row *status_row(enum status);
const struct user_mode_row *user_mode_row(enum user_mode);

/* By letter, by name, by prefix; *_COUNT if there is none. */
enum chan_mode chan_mode_of_letter(char);
enum chan_mode chan_mode_of_name(struct span);
enum status status_of_letter(char);
enum status status_of_name(struct span);
enum status status_of_prefix(char);
enum user_mode user_mode_of_letter(char);
enum user_mode user_mode_of_name(struct span);

/* Rank of a set of statuses: the lower the number the higher; ST_COUNT: none.
 */
enum status status_highest(uint32_t set);

#endif
