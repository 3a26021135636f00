/*
 * module_option.h - the options of modules, in the group of the configuration
 * that has the name of the module.
 *
 * Their rows come with the module, which is loaded after the check. So the
 * check only keeps the settings of such a group, and the daemon has them
 * compared with the rows then.
 */
#ifndef CONF_MODULE_OPTION_H
#define CONF_MODULE_OPTION_H

#include "conf/conf.h"
#include "core/types/tables.h"

/*
 * Put the values of the module number i of conf->module into conf->settings:
 * those of its group, or the defaults of the rows. Report each setting that has
 * no row, or is not what its row expects. The rows are borrowed as long as the
 * configuration lives.
 */
void conf_module_options(struct conf *conf, size_t i, const struct rows *rows,
    struct conf_report *report);

/* Write the options of all modules in the syntax of the file. */
void module_options_build(struct writer *w, const struct conf *conf);

/* ---- for the check ---- */

struct walk;

/* Return true if the group at the top of the file is that of a module that the
 * configuration names. */
bool module_option_is_group(const struct conf *conf, struct span name);

/* Keep the settings of the group of the module number i. */
void module_option_keep(struct walk *k, size_t i);

#endif
