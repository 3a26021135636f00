/*
 * judge.h - whether a user is on the lists of channels that have very many
 * masks, found out in pieces before a command runs.
 *
 * A command may name many channels, and a linked server may give each of them
 * any number of masks. So a command that asks whether its user is on lists
 * calls judge_lists() first, before it answers or adds anything. If the masks
 * are many, the line waits while they are compared in slices of the turns to
 * come, and is run again then. chan_list_matches() and is_on_list() find the
 * verdicts (sessions/access.h). So the client is answered the same, but later.
 */
#ifndef CORE_CMD_JUDGE_H
#define CORE_CMD_JUDGE_H

#include "base/span.h"
#include "core/types/extban.h"
#include "core/types/mode.h"

struct chan;
struct cmd;
struct session;
struct user;

#define JUDGED_ALSO 32 /* channels besides the one that an item names */

/* The lists that a command asks about. */
struct judged {
	/* Return the channel that an item of the names is about, or NULL if the
	 * command asks for no list of it. */
	const struct chan *(*find)(const struct cmd *, struct span item);
	/* Write the other channels whose lists may decide, in *also, and return
	 * how many there are. NULL: there are none. */
	size_t (*also)(struct cmd *, const struct chan *,
	    const struct chan *also[JUDGED_ALSO]);
	/* hidden incarnations count, too (core/rider.h) */
	bool riders;
	enum mask_use use;
	unsigned nlist;
	enum chan_mode list[3];
};

/* Return true if the command may go on, or false if its line waits. The names
 * are separated by commas. They are in the line, or found anew each time that
 * the line runs. */
bool judge_lists(struct cmd *, struct span names, const struct judged *);

/* How many users a test is true for. */
struct user_count {
	size_t local, all; /* of them: users of this server; all shown users */
	size_t users;	   /* shown users that were looked at */
};

/*
 * Count the users who are shown, and those for whom is_hit() is true. Return
 * true if the count is done, or false if the line waits: it is run again then,
 * and must come here with the same test. is_hit() adds to *steps what it
 * compares.
 */
bool judge_users(struct cmd *,
    bool (*is_hit)(const struct cmd *, const struct user *, const void *ctx,
	size_t *steps),
    const void *ctx, struct user_count *);

/* Forget the line that waits, if one does: the session ends. */
void judge_drop(struct session *);

#endif
