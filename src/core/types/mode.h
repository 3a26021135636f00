/*
 * mode.h - channel modes, member statuses and user modes as rows (mode.def).
 */
#ifndef CORE_MODE_H
#define CORE_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct mode_value; /* core/types/mode_value.h */

enum mode_type { MODE_LIST, MODE_VALUE, MODE_FLAG };

#define IS_LIST_LIST 1
#define IS_LIST_VALUE 0
#define IS_LIST_FLAG 0
#define IS_VALUE_LIST 0
#define IS_VALUE_VALUE 1
#define IS_VALUE_FLAG 0

enum chan_mode {
#define CHANMODE(ID, letter, name, type, value, what, scenario) CM_##ID,
#include "core/types/mode.def"
#undef CHANMODE
	CM_COUNT,
/* how many rows are lists */
#define CHANMODE(ID, letter, name, type, value, what, scenario) +IS_LIST_##type
	CM_LISTS = 0
#include "core/types/mode.def"
#undef CHANMODE
	,
/* how many rows have a value */
#define CHANMODE(ID, letter, name, type, value, what, scenario) +IS_VALUE_##type
	CM_VALUES = 0
#include "core/types/mode.def"
#undef CHANMODE
};

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
	const char *field; /* of its register: "mode/NAME" */
	enum mode_type type;
	const struct mode_value *value; /* MODE_VALUE only */
};
struct status_row {
	char letter;
	char prefix;
	const char *name;
};
struct user_mode_row {
	char letter;
	const char *name;
	const char *field; /* of its register: "mode/NAME" */
};

/* Return the row, which is static; never call these with *_COUNT. */
const struct chan_mode_row *chan_mode_row(enum chan_mode);
const struct status_row *status_row(enum status);
const struct user_mode_row *user_mode_row(enum user_mode);

/* Find a row by letter, by name or by prefix. Return *_COUNT if no row has it.
 * */
enum chan_mode chan_mode_of_letter(char);
enum chan_mode chan_mode_of_name(struct span);
enum status status_of_letter(char);
enum status status_of_name(struct span);
enum status status_of_prefix(char);
enum user_mode user_mode_of_letter(char);
enum user_mode user_mode_of_name(struct span);

/* Take one letter off *rest, which is not empty: a character of one or more
 * bytes. */
struct span mode_letter_take(struct span *rest);
/* Return true if an equal letter stands before this one. */
bool mode_letter_is_repeated(struct span letters, struct span one);

/* Return the highest status of a set, or ST_COUNT of the empty set. */
enum status status_highest(uint32_t set);

#endif
