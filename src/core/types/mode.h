/*
 * mode.h - channel modes, member statuses and user modes as rows (mode.def).
 */
#ifndef CORE_MODE_H
#define CORE_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/writer.h"

struct cmd;	    /* core/cmd/cmd.h */
struct mode_list;   /* core/types/mode_value.h */
struct mode_value;  /* core/types/mode_value.h */
struct numeric_row; /* wire/numeric.h */
struct tables;	    /* core/types/tables.h */

enum mode_type { MODE_LIST, MODE_VALUE, MODE_FLAG };

enum chan_mode {
#define CHANMODE(ID, letter, name, type, value, what, scenario) CM_##ID,
#include "core/types/mode.def"
#undef CHANMODE
	CM_BUILTIN,   /* the number of built-in rows */
	CM_NONE = 64, /* no row; and the bound of rows */
};

enum status {
#define STATUS(ID, letter, prefix, name, rank, give, over, lacking, what, \
    scenario)                                                             \
	ST_##ID,
#include "core/types/mode.def"
#undef STATUS
	ST_BUILTIN,
	ST_NONE = 32
};

/* The ranks of the built-in statuses; others may stand between them. */
enum {
	RANK_NONE,
	RANK_VOICE = 10,
	RANK_HALFOP = 20,
	RANK_OP = 30,
	RANK_ADMIN = 40,
	RANK_OWNER = 50
};

enum user_mode {
#define USERMODE(ID, letter, name, what, scenario) UM_##ID,
#include "core/types/mode.def"
#undef USERMODE
	UM_BUILTIN,
	UM_NONE = 64
};

/* Sets of modes are masks of these bits, a uint64_t, and sets of statuses a
 * uint32_t: a membership has one. */
#define CMB(ID) (UINT64_C(1) << CM_##ID)
#define UMB(ID) (UINT64_C(1) << UM_##ID)
#define STB(ID) (UINT32_C(1) << ST_##ID)

/* The register of a mode has this field, followed by the name of the mode. */
#define MODE_FIELD "mode/"

struct chan_mode_row {
	char letter;
	const char *name;
	const char *field; /* of its register: "mode/NAME" */
	enum mode_type type;
	const struct mode_list *list;	/* MODE_LIST only */
	const struct mode_value *value; /* MODE_VALUE only */
	const char *what;		/* a few words for HELP */
	/* MODE_FLAG only. Return true if this client may set or unset it; else
	 * send it why not. NULL: any operator of the channel may. SAMODE does
	 * not ask. */
	bool (*may_set)(struct cmd *, bool on);
	/* MODE_FLAG only: others do not see who joins before they act
	 * (doc/decisions/0054) */
	bool veils;
};
struct status_row {
	char letter;
	char prefix;
	uint8_t rank; /* the greater is above the other */
	uint8_t give; /* the rank that a member needs to give it */
	uint8_t over; /* … to take it, and to kick a member who has it */
	const char *name;
	const char *lacking; /* what 482 says a member of a lower rank is not */
	const char *what;    /* a few words for HELP */
};
#define USER_MARK_TAG 32 /* bytes of a tag, at most */
/* How users who have set a mode are marked for others (IRCv3 bot-mode). */
struct user_mark {
	char flag;			 /* in WHO */
	const struct numeric_row *whois; /* its argument is the nick */
	const char *tag; /* of their messages; without a value */
};
struct user_mode_row {
	char letter;
	const char *name;
	const char *field;	      /* of its register: "mode/NAME" */
	const char *what;	      /* a few words for HELP */
	const struct user_mark *mark; /* NULL: they are not marked */
	bool deaf; /* they are sent no messages to channels */
};

extern const struct chan_mode_row chan_modes_builtin[CM_BUILTIN];
extern const struct status_row statuses_builtin[ST_BUILTIN];
extern const struct user_mode_row user_modes_builtin[UM_BUILTIN];

/* Return the row, which lives as long as the tables; never call these with
 * *_NONE. */
const struct chan_mode_row *chan_mode_row(const struct tables *,
    enum chan_mode);
const struct status_row *status_row(const struct tables *, enum status);
const struct user_mode_row *user_mode_row(const struct tables *,
    enum user_mode);

/* Find a row by letter, by name or by prefix. Return *_NONE if no row has it.
 */
enum chan_mode chan_mode_of_letter(const struct tables *, char);
enum chan_mode chan_mode_of_name(const struct tables *, struct span);
enum status status_of_letter(const struct tables *, char);
enum status status_of_name(const struct tables *, struct span);
enum status status_of_prefix(const struct tables *, char);
enum user_mode user_mode_of_letter(const struct tables *, char);
enum user_mode user_mode_of_name(const struct tables *, struct span);

/* Take one letter off *rest, which is not empty: a character of one or more
 * bytes. */
struct span mode_letter_take(struct span *rest);
/* Return true if an equal letter stands before this one. */
bool mode_letter_is_repeated(struct span letters, struct span one);

/* Append the letter of a row, unless the row is a gap (row_keep.h). */
void mode_letter_write(struct writer *, char letter);
/* Take the next mark off a set of user modes, and return it, or NULL if the set
 * has no more. */
const struct user_mark *user_mark_next(const struct tables *, uint64_t *set);

/* Append the letters of a set of user modes. */
void user_modes_write(struct writer *, const struct tables *, uint64_t set);

/* Return the highest status of a set, or ST_NONE of the empty set. */
enum status status_highest(const struct tables *, uint32_t set);
/* Return the rank of the highest status of a set, or RANK_NONE of the empty
 * set. */
unsigned status_rank(const struct tables *, uint32_t set);
/* Return the set of all statuses of that rank or a higher one. */
uint32_t statuses_from(const struct tables *, unsigned rank);
/* Return the lowest status of that rank or a higher one, or ST_NONE. */
enum status status_of_rank(const struct tables *, unsigned rank);

#endif
