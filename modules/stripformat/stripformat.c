/*
 * +S: the user reads messages without formatting (InspIRCd +S, "stripcolor").
 * Others read them as they were sent.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "wire/format.h"

static const struct user_mode_row mode = {
	.letter = 'S',
	.name = "strip-format",
	.field = "mode/strip-format",
	.what = "reads messages without formatting",
};

static const struct rendered_row hook = { &mode, format_strip };

static const struct rows rows = {
	.of = "stripformat",
	.user_mode = &mode,
	.nuser_mode = 1,
	.rendered = &hook,
	.nrendered = 1,
};

MODULE(stripformat) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "stripformat",
	.version = "1",
	.purpose = "user mode +S: messages are read without formatting",
	.rows = &rows,
};
