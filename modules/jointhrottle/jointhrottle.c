/*
 * +j joins:seconds: so many users may join the channel in so many seconds
 * (Solanum +j, numeric 480; InspIRCd "joinflood").
 *
 * The time is cut into windows. A window begins with a join, and lasts for the
 * seconds of the mode. Users who come when the window has its joins are refused
 * until it is over. So a refused user does not prolong the window.
 *
 * Each server counts the joins of all servers, and decides for its own users. A
 * heal shows users whose joins happened long ago: these do not count.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "core/facts/memory.h"
#include "core/types/mode_value.h"

static const struct numeric_row throttled = { 480, "ERR_THROTTLE",
	"$ :Cannot join channel (+j) - throttle exceeded, try again later" };

/* ---- the value ---------------------------------------------------------- */

static const struct mode_rate most = { 9999, 9999 };

static const struct mode_value value = {
	.most = &most,
	.wrong = "Not joins:seconds, each from 1 to 9999",
};

static const struct chan_mode_row mode = {
	.letter = 'j',
	.name = "join-throttle",
	.field = "mode/join-throttle",
	.type = MODE_VALUE,
	.value = &value,
	.what = "at most joins:seconds",
};

/* Return true, and the rate, if the channel has one. */
static bool
find_rate(const struct tables *t, const struct chan *ch, struct mode_rate *rate)
{
	const struct rcbuf *v =
	    chan_value(ch, chan_mode_of_letter(t, mode.letter));

	return v != NULL && mode_rate_read(&value, rcbuf_span(v), rate);
}

/* ---- the joins ---------------------------------------------------------- */

struct window {
	struct mono since;
	uint64_t joins;
};

static const struct memory_row memory = { "jointhrottle/window", MEMORY_CHAN,
	sizeof(struct window), 0 };

static bool
is_over(const struct window *w, const struct mode_rate *rate, struct mono now)
{
	return mono_sub_ms(now, w->since) >= (int64_t)rate->seconds * MS_PER_S;
}

static const struct numeric_row *
join(const struct joining *x)
{
	const struct window *w =
	    memory_find_chan(x->st->facts, &memory, x->chan);
	struct mode_rate rate;

	if (w == NULL || !find_rate(x->st->tables, x->chan, &rate) ||
	    is_over(w, &rate, x->st->now))
		return NULL;
	return w->joins < rate.times ? NULL : &throttled;
}

static void
joined(struct step *st, const struct member *m)
{
	struct window *w;
	struct mode_rate rate;

	if (!find_rate(st->tables, m->chan, &rate) ||
	    st->wall.ms - member_stamp(m).ms > (int64_t)rate.seconds * MS_PER_S)
		return;
	w = memory_get_chan(st->facts, &memory, m->chan);
	if (w->joins == 0 || is_over(w, &rate, st->now))
		*w = (struct window){ .since = st->now };
	w->joins++;
}

/* ---- the module --------------------------------------------------------- */

static const struct join_row hook = { &mode, join };
static const struct joined_row note = { &mode, joined };

static const struct rows rows = {
	.of = "jointhrottle",
	.chan_mode = &mode,
	.nchan_mode = 1,
	.numeric = &throttled,
	.nnumeric = 1,
	.memory = &memory,
	.nmemory = 1,
	.join = &hook,
	.njoin = 1,
	.joined = &note,
	.njoined = 1,
};

MODULE(jointhrottle) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "jointhrottle",
	.version = "1",
	.purpose = "channel mode +j: so many joins in so many seconds",
	.rows = &rows,
};
