/*
 * skeleton - a module to copy. It has one row of several kinds, and a comment
 * for each decision that you make for your own.
 *
 * 1. Begin with what users see: the transcript, skeleton.txt.
 * 2. Write the rows. core/types/tables.h has the kinds; the rows of the core in
 *    core/cmd/cmd.def, core/types/mode.def and wire/numeric.def are examples.
 * 3. Point to them from one struct rows, and to that from the descriptor.
 *
 * Nothing here may be writable, read a clock, or wait. The core calls the
 * functions of rows in its steps; core/cmd/cmd.h and core/answers/reply.h have
 * what these may call.
 */
#include "core/module.h" /* the descriptor */

#include "base/ascii.h"
#include "core/cmd/cmd.h"

/* ---- numerics ----------------------------------------------------------- */

enum { GREETING };

/* The number must be free: no other module and no numeric of the core may have
 * it. `make check` finds two that are the same. Each $ in the form is an
 * argument of reply_row(). */
static const struct numeric_row numerics[] = {
	[GREETING] = {
	    .number = 998,
	    .name = "RPL_SKELETON",
	    .form = "$ :says hello to you, $",
	},
};

/* ---- a command ---------------------------------------------------------- */

/*
 * SKELETON nick. The row says that there is one parameter, so it is there; and
 * that the user is registered, so c->user is not NULL.
 *
 * cmd_find_user() sends 401 by itself. A command that changes something adds a
 * part to its entry (cmd_add_part,
 * cmd_add_later); it never changes anything by itself.
 */
static void
skeleton(struct cmd *c)
{
	const struct user *u = cmd_find_user(c, cmd_arg(c, 0));

	if (u == NULL)
		return;
	reply_row(c->st, c->s, &numerics[GREETING], user_nick(u),
	    user_nick(c->user));
}

static const struct command_row command = {
	.name = SPAN_INIT("SKELETON"),
	.run = skeleton,
	.min = 1,
	.when = COMMAND_USERS,
	.syntax = "nick",
	.help = "Lets a user say hello to you. HELP shows this text.",
};

/* ---- a mode of channels, and a hook ------------------------------------- */

/* The letter must be free among the modes and statuses of channels, and so must
 * the name, by which other servers know the mode. A mode with a value has a
 * struct mode_value, and a list its numerics. */
static const struct chan_mode_row quiet = {
	.letter = 'X',
	.name = "no-shouting",
	.field = "mode/no-shouting",
	.type = MODE_FLAG,
	.what = "text in capitals is refused",
};

/* The hook sees the message and the facts, and answers: NULL, or the mode that
 * forbids the message. It may put another text in the place of x->text. */
static const char *
may_speak(struct speech *x)
{
	bool shouts = false;

	for (size_t i = 0; i < x->text.n; i++) {
		if (ascii_is_lower(x->text.p[i]))
			return NULL;
		shouts = shouts || ascii_is_upper(x->text.p[i]);
	}
	return shouts ? "+X" : NULL;
}

/* The hook is asked on channels that have the mode. */
static const struct speak_row hook = { .mode = &quiet, .speak = may_speak };

/* ---- a token of ISUPPORT ------------------------------------------------ */

static const struct isupport_row token = { .name = "SKELETON", .text = "X" };

/* ---- the module --------------------------------------------------------- */

static const struct rows rows = {
	.of = "skeleton", /* the same as the name of the module */
	.command = &command,
	.ncommand = 1,
	.chan_mode = &quiet,
	.nchan_mode = 1,
	.numeric = numerics,
	.nnumeric = sizeof(numerics) / sizeof(numerics[0]),
	.isupport = &token,
	.nisupport = 1,
	.speak = &hook,
	.nspeak = 1,
};

MODULE(skeleton) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "skeleton", /* the file is skeleton.so */
	.version = "1",
	.purpose = "an example to copy",
	.rows = &rows,
};
