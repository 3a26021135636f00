/*
 * hook.h - points at which rows have a say.
 *
 * A hook sees facts as const, and answers. It changes nothing but its answer. A
 * point without hooks costs one test. To add a point: a row type here, a member
 * of struct rows and of struct tables (tables.h), a check (row_check.h), and
 * the call where the question is asked.
 */
#ifndef CORE_HOOK_H
#define CORE_HOOK_H

#include "base/arena.h"
#include "base/span.h"

struct chan;
struct chan_mode_row;
struct member;
struct tables;
struct user;

/* A message of a user to a channel, before it is said. */
struct speech {
	const struct tables *tables;
	struct arena *arena; /* for a new text; lives to the end of the step */
	const struct chan *chan;
	const struct user *by;
	const struct member *member; /* of the user there; NULL: not on it */
	struct span verb;	     /* PRIVMSG, NOTICE or TAGMSG */
	/* a hook may replace it by one that is not longer; empty for TAGMSG */
	struct span text;
};

/* Whether a user may speak on a channel, and with which text. */
struct speak_row {
	/* The flag without which the hook is not asked; a row of the same
	 * source. NULL: the hook is always asked. */
	const struct chan_mode_row *mode;
	/* Return NULL if the user may, else the mode that forbids it: "+C" for
	 * 404. It is asked after the modes of the core have allowed it. */
	const char *(*speak)(struct speech *);
};

/* A row as a core asks it. */
struct speak_hook {
	const struct speak_row *row;
	uint64_t modes; /* the channel has one of these modes; 0: always */
};

#define HOOKS_MAX 64 /* at one point */

/* Return the mode that forbids the speech, or NULL. The text may be another one
 * afterwards. */
const char *speak_ask(struct speech *, uint64_t modes);

#endif
