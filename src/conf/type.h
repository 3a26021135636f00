/*
 * type.h - the types of options from inside: for value.c and the files type_*.c
 * alone. To add one: a row in type.def and its functions.
 */
#ifndef CONF_TYPE_H
#define CONF_TYPE_H

#include "conf/conf.h"
#include "conf/value.h"

/* A value comes from a setting or from the default of a row: both in one form,
 * so that a default passes the same test as what is written in a file. */
enum given_kind { GIVEN_BOOL, GIVEN_NUM, GIVEN_TEXT, GIVEN_LIST, GIVEN_OTHER };

struct given {
	enum given_kind kind;
	int64_t num; /* of a bool too */
	struct span text;
	struct span file;	      /* where it stands; empty for defaults */
	const config_setting_t *list; /* list or array */
};

/* Borrows the setting. */
struct given given_setting(const config_setting_t *);

/* Where the member is that a row names. */
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

/* See value_load: false, obj unchanged, when it is not what is expected. */
typedef bool type_load(const struct value_row *, const struct given *,
    struct arena *, void *obj);
/* See value_build: false, nothing written, when nothing is set. */
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
