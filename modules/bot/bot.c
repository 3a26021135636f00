/*
 * User mode +B, for bots to say what they are (IRCv3 bot-mode). WHO has the
 * flag B, WHOIS 335, and messages have the tag `bot` for clients with
 * message-tags.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

static const struct numeric_row whois = { 335, "RPL_WHOISBOT", "$ :is a bot" };

static const struct user_mark mark = {
	.flag = 'B',
	.whois = &whois,
	.tag = "bot",
};

static const struct user_mode_row mode = {
	.letter = 'B',
	.name = "bot",
	.field = "mode/bot",
	.what = "is a bot",
	.mark = &mark,
};

static const struct isupport_row token = { .name = "BOT", .text = "B" };

static const struct rows rows = {
	.of = "bot",
	.user_mode = &mode,
	.nuser_mode = 1,
	.numeric = &whois,
	.nnumeric = 1,
	.isupport = &token,
	.nisupport = 1,
};

MODULE(bot) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "bot",
	.version = "1",
	.purpose = "user mode +B: bots say what they are",
	.rows = &rows,
};
