/*
 * modules.h - the modules of the tree, linked into a test.
 */
#ifndef LIB_MODULES_H
#define LIB_MODULES_H

#include "core/module.h"

/* Return the module number i, from 0, or NULL behind the last one. */
const struct module *modules_get(size_t i);

/* Return the module of that name, or NULL. */
const struct module *modules_find(struct span name);

#endif
