/*
 * The types of options: how a value is taken from libconfig's tree or from
 * the text of a default, what is expected of it, how it is written back.
 * To add a type: a row in type.def.
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

/* The part of a row that a type looks at. */
struct value_row {
	uint32_t min, max;
	const char *dflt; /* in the syntax of the file, or NULL */
	size_t member;	  /* offset in obj */
};

/* A setting, and the file in which it stands, as other files see its path. */
struct value_place {
	const config_setting_t *setting;
	struct span file;
};

/*
 * Puts the value of a setting into obj, with texts copied to the arena;
 * false when it is not what is expected, obj is then unchanged.
 */
bool value_load(enum value_type type, const struct value_row *row,
    const struct value_place *place, struct arena *arena, void *obj);

/* The same for the default of the row; nothing if it has none. */
void value_default(enum value_type type, const struct value_row *row,
    struct arena *arena, void *obj);

/* What is expected, in words: "a whole number from 1 to 64". */
void value_expect(struct writer *w, enum value_type type,
    const struct value_row *row);

/* What the setting is instead: "the number 900". */
void value_describe(struct writer *w, const config_setting_t *setting);

/* In the syntax of the file. False, w unchanged, when nothing is set. */
bool value_build(struct writer *w, enum value_type type,
    const struct value_row *row, const void *obj);

/* A text in quotes, as libconfig reads it. */
void value_build_text(struct writer *w, struct span s);

#endif
