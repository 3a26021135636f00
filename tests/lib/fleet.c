#include "lib/fleet.h"

#include <stddef.h>

#include "core/answers/reply.h"
#include "core/cmd/cmd.h"
#include "core/facts/unknown.h"
#include "core/types/mode_value.h"

static const struct numeric_row numerics[] = {
	{ 902, "RPL_FLEET", "$ :ships" },
	{ 941, "RPL_PIERLIST", "$ $ $ $" },
	{ 940, "RPL_ENDOFPIERLIST", "$ :End of piers" },
	{ 903, "RPL_BERTH", "$ :%" },
};

static const char *
draught_check(struct span s, const struct settings *set)
{
	uint64_t v;

	(void)set;
	return span_u64(s, &v) && v <= 99 ? NULL : "Not a draught";
}

static bool
draught_is_shown(struct span s)
{
	uint64_t v;

	return span_u64(s, &v);
}

static void
draught_normalise(struct writer *w, struct span s)
{
	uint64_t v = 0;

	(void)span_u64(s, &v);
	writer_u64(w, v);
}

static const struct mode_value draught = {
	.check = draught_check,
	.is_shown = draught_is_shown,
	.normalise = draught_normalise,
};

static const struct mode_list pier = {
	.item = &numerics[1],
	.end = &numerics[2],
};

static const struct chan_mode_row chan_modes[] = {
	{ .letter = 'C',
	    .name = "calm",
	    .field = "mode/calm",
	    .type = MODE_FLAG,
	    .what = "no waves" },
	{ .letter = 'd',
	    .name = "draught",
	    .field = "mode/draught",
	    .type = MODE_VALUE,
	    .value = &draught,
	    .what = "how deep the water is" },
	{ .letter = 'g',
	    .name = "pier",
	    .field = "mode/pier",
	    .type = MODE_LIST,
	    .list = &pier,
	    .what = "where ships may moor" },
};

static const struct status_row statuses[] = {
	{ .letter = 'u',
	    .prefix = '$',
	    .rank = 15,
	    .give = RANK_HALFOP,
	    .over = RANK_OP,
	    .name = "pilot",
	    .lacking = "pilot",
	    .what = "steers" },
};

static const struct user_mode_row user_modes[] = {
	{ .letter = 'B',
	    .name = "boat",
	    .field = "mode/boat",
	    .what = "is a boat" },
};

static const struct cap_row caps[] = {
	{ .name = "banyan.test/fleet", .values = "sail,oar" },
};

static void
write_piers(struct writer *w, const struct isupport_from *from)
{
	writer_char(w, chan_mode_row(from->tables, CM_BUILTIN + 2)->letter);
	writer_char(w, ':');
	writer_u64(w, from->settings->list_max);
}

static bool
has_dock(const struct isupport_from *from)
{
	return from->settings->list_max > 100;
}

static const struct isupport_row tokens[] = {
	{ .name = "FLEET" },
	{ .name = "SAILS", .text = "main,jib" },
	{ .name = "DRAUGHTLEN",
	    .number = offsetof(struct settings, targets_max) },
	{ .name = "PIERS", .write = write_piers },
	{ .name = "DOCK", .text = "dry", .is_told = has_dock },
};

static void
cmd_fleet(struct cmd *c)
{
	reply_row(c->st, c->s, &numerics[0], cmd_arg(c, 0));
}

static const struct later_row berth = { "BERTH", "register,1,u1" };

/* BERTH nick tells the berth of a user; BERTH nick :place sets it. */
static void
cmd_berth(struct cmd *c)
{
	const struct user *u = cmd_find_user(c, cmd_arg(c, 0));
	const struct unknown *x;

	if (u == NULL)
		return;
	if (c->m->nparam > 1) {
		cmd_add_later(c, &berth, uid_span(&u->uid),
		    text_of(cmd_arg(c, 1)));
		return;
	}
	x = unknown_register(c->facts, &berth, uid_span(&u->uid));
	reply_row(c->st, c->s, &numerics[3], user_nick(u),
	    x != NULL ? unknown_text(x).s : SPAN("at sea"));
}

static const struct command_row commands[] = {
	{ SPAN_INIT("FLEET"), cmd_fleet, 1, COMMAND_USERS, "name",
	    "Counts ships." },
	{ SPAN_INIT("BERTH"), cmd_berth, 1, COMMAND_USERS, "nick [:place]",
	    "Shows or sets the berth of a user." },
};

#define N(array) (sizeof(array) / sizeof((array)[0]))

const struct rows fleet = {
	.of = "fleet",
	.command = commands,
	.ncommand = N(commands),
	.chan_mode = chan_modes,
	.nchan_mode = N(chan_modes),
	.status = statuses,
	.nstatus = N(statuses),
	.user_mode = user_modes,
	.nuser_mode = N(user_modes),
	.cap = caps,
	.ncap = N(caps),
	.numeric = numerics,
	.nnumeric = N(numerics),
	.isupport = tokens,
	.nisupport = N(tokens),
	.later = &berth,
	.nlater = 1,
};
