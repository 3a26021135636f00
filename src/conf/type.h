/*
 * type.h - how the types of options are implemented; for value.c, the files
 * type_*.c and module_option.c alone. To add a type, add a row to type.def and
 * its two functions.
 */
#ifndef CONF_TYPE_H
#define CONF_TYPE_H

#include "conf/conf.h"
#include "conf/value.h"

/* A value comes from a setting of the file or from the default of a row. Both
 * have the same form, so that a default passes the same test as a setting. */
enum given_kind { GIVEN_BOOL, GIVEN_NUM, GIVEN_TEXT, GIVEN_LIST, GIVEN_OTHER };

struct given {
	enum given_kind kind;
	int64_t num; /* also of a bool: 0 or 1 */
	struct span text;
	struct span file;	      /* of the setting; empty for a default */
	const config_setting_t *list; /* a list or an array */
};

/* Return the value of a setting; the result borrows the setting. */
struct given given_setting(const config_setting_t *);

/* Return the address of the row's member in obj. */
static inline void *
value_at(void *obj, const struct value_row *row)
{
	return (char *)obj + row->member;
}

static inline const void *
value_at_const(const void *obj, const struct value_row *row)
{
	return (const char *)obj + row->member;
}

/* Store a value in obj, as value_load does. Return false, with obj unchanged,
 * if the value is not what the row expects. */
typedef bool type_load(const struct value_row *, const struct given *,
    struct arena *, void *obj);
/* Write a value as value_build does. Return false, with nothing written, if the
 * value is not set. */
typedef bool type_build(struct writer *, const struct value_row *,
    const void *obj);

#define TYPE(id, load, build, range, expect) \
	type_load type_load_##load;          \
	type_build type_build_##build;
#define CHOICE(id, ...)
#include "conf/type.def"
#undef TYPE
#undef CHOICE

#endif
