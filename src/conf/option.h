/*
 * option.h - the numbers of the sections of option.def, the rows of
 * banyand_schema (conf.h).
 */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

enum section_id {
#define SECTION(id, name, kind, help) SECTION_##id,
#define OPTION(section, key, type, min, max, dflt, flags, member, help)
#include "conf/option.def"
#undef SECTION
#undef OPTION
};

#endif
