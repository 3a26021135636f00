/*
 * Values travel and are kept as text. A client may set fewer values than are
 * shown, as another server may have other limits.
 */
#include "core/types/mode_value.h"

#include "wire/name.h"

#define KEY_SHOWN_MAX 64 /* bytes; the most that a server can allow */

static const char *
key_check(struct span s, const struct settings *set)
{
	return name_key_valid(s, set->key_len) ? NULL
					       : "Not a key, or too long";
}

static bool
key_is_shown(struct span s)
{
	return name_key_valid(s, KEY_SHOWN_MAX);
}

static void
key_normalise(struct writer *w, struct span s)
{
	writer_span(w, s);
}

const struct mode_value mode_value_key = {
	.arg_to_unset = true,
	.for_members = true,
	.check = key_check,
	.is_shown = key_is_shown,
	.normalise = key_normalise,
};

static const char *
limit_check(struct span s, const struct settings *set)
{
	uint64_t v;

	(void)set;
	return span_u64(s, &v) && v > 0 && v <= INT32_MAX
		   ? NULL
		   : "Not a number of members";
}

static bool
limit_is_shown(struct span s)
{
	uint64_t v;

	return span_u64(s, &v) && v <= UINT32_MAX;
}

static void
limit_normalise(struct writer *w, struct span s)
{
	writer_u64(w, mode_limit(s));
}

const struct mode_value mode_value_limit = {
	.check = limit_check,
	.is_shown = limit_is_shown,
	.normalise = limit_normalise,
};

uint32_t
mode_limit(struct span s)
{
	uint64_t v = 0;

	(void)span_u64(s, &v);
	return (uint32_t)v;
}

/* ---- rates -------------------------------------------------------------- */

static bool
rate_cut(struct span s, struct mode_rate *rate)
{
	struct span times = span_cut(&s, ':');

	return span_u64(times, &rate->times) && span_u64(s, &rate->seconds);
}

bool
mode_rate_read(const struct mode_value *v, struct span s,
    struct mode_rate *rate)
{
	return rate_cut(s, rate) && rate->times >= 1 &&
	       rate->times <= v->most->times && rate->seconds >= 1 &&
	       rate->seconds <= v->most->seconds;
}

static void
rate_normalise(struct writer *w, struct span s)
{
	struct mode_rate rate = { 0 };

	(void)rate_cut(s, &rate);
	writer_u64(w, rate.times);
	writer_char(w, ':');
	writer_u64(w, rate.seconds);
}

/* ---- values of any type ------------------------------------------------- */

const char *
mode_value_check(const struct mode_value *v, struct span s,
    const struct settings *set)
{
	struct mode_rate rate;

	if (v->most != NULL)
		return mode_rate_read(v, s, &rate) ? NULL : v->wrong;
	return v->check(s, set);
}

bool
mode_value_is_shown(const struct mode_value *v, struct span s)
{
	struct mode_rate rate;

	return v->most != NULL ? mode_rate_read(v, s, &rate) : v->is_shown(s);
}

void
mode_value_normalise(const struct mode_value *v, struct writer *w,
    struct span s)
{
	if (v->most != NULL)
		rate_normalise(w, s);
	else
		v->normalise(w, s);
}

/* ---- lists -------------------------------------------------------------- */

/* Everybody who may see the channel may see its bans; exceptions are for
 * members (modern-irc, "MODE message": "Servers MAY choose to restrict the
 * above information"). */
const struct mode_list mode_list_ban = {
	.item = &numerics_builtin[RPL_BANLIST],
	.end = &numerics_builtin[RPL_ENDOFBANLIST],
};

const struct mode_list mode_list_except = {
	.item = &numerics_builtin[RPL_EXCEPTLIST],
	.end = &numerics_builtin[RPL_ENDOFEXCEPTLIST],
	.for_members = true,
};

const struct mode_list mode_list_invex = {
	.item = &numerics_builtin[RPL_INVEXLIST],
	.end = &numerics_builtin[RPL_ENDOFINVEXLIST],
	.for_members = true,
};
