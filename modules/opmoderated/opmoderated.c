/*
 * +U: the messages of users who may not speak on the channel go to its
 * operators (Solanum +z, "op-moderated"). The letter is that of InspIRCd for a
 * mode of this name, since +z is "only users with TLS" there and here.
 *
 * A user may not speak for +m, for a ban, and for modes of other modules that
 * silence users, as +M. +n is none of these, as on Solanum: outsiders would
 * speak to operators of whom they know nothing.
 *
 * The message is one to a status, `@#channel`, as with "opmod_send_statusmsg"
 * of Solanum. So the operators see that the others do not read it, and servers
 * without the module deliver it, too.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

static const struct chan_mode_row mode = {
	.letter = 'U',
	.name = "op-moderated",
	.field = "mode/op-moderated",
	.type = MODE_FLAG,
	.what = "operators read what users say who may not speak",
};

static enum status
divert(const struct speech *x)
{
	(void)x;
	return ST_OP;
}

static const struct divert_row hook = { &mode, divert };

static const struct rows rows = {
	.of = "opmoderated",
	.chan_mode = &mode,
	.nchan_mode = 1,
	.divert = &hook,
	.ndivert = 1,
};

MODULE(opmoderated) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "opmoderated",
	.version = "1",
	.purpose = "channel mode +U: operators read those who may not speak",
	.rows = &rows,
};
