/*
 * The types of options: how a value is taken from libconfig's tree or from
 * the text of a default, what is expected of it, how it is written back.
 * To add a type: a word here, a row in value.c.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <libconfig.h>

#include "base/arena.h"
#include "base/writer.h"

enum value_type {
	VALUE_BOOL,
	VALUE_NUM, /* uint32_t */
	VALUE_MIB, /* uint64_t of bytes */
	VALUE_TEXT,
	VALUE_WORD, /* a text without spaces */
	VALUE_PATH, /* made absolute by the folder of its file */
	VALUE_SERVER_NAME,
	VALUE_SID,
	VALUE_IP,
	VALUE_NET,	 /* net and prefix of a struct class_settings */
	VALUE_PIN,	 /* pin and has_pin of a struct peer_settings */
	VALUE_ADDRESSES, /* address and naddress of a struct peer_settings */
	VALUE_VERIFIER,	 /* $argon2id$... */
	VALUE_PURPOSE,	 /* these three: uint32_t, place of a word */
	VALUE_FORMAT,
	VALUE_LEVEL,
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
