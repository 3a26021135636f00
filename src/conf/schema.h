/*
 * schema.h - the rows of the options of a program as tables, and functions that
 * find a row. Only conf/, its tests and the generator of the manual pages use
 * the rows. conf.h and gate.h name the schemas.
 */
#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

#include "base/span.h"
#include "conf/value.h"

struct conf_head;
struct walk;

#define SCHEMA_TOP 0 /* in every schema: the top of the file */

/* A group of options, or a list of such groups. */
struct section {
	const char *name; /* "" for the top of the file */
	const char *help;
	/* for a list: the size of an item, and the offsets in the struct of the
	 * configuration of the pointer to the items and of their number; 0 for
	 * a group */
	size_t size, items, count;
};

enum option_flag { OPTION_REQUIRED = 1, OPTION_RESTART = 2, OPTION_RUN = 4 };

struct option {
	unsigned int section; /* its number in the schema */
	const char *key;
	enum value_type type;
	unsigned int flags;
	struct value_row value;
	const char *help;
};

/* The rows of a program. All of it is constant. */
struct schema {
	const struct section *section;
	size_t nsection;
	const struct option *option;
	size_t noption;
	/* of the struct of the configuration, which begins with a struct
	 * conf_head (head.h) */
	size_t size;
	/* Return true if a group of that name may stand at the top, though it
	 * is no section. NULL: there is none. */
	bool (*has_group)(const struct conf_head *, struct span name);
	/* what a report says of another group at the top: ": it is …" */
	const char *no_group;
	/* Check options that depend on each other, and fill in defaults that
	 * do. */
	void (*finish)(struct walk *);
	/* Write what is in no row. NULL: there is nothing. */
	void (*print_rest)(struct writer *, const struct conf_head *);
};

/* Return the number of the section of that name, or that of all sections if
 * there is none. */
unsigned int section_find(const struct schema *, struct span name);

/*
 * Return the next option of a section, in the order of the rows, or NULL at
 * the end:
 *
 *	for (size_t i = 0; (o = option_next(schema, section, &i)) != NULL; )
 */
const struct option *option_next(const struct schema *, unsigned int section,
    size_t *i);

/* Return the option of that key, or NULL if the section has none. */
const struct option *option_find(const struct schema *, unsigned int section,
    struct span key);

/* Return the number of an option's row, which is less than noption. */
size_t option_index(const struct schema *, const struct option *o);

/*
 * Return the key of the section that a misspelt key probably means: at most
 * two letters are missing, wrong, added or exchanged (one in a key of at most
 * four letters). At the top, the names of sections are candidates, too. Return
 * NULL if no key is that close.
 */
const char *option_guess(const struct schema *, unsigned int section,
    struct span key);

#endif
