/*
 * +C: no CTCP on the channel, but for ACTION, as on Solanum ("chm_noctcp") and
 * InspIRCd ("noctcp"). A CTCP is a text that begins with 0x01. The mode holds
 * for everybody, whatever their status, as it protects the clients of the
 * others.
 *
 * Differs from Solanum, which lets replies (NOTICE) through: a reply to a
 * channel disturbs as much as a question.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "wire/casemap.h"

static const struct chan_mode_row mode = {
	.letter = 'C',
	.name = "no-ctcp",
	.field = "mode/no-ctcp",
	.type = MODE_FLAG,
	.what = "no CTCP but ACTION (/me)",
};

static bool
is_action(struct span text)
{
	struct span word = SPAN("ACTION");
	struct span rest = span_tail(text, 1);

	return casemap_eq(span_head(rest, word.n), word) &&
	       (rest.n == word.n || rest.p[word.n] == ' ' ||
		   rest.p[word.n] == '\1');
}

static const char *
speak(struct speech *x)
{
	if (x->text.n == 0 || x->text.p[0] != '\1' || is_action(x->text))
		return NULL;
	return "+C";
}

static const struct speak_row hook = { .mode = &mode, .speak = speak };

static const struct rows rows = {
	.of = "noctcp",
	.chan_mode = &mode,
	.nchan_mode = 1,
	.speak = &hook,
	.nspeak = 1,
};

MODULE(noctcp) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "noctcp",
	.version = "1",
	.purpose = "channel mode +C: no CTCP but ACTION",
	.rows = &rows,
};
