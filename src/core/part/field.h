/*
 * field.h - the types of the fields of parts: how each is read and written. To
 * add one: its line here and its functions in field.c.
 */
#ifndef CORE_PART_FIELD_H
#define CORE_PART_FIELD_H

#include "base/arena.h"
#include "base/writer.h"
#include "core/part/part.h"

/* The rest of a "+" line; what is decoded from it lives in the arena. */
struct field_reader {
	struct span rest;
	struct arena *arena;
};

/* at: the member of struct part. */
struct field_type {
	/* Take the field off the front. Return NULL, or what was expected; then
	 * *at must not be used. */
	const char *(*read)(struct field_reader *, void *at);
	void (*write)(struct writer *, const void *at);
	/* Return true if it is left out, with the space before it. NULL: never.
	 * */
	bool (*is_absent)(const void *at);
};

extern const struct field_type field_type_uid, field_type_sid;
extern const struct field_type field_type_by;	/* struct by */
extern const struct field_type field_type_word; /* struct span */
/* struct span, made fit for clients; nick and server: empty if it is none */
extern const struct field_type field_type_nick, field_type_server;
extern const struct field_type field_type_username, field_type_host;
extern const struct field_type field_type_num;	  /* uint64_t */
extern const struct field_type field_type_stamp;  /* struct stamp */
extern const struct field_type field_type_ch;	  /* struct ch */
extern const struct field_type field_type_dot;	  /* struct dot */
extern const struct field_type field_type_dots;	  /* struct dots: one or more */
extern const struct field_type field_type_words;  /* struct words: any number */
extern const struct field_type field_type_onoff;  /* bool */
extern const struct field_type field_type_tenure; /* uint32_t */
extern const struct field_type field_type_home;	  /* struct origin */
extern const struct field_type field_type_gate;	  /* struct span; empty: none */
extern const struct field_type field_type_text;	  /* struct text; the last */
extern const struct field_type field_type_list;	  /* the same, taken as it is */

#endif
