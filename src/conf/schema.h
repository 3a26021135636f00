/*
 * The rows of option.def as tables, and functions that find a row. Only conf/,
 * its tests and the generator of the manual page use the rows.
 */
#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

#include "base/span.h"
#include "conf/value.h"

enum section_id {
#define SECTION(id, name, kind, help) SECTION_##id,
#define OPTION(section, key, type, min, max, dflt, flags, member, help)
#include "conf/option.def"
#undef SECTION
#undef OPTION
	SECTION_COUNT
};

/* A group of options, or a list of such groups. */
struct section {
	const char *name; /* "" for the top of the file */
	const char *help;
	/* for a list: the size of an item, and the offsets in struct conf of
	 * the pointer to the items and of their number; 0 for a group */
	size_t size, items, count;
};

enum {
#define SECTION(id, name, kind, help)
#define OPTION(section, key, type, min, max, dflt, flags, member, help) +1
	OPTION_COUNT = 0
#include "conf/option.def"
#undef SECTION
#undef OPTION
};

enum option_flag { OPTION_REQUIRED = 1, OPTION_RESTART = 2, OPTION_RUN = 4 };

struct option {
	enum section_id section;
	const char *key;
	enum value_type type;
	unsigned int flags;
	struct value_row value;
	const char *help;
};

/* Return the section of an id below SECTION_COUNT. */
const struct section *section_get(enum section_id id);

/* Return the section of that name, or SECTION_COUNT if there is none. */
enum section_id section_find(struct span name);

/*
 * Return the next option of a section, in the order of the rows, or NULL at
 * the end:
 *
 *	for (size_t i = 0; (o = option_next(section, &i)) != NULL; )
 */
const struct option *option_next(enum section_id section, size_t *i);

/* Return the option of that key, or NULL if the section has none. */
const struct option *option_find(enum section_id section, struct span key);

/* Return the number of an option's row, from 0 to OPTION_COUNT - 1. */
size_t option_index(const struct option *o);

/*
 * Return the key of the section that a misspelt key probably means: at most
 * two letters are missing, wrong, added or exchanged (one in a key of at most
 * four letters). At the top, the names of sections are candidates, too. Return
 * NULL if no key is that close.
 */
const char *option_guess(enum section_id section, struct span key);

#endif
