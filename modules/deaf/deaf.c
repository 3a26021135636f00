/*
 * +D: the user is sent no messages to channels (Solanum +D "deaf", UnrealIRCd
 * and InspIRCd +d). The row says so (struct user_mode_row): the server of the
 * user leaves them out. An echo of the user's own message is sent.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

static const struct user_mode_row mode = {
	.letter = 'D',
	.name = "deaf",
	.field = "mode/deaf",
	.what = "hears no messages to channels",
	.deaf = true,
};

static const struct isupport_row token = { .name = "DEAF", .text = "D" };

static const struct rows rows = {
	.of = "deaf",
	.user_mode = &mode,
	.nuser_mode = 1,
	.isupport = &token,
	.nisupport = 1,
};

MODULE(deaf) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "deaf",
	.version = "1",
	.purpose = "user mode +D: no messages to channels",
	.rows = &rows,
};
