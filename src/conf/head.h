/*
 * head.h - what the configuration of every program begins with, and what is
 * done with it whatever its options are.
 *
 * A schema (schema.h) has the rows of a file, such as option.def. The struct
 * that the rows fill begins with a struct conf_head, so these functions work
 * for all programs. conf.h and gate.h have the structs.
 */
#ifndef CONF_HEAD_H
#define CONF_HEAD_H

#include <libconfig.h>

#include "base/arena.h"
#include "base/writer.h"
#include "conf/report.h"

struct schema;
struct source;

/*
 * The configuration owns itself and everything it points to. conf_head_free
 * frees it.
 */
struct conf_head {
	const struct schema *schema;
	struct arena *arena;
	struct span file;	  /* the file that was checked */
	struct conf_place *place; /* by option_index; see conf_head_place */
};

/*
 * Check the whole tree that libconfig made of the source's text, and report
 * every problem. The caller frees the result with conf_head_free; it borrows
 * nothing from the tree or the source. Never return NULL; use the result only
 * if the report has no errors.
 */
struct conf_head *conf_check(const struct schema *, const config_t *tree,
    const struct source *, struct conf_report *report);

/* Free the configuration and everything it owns. NULL is allowed. */
void conf_head_free(struct conf_head *);

/*
 * Return the place of an option such as "tls.key" or "state". If the file does
 * not set the option, return the file with line 0. The option must exist and
 * must not be in a list of groups. The result is borrowed from the
 * configuration.
 */
struct conf_place conf_head_place(const struct conf_head *, const char *option);

/*
 * Write the effective configuration: every option with its value. Reading and
 * checking this text gives the same configuration again.
 */
void conf_head_print(struct writer *w, const struct conf_head *);

/*
 * Prepare a reload: copy into next the old value of each option that only a
 * restart can change, and report a warning for each one that differs. Every
 * other option of next keeps its value. The copies belong to next. Both have
 * the same schema.
 */
void conf_head_keep(const struct conf_head *old, struct conf_head *next,
    struct conf_report *report);

#endif
