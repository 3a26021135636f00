/*
 * +O: only server operators may join (Solanum "chm_operonly", UnrealIRCd and
 * InspIRCd +O, numeric 520). Operators alone may set it, so that nobody shuts a
 * channel that they could not enter again; an operator of the channel may unset
 * it.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

static const struct numeric_row refused = { 520, "ERR_OPERONLY",
	"$ :Cannot join channel (+O) - you are not a server operator" };

static bool
may_set(struct cmd *c, bool on)
{
	if (!on || cmd_is_oper(c))
		return true;
	reply0(c->st, c->s, ERR_NOPRIVILEGES);
	return false;
}

static const struct chan_mode_row mode = {
	.letter = 'O',
	.name = "oper-only",
	.field = "mode/oper-only",
	.type = MODE_FLAG,
	.what = "only server operators join",
	.may_set = may_set,
};

static const struct numeric_row *
join(const struct joining *x)
{
	return (x->by->modes & UMB(OPER)) != 0 ? NULL : &refused;
}

static const struct join_row hook = { &mode, join };

static const struct rows rows = {
	.of = "operonly",
	.chan_mode = &mode,
	.nchan_mode = 1,
	.numeric = &refused,
	.nnumeric = 1,
	.join = &hook,
	.njoin = 1,
};

MODULE(operonly) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "operonly",
	.version = "1",
	.purpose = "channel mode +O: only server operators may join",
	.rows = &rows,
};
