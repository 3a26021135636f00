/*
 * ~umode:+B-i: an extended ban that matches users by their modes (Solanum,
 * extb_usermode, `$u:+B-i`). All modes behind a + must be set, and
 * none behind a -.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"

/* The modes that must be set, and those that must not. */
struct wanted {
	uint64_t on, off;
};

/* Return false if the value has no letter, or one that this server has no mode
 * for. */
static bool
read_modes(const struct tables *t, struct span value, struct wanted *want)
{
	uint64_t *set = &want->on;
	enum user_mode m;

	*want = (struct wanted){ 0 };
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '+' || value.p[i] == '-') {
			set = value.p[i] == '+' ? &want->on : &want->off;
			continue;
		}
		m = user_mode_of_letter(t, value.p[i]);
		if (m == UM_NONE)
			return false;
		*set |= UINT64_C(1) << m;
	}
	return (want->on | want->off) != 0;
}

static const char *
check(struct span value, const struct mask_rules *r)
{
	struct wanted want;

	return read_modes(r->tables, value, &want) ? NULL : "Not user modes";
}

static enum extban_answer
match(struct mask_test *t, struct span value)
{
	uint64_t modes = t->user->modes;
	struct wanted want;

	t->steps += value.n;
	if (!read_modes(t->tables, value, &want))
		return EXTBAN_VOID;
	return (modes & want.on) == want.on && (modes & want.off) == 0
		   ? EXTBAN_YES
		   : EXTBAN_NO;
}

static const struct extban_row extban = {
	.name = "umode",
	.letters = "u",
	.value = EXTBAN_MUST,
	.check = check,
	.match = match,
	.what = "users with some modes and without others, as +B-i",
};

static const struct rows rows = {
	.of = "umodeban",
	.extban = &extban,
	.nextban = 1,
};

MODULE(umodeban) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "umodeban",
	.version = "1",
	.purpose = "extended ban ~umode: users by their modes",
	.rows = &rows,
};
