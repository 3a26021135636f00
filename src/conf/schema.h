/*
 * The rows of option.def as tables, and how a row is found. Only conf/, its
 * tests and the generator of the manual page look at rows.
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
	/* of a list: size of an item, where conf has items and their number */
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

enum option_flag { OPTION_REQUIRED = 1, OPTION_RESTART = 2 };

struct option {
	enum section_id section;
	const char *key;
	enum value_type type;
	unsigned int flags;
	struct value_row value;
	const char *help;
};

/* id < SECTION_COUNT. */
const struct section *section_get(enum section_id id);

/* The section of that name, or SECTION_COUNT. */
enum section_id section_find(struct span name);

/*
 *	for (size_t i = 0; (o = option_next(section, &i)) != NULL; )
 *
 * in the order of the rows.
 */
const struct option *option_next(enum section_id section, size_t *i);

/* NULL if there is none. */
const struct option *option_find(enum section_id section, struct span key);

/* From 0, less than OPTION_COUNT, in the order of the rows. */
size_t option_index(const struct option *o);

/*
 * The key of the section that was probably meant, or NULL: at most two
 * letters missing, wrong, too many or exchanged. At the top, names of
 * sections count too.
 */
const char *option_guess(enum section_id section, struct span key);

#endif
