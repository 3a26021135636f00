/*
 * The types of options: how to take a value from libconfig's tree or from the
 * text of a default, how to name what a type expects, and how to write a value
 * back. To add a type, add a row to type.def.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <libconfig.h>

#include "base/arena.h"
#include "base/writer.h"

enum value_type {
#define TYPE(id, load, build, range, expect) VALUE_##id,
#define CHOICE(id, ...) VALUE_##id,
#include "conf/type.def"
#undef TYPE
#undef CHOICE
	VALUE_COUNT
};

/* The part of an option's row that its type uses. */
struct value_row {
	uint32_t min, max;
	const char *dflt; /* in the syntax of the file, or NULL */
	size_t member;	  /* the offset of the value in obj */
};

/* A setting and the path of the file that holds it. */
struct value_place {
	const config_setting_t *setting;
	struct span file;
};

/*
 * Store the value of a setting in obj; texts are copied to the arena. Return
 * false, with obj unchanged, if the value is not what the row expects.
 */
bool value_load(enum value_type type, const struct value_row *row,
    const struct value_place *place, struct arena *arena, void *obj);

/* Store the default of the row in obj. Do nothing if the row has none. */
void value_default(enum value_type type, const struct value_row *row,
    struct arena *arena, void *obj);

/* Write what the row expects, in words: "a whole number from 1 to 64". */
void value_expect(struct writer *w, enum value_type type,
    const struct value_row *row);

/* Write the value of a setting, in words: "the number 900". */
void value_describe(struct writer *w, const config_setting_t *setting);

/* The same, but of a text only its length, "a text of 16 bytes", and of a
 * number that may be secret only that it is one. Reports go to logs and
 * operators. */
void value_describe_length(struct writer *w, const config_setting_t *setting);

/* Return true if values of options of that name may be secret. */
bool value_is_secret(struct span option);

/* Write the value in obj in the syntax of the file. Return false, with w
 * unchanged, if the value is not set. */
bool value_build(struct writer *w, enum value_type type,
    const struct value_row *row, const void *obj);

/* Write a text in double quotes, escaped so that libconfig reads it back. */
void value_build_text(struct writer *w, struct span s);

#endif
