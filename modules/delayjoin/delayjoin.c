/*
 * +D: others do not see a user who joins before the user acts on the channel
 * (ircu, UnrealIRCd and InspIRCd +D). The row says so (struct chan_mode_row);
 * whether a member is seen is a fact of the core, and every server shows it,
 * also one without this module (doc/decisions/0054).
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

static const struct chan_mode_row mode = {
	.letter = 'D',
	.name = "delay-join",
	.field = "mode/delay-join",
	.type = MODE_FLAG,
	.what = "users who join are seen when they act",
	.veils = true,
};

static const struct rows rows = {
	.of = "delayjoin",
	.chan_mode = &mode,
	.nchan_mode = 1,
};

MODULE(delayjoin) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "delayjoin",
	.version = "1",
	.purpose = "channel mode +D: users who join are seen when they act",
	.rows = &rows,
};
