#include "lib/rows.h"

#include "core/rows.h"
#include "lib/fleet.h"
#include "lib/modules.h"

const struct rows *const *
rows_added(void)
{
	static const struct rows *v[ROWS_ADDED];

	v[0] = modules_find(SPAN("delayjoin"))->rows;
	v[1] = &fleet;
	v[2] = modules_find(SPAN("nocolour"))->rows;
	v[3] = modules_find(SPAN("skeleton"))->rows;
	v[4] = modules_find(SPAN("stripformat"))->rows;
	return v;
}

const struct rows *const *
rows_modules(void)
{
	static const char *const names[ROWS_MODULES] = { "delayjoin",
		"autojoin", "callerid", "deaf", "forward", "jointhrottle",
		"nickdelay", "nocolour", "noctcp", "nonick", "nonotice",
		"opmoderated", "regonly", "repeat", "secureonly", "silence",
		"umodeban", "uninvite", "youngban" };
	static const struct rows *v[ROWS_MODULES];

	for (size_t i = 0; i < ROWS_MODULES; i++)
		v[i] = modules_find(span_of(names[i]))->rows;
	return v;
}

const struct tables *
rows_modules_all(void)
{
	static struct tables t;

	if (t.nchan_mode == 0)
		core_tables_trust(&t, rows_modules(), ROWS_MODULES);
	return &t;
}

const struct tables *
rows_all(void)
{
	static struct tables t;

	if (t.nchan_mode == 0)
		core_tables_trust(&t, rows_added(), ROWS_ADDED);
	return &t;
}
