/*
 * module.h - a module: rows that a server is given when it starts, or when it
 * reads its configuration again (doc/decisions/0038).
 *
 * modules/README.md says how to write one. A module is one constant descriptor,
 *
 *	MODULE(NAME) = { MODULE_INTERFACE, MODULE_LAYOUT, "NAME", ... };
 *
 * that points to its rows (core/types/tables.h). The core calls the functions
 * of the rows in its steps. They follow the rules of the core: they see facts
 * as const, and have no clock, no file, no socket and no writable object of
 * their own.
 */
#ifndef CORE_MODULE_H
#define CORE_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/writer.h"

struct rows; /* core/types/tables.h */

/* The version of this interface. Raise it with each change of a header of
 * base/, wire/ or core/ that modules would notice. `make lint` knows those of
 * which modules are made (tests/lint/interface). */
#define MODULE_INTERFACE 21

/* A number that differs if a struct that modules use has another size. So a
 * module that was built with other headers is refused even if nobody raised
 * the version. A file that uses this number includes core/cmd/cmd.h, which has
 * these structs. */
#define MODULE_LAYOUT                                                       \
	((uint32_t)(sizeof(struct rows) + 3 * sizeof(struct cmd) +          \
		    5 * sizeof(struct settings) + 7 * sizeof(struct step) + \
		    11 * sizeof(struct user) + 13 * sizeof(struct chan) +   \
		    17 * sizeof(struct session)))

struct module {
	/* MODULE_INTERFACE and MODULE_LAYOUT; they stay the first members, so
	 * that a server can read those of a module of any version */
	uint32_t interface, layout;
	const char *name;    /* that of its file, without .so */
	const char *version; /* of the module */
	const char *purpose; /* one line */
	const struct rows *rows;
};

/*
 * Begin the definition of the descriptor. A module that banyand loads exports
 * it under one name for all. Modules that are linked into one program have a
 * name each: MODULE(help) is then module_help.
 */
#ifdef BANYAN_MODULE
#define MODULE(id) \
	__attribute__((visibility("default"))) const struct module banyan_module
#else
#define MODULE(id) const struct module module_##id
#endif

#define MODULE_NAME_MAX 32 /* bytes */

/* Return true for 1 to 32 characters of a-z, 0-9, '-' and '_'. */
bool module_name_valid(struct span);

/* Return true if the module, from a file of that name, can be used. If not,
 * write the reason to why. Its rows are not looked at: core_tables() does that
 * (core/rows.h). */
bool module_fits(const struct module *, struct span name, struct writer *why);

/* Write what the module adds, in words: "commands HELP HELPOP, numerics 704
 * 705". */
void module_adds(struct writer *, const struct module *);

#endif
