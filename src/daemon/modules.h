/*
 * modules.h - loads the modules of a configuration: NAME.so for each name of
 * `modules` (doc/decisions/0038).
 *
 * A file that has not changed since the configuration before is not loaded
 * again. A file that was replaced is: both versions are in memory until the
 * core has changed over. A file that was written to while it was loaded is
 * refused: its code may have changed under the running server.
 */
#ifndef DAEMON_MODULES_H
#define DAEMON_MODULES_H

#include <stddef.h>

struct loaded;
struct module_file;

/* The modules of one configuration, in its order. All zero: no modules. */
struct module_set {
	struct module_file *v;
	size_t n;
};

/*
 * Load the modules that l->conf names into l->modules, and put their rows and
 * their options into l->conf->settings. Report each module that cannot be
 * loaded, or whose rows or options are refused. `old` has the modules that are
 * in use; NULL: this is a start. This waits for the disk.
 */
void modules_load(struct loaded *l, const struct module_set *old);

/* Return the path of the module's file; borrowed from the set. */
const char *module_set_path(const struct module_set *, size_t i);

/* Unload the modules, unless another set has them, too. No node may read their
 * rows any more (node_reads_old_rows()). */
void module_set_free(struct module_set *);

#endif
