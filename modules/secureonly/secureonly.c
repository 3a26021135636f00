/*
 * Things that need TLS: joining a channel with +z (UnrealIRCd +z, InspIRCd +z,
 * numeric 489), and messages from and to a user with +Z (UnrealIRCd +Z,
 * InspIRCd +z, numeric 531).
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

/* link-protocol.md, 11.19 */
static bool
is_secure(const struct facts *f, const struct user *u)
{
	return user_value(f, u, SPAN("secure")) != NULL;
}

enum { JOIN, MESSAGE };

static const struct numeric_row numerics[] = {
	[JOIN] = { 489, "ERR_SECUREONLYCHAN",
	    "$ :Cannot join channel (+z) - you are not connected with TLS" },
	[MESSAGE] = { 531, "ERR_CANTSENDTOUSER",
	    "$ :Cannot message this user, as +Z needs TLS on both sides" },
};

static const struct chan_mode_row chan_mode = {
	.letter = 'z',
	.name = "secure-only",
	.field = "mode/secure-only",
	.type = MODE_FLAG,
	.what = "only users with TLS join",
};

static const struct numeric_row *
join(const struct joining *x)
{
	return is_secure(x->st->facts, x->by) ? NULL : &numerics[JOIN];
}

static const struct join_row join_hook = { &chan_mode, join };

/* ---- messages to users -------------------------------------------------- */

static const struct user_mode_row user_mode = {
	.letter = 'Z',
	.name = "secure-only",
	.field = "mode/secure-only",
	.what = "only users with TLS may message you",
};

/* Return true if one user wants TLS and the other one has none. */
static bool
is_refused(const struct step *st, const struct user *wants,
    const struct user *other)
{
	enum user_mode m = user_mode_of_letter(st->tables, user_mode.letter);

	return m != UM_NONE && (wants->modes >> m & 1) != 0 && wants != other &&
	       !is_secure(st->facts, other);
}

static const struct numeric_row *
send(const struct messaging *x)
{
	return is_refused(x->st, x->by, x->to) ? &numerics[MESSAGE] : NULL;
}

static bool
receive(struct messaging *x)
{
	if (!is_refused(x->st, x->to, x->by))
		return true;
	x->told[0] = &numerics[MESSAGE];
	return false;
}

static const struct message_row message_hook = {
	.send = send, .receive = receive, .mode = &user_mode
};

static const struct rows rows = {
	.of = "secureonly",
	.chan_mode = &chan_mode,
	.nchan_mode = 1,
	.user_mode = &user_mode,
	.nuser_mode = 1,
	.numeric = numerics,
	.nnumeric = 2,
	.join = &join_hook,
	.njoin = 1,
	.message = &message_hook,
	.nmessage = 1,
};

MODULE(secureonly) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "secureonly",
	.version = "1",
	.purpose = "channel mode +z and user mode +Z: users with TLS only",
	.rows = &rows,
};
