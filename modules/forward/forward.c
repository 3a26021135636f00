/*
 * +f #other: a user who may not join the channel goes to another one instead
 * (Solanum +f and +F, numeric 470). +L #other does this for users who find the
 * channel full (UnrealIRCd +L, InspIRCd "redirect"); with both, they go there.
 *
 * A channel would be flooded by another one that sends its users there. So the
 * user who sets +f or +L must be an operator of the other channel, unless that
 * has +F. This is looked at once: the server of the user who sets it decides.
 */
#include "core/facts/chan_name.h"
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "core/part/clean.h"
#include "core/types/mode_value.h"
#include "wire/name.h"

/* the letters of the modes */
#define FORWARD 'f'
#define WHEN_FULL 'L'
#define FREE_TARGET 'F'

/* ---- the value ---------------------------------------------------------- */

static const char *
check(struct span s, const struct settings *set)
{
	return name_is_channel(s) && name_channel_valid(s, set->channel_len)
		   ? NULL
		   : "Not the name of a channel";
}

static bool
is_shown(struct span s)
{
	return name_is_channel(s) && name_channel_valid(s, CLEAN_CHAN_MAX);
}

static void
normalise(struct writer *w, struct span s)
{
	writer_span(w, s);
}

static bool
is_free_target(const struct tables *t, const struct chan *ch)
{
	enum chan_mode m = chan_mode_of_letter(t, FREE_TARGET);

	return m != CM_NONE && (ch->modes >> m & 1) != 0;
}

static const char *
may_set(struct cmd *c, struct span name)
{
	const struct chan *ch = chan_name_find(c->facts, name);
	const struct member *m;

	if (ch == NULL || !chan_is_shown(ch))
		return "There is no such channel";
	m = cmd_member(c, ch);
	if (is_free_target(c->tables, ch) ||
	    (m != NULL && status_rank(c->tables, member_status(m)) >= RANK_OP))
		return NULL;
	return "You're not an operator of that channel, and it has not +F";
}

static const struct mode_value value = {
	.check = check,
	.may_set = may_set,
	.is_shown = is_shown,
	.normalise = normalise,
};

static const struct chan_mode_row modes[] = {
	{
	    .letter = FORWARD,
	    .name = "forward",
	    .field = "mode/forward",
	    .type = MODE_VALUE,
	    .value = &value,
	    .what = "users who may not join go to that channel",
	},
	{
	    .letter = WHEN_FULL,
	    .name = "forward-when-full",
	    .field = "mode/forward-when-full",
	    .type = MODE_VALUE,
	    .value = &value,
	    .what = "users go to that channel when +l refuses them",
	},
	{
	    .letter = FREE_TARGET,
	    .name = "free-target",
	    .field = "mode/free-target",
	    .type = MODE_FLAG,
	    .what = "all operators may send users here by +f and +L",
	},
};

/* ---- where they go ------------------------------------------------------ */

static struct span
value_of(const struct joining *x, char letter)
{
	enum chan_mode m = chan_mode_of_letter(x->st->tables, letter);
	const struct rcbuf *v = chan_value(x->chan, m);

	return v == NULL ? SPAN_NONE : rcbuf_span(v);
}

static struct span
when_full(const struct joining *x)
{
	if (x->why != numeric_row(ERR_CHANNELISFULL))
		return SPAN_NONE;
	return value_of(x, WHEN_FULL);
}

static struct span
forward(const struct joining *x)
{
	return value_of(x, FORWARD);
}

static const struct forward_row hooks[] = {
	{ &modes[1], &numerics_builtin[ERR_LINKCHANNEL], when_full },
	{ &modes[0], &numerics_builtin[ERR_LINKCHANNEL], forward },
};

/* ---- the module --------------------------------------------------------- */

static const struct rows rows = {
	.of = "forward",
	.chan_mode = modes,
	.nchan_mode = sizeof(modes) / sizeof(modes[0]),
	.forward = hooks,
	.nforward = sizeof(hooks) / sizeof(hooks[0]),
};

MODULE(forward) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "forward",
	.version = "1",
	.purpose = "channel modes +f, +L and +F: another channel instead",
	.rows = &rows,
};
