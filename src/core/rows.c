/*
 * The rows of all kinds meet here, since the tables (core/types/) may not know
 * the commands (core/cmd/) and the tokens of ISUPPORT (core/answers/).
 */
#include "core/rows.h"

#include "base/invariant.h"
#include "core/answers/isupport.h"
#include "core/answers/query.h"
#include "core/cmd/cmd.h"
#include "core/deliver.h"
#include "core/part/later.h"
#include "core/sessions/extbans.h"

const struct rows core_rows = {
	.of = "core",
	.command = commands_builtin,
	.ncommand = COMMANDS_BUILTIN,
	.chan_mode = chan_modes_builtin,
	.nchan_mode = CM_BUILTIN,
	.status = statuses_builtin,
	.nstatus = ST_BUILTIN,
	.user_mode = user_modes_builtin,
	.nuser_mode = UM_BUILTIN,
	.cap = caps_builtin,
	.ncap = CAP_BUILTIN,
	.numeric = numerics_builtin,
	.nnumeric = NUMERIC_BUILTIN,
	.isupport = isupport_builtin,
	.nisupport = ISUPPORT_BUILTIN,
	.later = later_builtin,
	.nlater = LATER_BUILTIN,
	.extban = extbans_builtin,
	.nextban = EXTBAN_BUILTIN,
	.said = said_builtin,
	.nsaid = SAID_BUILTIN,
	.query = queries_builtin,
	.nquery = QUERY_BUILTIN,
};

void
core_tables_trust(struct tables *t, const struct rows *const *added, size_t n)
{
	char buf[256];
	struct writer why;

	writer_init(&why, buf, sizeof(buf));
	invariant(core_tables(t, added, n, &why));
}

bool
core_tables(struct tables *t, const struct rows *const *added, size_t n,
    struct writer *why)
{
	*t = (struct tables){ 0 };
	(void)tables_add(t, &core_rows, NULL);
	for (size_t i = 0; i < n; i++)
		if (!tables_add(t, added[i], why))
			return false;
	return true;
}
