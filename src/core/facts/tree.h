/*
 * tree.h - red-black trees of libbsd, with functions that one file alone uses.
 *
 * TREE_GENERATE(head, type, member, cmp) is RB_GENERATE_STATIC, which marks its
 * functions with a macro that the header of this libbsd lacks. Not all of them
 * are used.
 */
#ifndef CORE_TREE_H
#define CORE_TREE_H

#include <bsd/sys/tree.h>

#define TREE_GENERATE(head, type, member, cmp)        \
	RB_GENERATE_INTERNAL(head, type, member, cmp, \
	    __attribute__((unused)) static)

#endif
