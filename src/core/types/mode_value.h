/*
 * mode_value.h - the types of values that channel modes have, and how lists are
 * read. A mode of mode.def names one of either; to add one, add a constant here
 * and in the .c.
 */
#ifndef CORE_MODE_VALUE_H
#define CORE_MODE_VALUE_H

#include <stdbool.h>

#include "base/writer.h"
#include "core/types/settings.h"
#include "wire/numeric.h"

struct cmd; /* core/cmd/cmd.h */

/* A rate: a value of the form times:seconds, such as that of a mode that bounds
 * how often a thing may happen in a time. */
struct mode_rate {
	uint64_t times, seconds;
};

struct mode_value {
	/* The greatest numbers of a value that is a rate, and why a client may
	 * not set another one. Such a type has none of the functions below but
	 * may_set. NULL: it is no rate. */
	const struct mode_rate *most;
	const char *wrong;
	bool arg_to_unset; /* `-` takes a parameter too: CHANMODES type B */
	bool for_members;  /* others are shown `*` in its place */
	/* Return NULL if a client may set it, else why not. */
	const char *(*check)(struct span, const struct settings *);
	/* Return NULL if this client may set a value that the check has passed,
	 * else why not. NULL: any operator of the channel may. */
	const char *(*may_set)(struct cmd *, struct span);
	/* Return true if it can be shown; another server may say anything. */
	bool (*is_shown)(struct span);
	/* Write it in the one form that equal values have. */
	void (*normalise)(struct writer *, struct span);
};

extern const struct mode_value mode_value_key, mode_value_limit;

/* The functions check, is_shown and normalise for a value of any type. */
const char *mode_value_check(const struct mode_value *, struct span,
    const struct settings *);
bool mode_value_is_shown(const struct mode_value *, struct span);
void mode_value_normalise(const struct mode_value *, struct writer *,
    struct span);

struct mode_list {
	const struct numeric_row *item, *end; /* what MODE answers */
	bool for_members;		      /* only members may read it */
};

extern const struct mode_list mode_list_ban, mode_list_except, mode_list_invex;

/* Return the number of a value that mode_value_limit can show. */
uint32_t mode_limit(struct span);

/* Read a rate. Return false if a number is 0 or greater than that of the type,
 * or if the value has another form. */
bool mode_rate_read(const struct mode_value *, struct span, struct mode_rate *);

#endif
