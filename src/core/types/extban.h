/*
 * extban.h - extended bans: masks of channel lists that ask something else of a
 * user than nick, user and host (doc/decisions/0049).
 *
 *	extban	= ( "~" / "$" ) [ "!" / "~" ] name [ ":" value ]
 *
 * The name is that of a row, in any case, or one of its letters. The `!` or `~`
 * in the second place inverts what the row answers. Clients may type any of
 * these forms. Lists hold one form: `~name:value`, and `~!name:value` if it is
 * inverted. A text is a plain mask, and no extended ban, if an `@` or a `!`
 * comes before its first colon: `~user@host` is a mask.
 *
 * A row may wrap another mask: `~mute:*!*@host`. Its value is then a mask of
 * either kind, and the row says when that counts.
 *
 * An extended ban for which this server has no row is kept and sent on, and
 * matches nobody here, inverted or not. HACKING.md, example 5, says how to add
 * a row.
 */
#ifndef CORE_EXTBAN_H
#define CORE_EXTBAN_H

#include "base/mtime.h"
#include "base/span.h"
#include "base/writer.h"
#include "wire/mask.h"

struct facts;
struct settings;
struct tables;
struct user;

/* The questions for which lists are read. */
enum mask_use { MASK_FOR_JOIN = 1, MASK_FOR_SPEECH = 2, MASK_FOR_ANY = 3 };

/* A user whom the masks of a list are compared with. */
struct mask_test {
	const struct facts *facts;
	const struct tables *tables;
	const struct user *user;
	struct mask_who who;
	enum mask_use use;
	struct wall wall; /* the time of the step */
	size_t steps; /* what it has cost, in the units of core/types/cost.h */
};

enum extban_answer {
	EXTBAN_NO,
	EXTBAN_YES,
	EXTBAN_VOID /* no answer, and none if the ban is inverted */
};

/* The server and the list for which a mask is written. */
struct mask_rules {
	const struct tables *tables;
	const struct settings *settings;
	const struct facts *facts;
	unsigned uses; /* of the list, MASK_FOR_… */
	/* the user who sets it; NULL: a server, or nobody sets it */
	const struct user *by;
};

enum extban_value { EXTBAN_BARE, EXTBAN_MAY, EXTBAN_MUST };

struct extban_row {
	const char *name;    /* small letters */
	const char *also;    /* another name, which is read; or NULL */
	const char *letters; /* one or more */
	enum extban_value value;
	/* Return NULL if clients may set that value, else why not. NULL: any
	 * word will do. */
	const char *(*check)(struct span, const struct mask_rules *);
	/* Answer for the user, and add to the steps what more than a visit
	 * costs. The value is empty if there is none. Other servers may have
	 * set any value. NULL: the row wraps a mask. */
	enum extban_answer (*match)(struct mask_test *, struct span value);
	/* For a row that wraps: return the mask at the end of the value, or an
	 * empty span if there is none. */
	struct span (*inner)(struct span value);
	enum mask_use use; /* for a row that wraps: when the mask counts */
	/* For a row that wraps: return the number of seconds after which the
	 * mask expires if a client sets it now. NULL: it never expires. */
	uint32_t (*lasts_s)(struct span value);
	const char *what; /* a few words for HELP */
};

/* An extended ban that was read. */
struct extban {
	const struct extban_row *row; /* NULL: this server has none */
	bool inverted;
	struct span value;
};

/* Return false if the mask is a plain one; else read it. All spans are borrowed
 * from the mask. */
bool extban_read(const struct tables *, struct span mask, struct extban *);

/* Write a mask of either kind, as a client typed it, in the form that lists
 * hold. Return NULL, or the reason for which a client may not set the mask; the
 * writer may then have a part of the mask. */
const char *mask_write(struct writer *, const struct mask_rules *,
    struct span mask);

/* Read a value of minutes: from 1 to 525600, which is a year, and without a
 * zero in front, so that equal values are equal texts. */
bool extban_minutes(struct span, uint64_t *minutes);

/* Return the number of seconds after which a mask in that form expires if it
 * is set now, or 0 if it never expires. */
uint32_t mask_lasts_s(const struct tables *, struct span mask);

/* Return true if the mask, which may be an extended ban, matches the user of
 * the test. */
bool mask_hits(struct mask_test *, struct span mask);

#endif
