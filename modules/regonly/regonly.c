/*
 * Things that only users with an account may do: join a channel with +R, speak
 * on one with +M, and message a user with +R (Solanum +r and +R, UnrealIRCd and
 * InspIRCd +R and +M; numerics 477 and 486).
 *
 * An account is the register `account` of a user. Nothing gives one yet, so the
 * modes refuse everybody, and a user must take care not to lock a channel.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

static bool
has_account(const struct facts *f, const struct user *u)
{
	return user_value(f, u, SPAN("account")) != NULL;
}

enum { NEED_ACCOUNT, NO_ACCOUNT };

static const struct numeric_row numerics[] = {
	[NEED_ACCOUNT] = { 477, "ERR_NEEDREGGEDNICK",
	    "$ :Cannot join channel (+R) - you need an account" },
	[NO_ACCOUNT] = { 486, "ERR_NONONREG",
	    "$ :has +R: you need an account to message this user" },
};

enum { JOIN, SPEAK };

static const struct chan_mode_row chan_modes[] = {
	[JOIN] = {
	    .letter = 'R',
	    .name = "accounts-only",
	    .field = "mode/accounts-only",
	    .type = MODE_FLAG,
	    .what = "only users with an account join",
	},
	[SPEAK] = {
	    .letter = 'M',
	    .name = "accounts-speak",
	    .field = "mode/accounts-speak",
	    .type = MODE_FLAG,
	    .what = "only members with a status or an account speak",
	},
};

static const struct numeric_row *
join(const struct joining *x)
{
	return has_account(x->st->facts, x->by) ? NULL
						: &numerics[NEED_ACCOUNT];
}

static const struct join_row join_hook = { &chan_modes[JOIN], join };

static const char *
speak(struct speech *x)
{
	if (x->member != NULL && member_rights(x->member) != 0)
		return NULL;
	return has_account(x->st->facts, x->by) ? NULL : "+M";
}

static const struct speak_row speak_hook = {
	.mode = &chan_modes[SPEAK], .speak = speak, .silences = true
};

/* ---- messages to users -------------------------------------------------- */

static const struct user_mode_row user_mode = {
	.letter = 'R',
	.name = "accounts-only",
	.field = "mode/accounts-only",
	.what = "only users with an account may message you",
};

static bool
receive(struct messaging *x)
{
	enum user_mode m = user_mode_of_letter(x->st->tables, user_mode.letter);

	if (m == UM_NONE || (x->to->modes >> m & 1) == 0 || x->by == x->to ||
	    has_account(x->st->facts, x->by))
		return true;
	x->told[0] = &numerics[NO_ACCOUNT];
	return false;
}

static const struct message_row message_hook = { .receive = receive,
	.mode = &user_mode };

static const struct rows rows = {
	.of = "regonly",
	.chan_mode = chan_modes,
	.nchan_mode = 2,
	.user_mode = &user_mode,
	.nuser_mode = 1,
	.numeric = numerics,
	.nnumeric = 2,
	.speak = &speak_hook,
	.nspeak = 1,
	.join = &join_hook,
	.njoin = 1,
	.message = &message_hook,
	.nmessage = 1,
};

MODULE(regonly) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "regonly",
	.version = "1",
	.purpose = "modes +R and +M: users with an account only",
	.rows = &rows,
};
