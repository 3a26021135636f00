/*
 * table.h - the words of the rows of option.def and gate.def, for the files
 * that make tables of them, option.c and gate.c. Each of these defines LIST()
 * itself, since the items of a list are found from the struct that the rows
 * fill.
 */
#ifndef CONF_TABLE_H
#define CONF_TABLE_H

#include "conf/schema.h"

#define GROUP .size = 0
#define REQUIRED OPTION_REQUIRED
#define RESTART OPTION_RESTART
#define RUN OPTION_RUN
#define AT(type, member) offsetof(struct type, member)

#define SECTION_ROW(id, path, kind, text) \
	[SECTION_##id] = { .name = path, .help = text, kind },
#define OPTION_ROW(group, name, kind, least, most, dflt, bits, member, text) \
	{ .section = SECTION_##group,                                        \
		.key = name,                                                 \
		.type = VALUE_##kind,                                        \
		.flags = bits,                                               \
		.value = { least, most, dflt, member },                      \
		.help = text },

#endif
