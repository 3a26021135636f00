/*
 * part.h - the parts of entries: shapes and the one codec for all of them.
 *
 * The field types of its row (part.def) decode a part from one "+VERB …" line
 * and encode it to one; only the merge of a verb is written by hand. The same
 * codec serves entries and snapshots. A line whose verb has no row becomes
 * PART_UNKNOWN: it is forwarded unread, and kept as its kind says (kind.h).
 *
 * Field types, and the word each is on the wire:
 *   uid sid    as is                      by     uid or sid
 *   word       one word; `*` is empty; a leading `:` gets a `0` before it
 *   num        decimal, 64 bits           stamp  decimal, ms
 *   ch         name,stamp.sid             dot    sid.inc.n.part
 *   dots       one or more dots, to the end of the line
 *   words      any number of words        onoff  on / off
 *   tenure     decimal, 32 bits, from 1   home   origin, or `-` for none
 *   gate       as word, made clean        text   `:rest`, may be absent
 *   nick, server, username, host: a word; list: as text, for servers to read
 *
 * The values that clients are shown are cleaned (core/part/clean.h):
 * nick, server, username, host, gate, the name in ch, and text.
 */
#ifndef CORE_PART_PART_H
#define CORE_PART_PART_H

#include "base/arena.h"
#include "base/span.h"
#include "base/writer.h"
#include "core/part/kind.h"
#include "core/types/ids.h"

/* A snapshot says a fact again with tags, and with another word in the place of
 * the first nick. With these bounds that line is not too long, either. */
#define PART_LINE_MAX 15614 /* bytes, counted from the + */
#define PART_WORD_MAX 512   /* bytes of a word, and of a channel's name */

struct ch {
	struct span name; /* as founded; compare it folded */
	struct cinc cinc;
};

struct by { /* one of the two is none */
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
	bool present; /* false: no text, which is "off" for a register */
};

typedef struct uid field_uid; /* only F() names these */
typedef struct sid field_sid;
typedef struct by field_by;
typedef struct span field_word;
typedef struct span field_nick;
typedef struct span field_server;
typedef struct span field_username;
typedef struct span field_host;
typedef uint64_t field_num;
typedef struct stamp field_stamp;
typedef struct ch field_ch;
typedef struct dot field_dot;
typedef struct dots field_dots;
typedef struct words field_words;
typedef bool field_onoff;
typedef uint32_t field_tenure;
typedef struct origin field_home; /* inc 0: none */
typedef struct span field_gate;
typedef struct text field_text;
typedef struct text field_list;

#define F(part, type, field) field_##type field;
#define PART(ID, name, kind, fields, scenario) \
	struct part_##name {                   \
		fields                         \
	};
#include "core/part/part.def"
#undef PART
#undef F

struct part_unknown {
	struct kind kind;
};

enum part_id {
#define PART(ID, name, kind, fields, scenario) PART_##ID,
#include "core/part/part.def"
#undef PART
	PART_UNKNOWN
};

struct part {
	enum part_id id;
	struct span tags; /* raw: client-only tags of a SAY; tenure of a SET,
			   * NICK, unknown register; cause of a JOIN; kind of
			   * an unknown part; inc of an INVITE, NOTE, unknown
			   * part */
	struct span line; /* PART_UNKNOWN: from its `+` to its end */
	union {
#define PART(ID, name, kind, fields, scenario) struct part_##name name;
#include "core/part/part.def"
#undef PART
		struct part_unknown unknown;
	} u;
};

/*
 * Decode one line without its end. Texts are borrowed from the line, lists live
 * in the arena. Return NULL, or what was expected, for an ERROR to the peer.
 */
const char *part_decode(struct span line, struct arena *, struct part *);

/* Append the line without its end. */
void part_encode(struct writer *, const struct part *);

/* Return true if the verb, without its +, is one of part.def. */
bool part_has_verb(struct span verb);

/* Return true if the part is not a message. */
bool part_is_fact(const struct part *);

/* Return the tenure that its register or claim is written with: tenure= of a
 * SET, a NICK or an unknown register, else 0. */
uint32_t part_tenure(const struct part *);

/* The command that made a membership: its tenure, and its number. */
struct made {
	uint32_t tenure;
	uint64_t c;
};

/* Read the tag cause= of a JOIN. Return false if there is none. */
bool part_made(const struct part *, struct made *);
/* Return that tag, in the arena. */
struct span made_tag(struct made, struct arena *);

/*
 * The runs whose users a part means (link-protocol.md, 11.51): the inc of the
 * +USER of the user of an INVITE or a NOTE, or of each owner of an unknown
 * part, 0 for owners that are not users. All are 0 if the part does not say it.
 */
struct meant {
	uint32_t inc[KIND_OWNERS_MAX];
};

#define MEANT_MAX 32 /* bytes of the tag and a separator */

/* Read the tag inc=. */
struct meant part_meant(const struct part *);
/* Return true if there is something to write; and write the tag, without a
 * separator. */
bool meant_is_said(const struct meant *);
void meant_write(struct writer *, const struct meant *);
/* Return the tag of a part with one user, in the arena; nothing for 0. */
struct span meant_tag(uint32_t inc, struct arena *);

/*
 * The digit of a run, which is the status of a SAY to a user (link-protocol.md,
 * 11.52). Return it; and return true if the word is the digit of another run.
 */
struct span run_digit(uint32_t inc);
bool run_digit_differs(struct span word, uint32_t inc);

/* Make an author, and a value of a register; texts are borrowed. */
struct by by_user(struct uid);
struct by by_server(struct sid);
/* Return an author in the bytes of a uid, which a sid alone does not fill; and
 * the author of such bytes. */
struct uid by_id(struct by);
struct by by_of_id(struct uid);
struct text text_of(struct span);
struct text text_off(void);

#endif
