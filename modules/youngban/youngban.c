/*
 * ~young:minutes: an extended ban that matches users who have been connected
 * for less than so many minutes. Programs that come to say one thing are young;
 * ~mute:~young:5 lets them wait, and +e ~!young:60 trusts the others.
 *
 * The age is that of the user on the network (+USER), as WHOIS shows it. It is
 * counted by the clock of the server that asks, the user's home.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

#define MS_PER_MINUTE (60 * MS_PER_S)

static const char *
check(struct span value, const struct mask_rules *r)
{
	uint64_t minutes;

	(void)r;
	return extban_minutes(value, &minutes) ? NULL
					       : "Not minutes from 1 to 525600";
}

static enum extban_answer
match(struct mask_test *t, struct span value)
{
	uint64_t minutes;

	if (!extban_minutes(value, &minutes))
		return EXTBAN_VOID;
	return t->wall.ms - user_stamp(t->user).ms <
		       (int64_t)minutes * MS_PER_MINUTE
		   ? EXTBAN_YES
		   : EXTBAN_NO;
}

static const struct extban_row extban = {
	.name = "young",
	.letters = "y",
	.value = EXTBAN_MUST,
	.check = check,
	.match = match,
	.what = "users who have been connected for less than so many minutes",
};

static const struct rows rows = {
	.of = "youngban",
	.extban = &extban,
	.nextban = 1,
};

MODULE(youngban) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "youngban",
	.version = "1",
	.purpose = "extended ban ~young: users who have connected lately",
	.rows = &rows,
};
