/*
 * change_hooks.h - the sink that tells rows of modules of changes (struct
 * changed_row, core/types/hook.h).
 */
#ifndef CORE_CHANGE_HOOKS_H
#define CORE_CHANGE_HOOKS_H

#include "core/state.h"

void change_hooks_init(struct core *);

#endif
