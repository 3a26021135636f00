/*
 * +T: no NOTICE to the channel (UnrealIRCd +T, InspIRCd "nonotice"). It holds
 * for everybody, whatever their status. As an answer to a NOTICE is never sent
 * (modern-irc, "NOTICE message"), the notice is dropped without a word.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

static const struct chan_mode_row mode = {
	.letter = 'T',
	.name = "no-notices",
	.field = "mode/no-notices",
	.type = MODE_FLAG,
	.what = "no NOTICE to the channel",
};

static const char *
speak(struct speech *x)
{
	return span_eq(x->verb, SPAN("NOTICE")) ? "+T" : NULL;
}

static const struct speak_row hook = { .mode = &mode, .speak = speak };

static const struct rows rows = {
	.of = "nonotice",
	.chan_mode = &mode,
	.nchan_mode = 1,
	.speak = &hook,
	.nspeak = 1,
};

MODULE(nonotice) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "nonotice",
	.version = "1",
	.purpose = "channel mode +T: no NOTICE to the channel",
	.rows = &rows,
};
