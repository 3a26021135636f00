/*
 * part.h - the parts of entries: shapes and the one codec for all of them.
 *
 * A part is decoded from and encoded to one "+VERB …" line by the field types
 * of its row (part.def); nothing is written by hand per verb but its merge
 * (core/part/NAME.c). The same codec serves ENTRY and SNAP lines. Verbs
 * without a row become PART_UNKNOWN: the line is kept and forwarded unread.
 *
 * Field types, and the word each is on the wire:
 *   uid sid    as is                      by     uid or sid
 *   word       one word; `*` is empty; a leading `:` gets a `0` before it
 *   num        decimal, 64 bits           stamp  decimal, ms
 *   ch         name,stamp.sid             dot    sid.inc.n.part
 *   dots       one or more dots, to the end of the line
 *   words      any number of words        onoff  on / off
 *   sess       uid.k                      text   `:rest`, may be absent
 */
#ifndef CORE_PART_PART_H
#define CORE_PART_PART_H

#include "base/arena.h"
#include "base/span.h"
#include "base/writer.h"
#include "core/types/ids.h"

/* A fact is said again in a snapshot, with tags, and with another word in the
 * place of the first nick: with these bounds it fits a line then, too. */
#define PART_LINE_MAX 15614 /* bytes from the + on */
#define PART_WORD_MAX 512   /* of a word, and of a channel's name */

struct ch {
	struct span name; /* as founded; compare folded */
	struct cinc cinc;
};

struct by { /* one of them is none */
	struct uid uid;
	struct sid sid;
};

struct dots {
	const struct dot *v;
	size_t n;
};

struct words {
	const struct span *v;
	size_t n;
};

struct text {
	struct span s;
	bool present; /* absent: "off" for a register */
};

typedef struct uid field_uid; /* spelled by F() alone */
typedef struct sid field_sid;
typedef struct by field_by;
typedef struct span field_word;
typedef uint64_t field_num;
typedef struct stamp field_stamp;
typedef struct ch field_ch;
typedef struct dot field_dot;
typedef struct dots field_dots;
typedef struct words field_words;
typedef bool field_onoff;
typedef struct session_id field_sess;
typedef struct text field_text;

#define F(part, type, field) field_##type field;
#define PART(ID, name, kind, fields, scenario) \
	struct part_##name {                   \
		fields                         \
	};
#include "core/part/part.def"
#undef PART
#undef F

enum part_id {
#define PART(ID, name, kind, fields, scenario) PART_##ID,
#include "core/part/part.def"
#undef PART
	PART_UNKNOWN
};

struct part {
	enum part_id id;
	struct span tags; /* raw: client-only ones of a SAY; tenure of a SET */
	struct span line; /* PART_UNKNOWN: from its `+` to its end */
	union {
#define PART(ID, name, kind, fields, scenario) struct part_##name name;
#include "core/part/part.def"
#undef PART
	} u;
};

/*
 * One line without its end. Texts are borrowed from the line, lists live in
 * the arena. NULL, or what was expected, for an ERROR to the peer.
 */
const char *part_decode(struct span line, struct arena *, struct part *);

/* Appends the line without its end. */
void part_encode(struct writer *, const struct part *);

bool part_is_fact(const struct part *); /* unknown ones too */

/* What its register is written under: tenure= of a SET, 0 of all else. */
uint32_t part_tenure(const struct part *);

/* Authors, and values of registers; texts are borrowed. */
struct by by_user(struct uid);
struct by by_server(struct sid);
struct text text_of(struct span);
struct text text_off(void);

#endif
