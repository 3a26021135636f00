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
	return v;
}

const struct tables *
rows_all(void)
{
	static struct tables t;

	if (t.nchan_mode == 0)
		core_tables_trust(&t, rows_added(), ROWS_ADDED);
	return &t;
}
