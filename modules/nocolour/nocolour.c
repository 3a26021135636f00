/*
 * +c and +S: a channel without formatted text. With +c it is refused, with +S
 * the codes are removed (InspIRCd "blockcolor" and "stripcolor", UnrealIRCd; on
 * Solanum +c removes them). Both hold for everybody, whatever their status.
 * With both, +c decides.
 *
 * A text of codes alone has nothing to say: +S refuses it.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "wire/format.h"

enum { BLOCK, STRIP };

static const struct chan_mode_row modes[] = {
	[BLOCK] = {
	    .letter = 'c',
	    .name = "block-colour",
	    .field = "mode/block-colour",
	    .type = MODE_FLAG,
	    .what = "formatted text is refused",
	},
	[STRIP] = {
	    .letter = 'S',
	    .name = "strip-colour",
	    .field = "mode/strip-colour",
	    .type = MODE_FLAG,
	    .what = "formatting is removed from text",
	},
};

static const char *
block(struct speech *x)
{
	return format_has(x->text) ? "+c" : NULL;
}

static const char *
strip(struct speech *x)
{
	bool had_text = x->text.n > 0;

	x->text = format_strip(x->st->arena, x->text);
	return had_text && x->text.n == 0 ? "+S" : NULL;
}

static const struct speak_row hooks[] = {
	{ .mode = &modes[BLOCK], .speak = block },
	{ .mode = &modes[STRIP], .speak = strip },
};

static const struct rows rows = {
	.of = "nocolour",
	.chan_mode = modes,
	.nchan_mode = 2,
	.speak = hooks,
	.nspeak = 2,
};

MODULE(nocolour) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "nocolour",
	.version = "1",
	.purpose = "channel modes +c and +S: no formatted text",
	.rows = &rows,
};
