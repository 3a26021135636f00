/*
 * +N: members of the channel keep their nicks (UnrealIRCd +N, InspIRCd
 * "nonicks", numeric 447). It holds for all members, whatever their status: a
 * change of nick is a line for everybody there.
 *
 * A user who loses a nick collision gets another nick all the same, since
 * nobody asks for that (link-protocol.md, 9.8).
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

static const struct numeric_row refused = { 447, "ERR_NONICKCHANGE",
	"$ :Cannot change nickname while on $ (+N)" };

static const struct chan_mode_row mode = {
	.letter = 'N',
	.name = "no-nicks",
	.field = "mode/no-nicks",
	.type = MODE_FLAG,
	.what = "members keep their nicks",
};

static const struct numeric_row *
keep(const struct renaming *x)
{
	(void)x;
	return &refused;
}

static const struct nick_row hook = { &mode, keep };

static const struct rows rows = {
	.of = "nonick",
	.chan_mode = &mode,
	.nchan_mode = 1,
	.numeric = &refused,
	.nnumeric = 1,
	.nick = &hook,
	.nnick = 1,
};

MODULE(nonick) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "nonick",
	.version = "1",
	.purpose = "channel mode +N: members keep their nicks",
	.rows = &rows,
};
