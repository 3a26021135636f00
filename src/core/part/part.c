/*
 * All parts have one codec: a row lists its fields as {type, offset}, and the
 * two functions below walk that list (the types are in field.c). Rejected: a
 * decoder written by hand for each verb, where servers differ and overflows
 * hide.
 */
#include "core/part/part.h"

#include <string.h>

#include "core/part/field.h"
#include "wire/tags.h"

struct field {
	const struct field_type *type;
	size_t at; /* offset in struct part */
};

#define FACT true
#define MESSAGE false
#define FIELDS_MAX 8

struct part_row {
	struct span name;
	bool fact;
	struct field field[FIELDS_MAX];
	size_t nfield;
};

#define F(pt, type, f) { &field_type_##type, offsetof(struct part, u.pt.f) },
#define PART(ID, name, kind, fields, scenario)             \
	[PART_##ID] = { SPAN_INIT(#ID), kind, { fields },  \
		sizeof((const struct field[]){ fields }) / \
		    sizeof(struct field) },
static const struct part_row part_row[] = {
#include "core/part/part.def"
};
#undef PART
#undef F

/* ---- decoding ---------------------------------------------------------- */

/* Read the kind of a part whose verb is not known, and check that the line is
 * of that kind (link-protocol.md, 11.26). */
static const char *
decode_unknown(struct part *part)
{
	struct kind *kind = &part->u.unknown.kind;
	struct span value;

	if (!tags_find(part->tags, SPAN("kind"), &value))
		return "expected a known verb, or kind=";
	if (!kind_parse(value, kind))
		return "expected another kind=";
	return kind_check(kind, part->line);
}

static enum part_id
part_find(struct span verb)
{
	enum part_id id = 0;

	while (id < PART_UNKNOWN && !span_eq(verb, part_row[id].name))
		id++;
	return id;
}

bool
part_has_verb(struct span verb)
{
	return part_find(verb) != PART_UNKNOWN;
}

const char *
part_decode(struct span line, struct arena *arena, struct part *part)
{
	struct field_reader r = { line, arena };
	struct span verb;
	const char *why;

	*part = (struct part){ .id = PART_UNKNOWN, .line = line };
	if (memchr(line.n > 0 ? line.p : "", '\0', line.n) != NULL)
		return "NUL in a line";
	if (line.n > 0 && line.p[0] == '@') {
		part->tags = span_tail(span_word(&r.rest), 1);
		while (r.rest.n > 0 && r.rest.p[0] == ' ')
			r.rest = span_tail(r.rest, 1);
		part->line = r.rest;
	}
	if (part->line.n > PART_LINE_MAX)
		return "too long a + line";
	verb = span_word(&r.rest);
	if (verb.n < 2 || verb.p[0] != '+')
		return "expected a + line";
	part->id = part_find(span_tail(verb, 1));
	if (part->id == PART_UNKNOWN)
		return decode_unknown(part);
	for (size_t i = 0; i < part_row[part->id].nfield; i++) {
		const struct field *f = &part_row[part->id].field[i];

		why = f->type->read(&r, (char *)part + f->at);
		if (why != NULL)
			return why;
	}
	while (r.rest.n > 0 && r.rest.p[0] == ' ')
		r.rest = span_tail(r.rest, 1);
	return r.rest.n == 0 ? NULL : "more words than expected";
}

/* ---- encoding ---------------------------------------------------------- */

void
part_encode(struct writer *w, const struct part *part)
{
	const struct part_row *row;

	if (part->tags.n > 0) {
		writer_char(w, '@');
		writer_span(w, part->tags);
		writer_char(w, ' ');
	}
	if (part->id == PART_UNKNOWN) {
		writer_span(w, part->line);
		return;
	}
	row = &part_row[part->id];
	writer_char(w, '+');
	writer_span(w, row->name);
	for (size_t i = 0; i < row->nfield; i++) {
		const struct field_type *type = row->field[i].type;
		const void *at = (const char *)part + row->field[i].at;

		if (type->is_absent != NULL && type->is_absent(at))
			continue;
		writer_char(w, ' ');
		type->write(w, at);
	}
}

bool
part_is_fact(const struct part *part)
{
	if (part->id == PART_UNKNOWN)
		return part->u.unknown.kind.type != KIND_MESSAGE;
	return part_row[part->id].fact;
}

static bool
has_tenure(const struct part *part)
{
	if (part->id == PART_UNKNOWN)
		return part->u.unknown.kind.type == KIND_REGISTER;
	return part->id == PART_SET || part->id == PART_NICK;
}

uint32_t
part_tenure(const struct part *part)
{
	struct span value;
	uint64_t n;

	if (!has_tenure(part) ||
	    !tags_find(part->tags, SPAN("tenure"), &value) ||
	    !span_u64(value, &n) || n > UINT32_MAX)
		return 0;
	return (uint32_t)n;
}

bool
part_made(const struct part *part, struct made *made)
{
	struct span value, t;
	uint64_t tenure;

	if (part->id != PART_JOIN ||
	    !tags_find(part->tags, SPAN("cause"), &value))
		return false;
	t = span_cut(&value, ',');
	if (!span_u64(t, &tenure) || tenure > UINT32_MAX ||
	    !span_u64(value, &made->c))
		return false;
	made->tenure = (uint32_t)tenure;
	return true;
}

/* Take the next number of a list. Return 0 if it is not a valid inc. */
static uint32_t
next_inc(struct span *rest)
{
	struct span word = span_cut(rest, ',');
	uint64_t n;

	if (word.n == 0 || word.p[0] == '0' || !span_u64(word, &n) ||
	    n > UINT32_MAX)
		return 0;
	return (uint32_t)n;
}

struct meant
part_meant(const struct part *part)
{
	const struct kind *k = &part->u.unknown.kind;
	bool of_one = part->id == PART_INVITE || part->id == PART_NOTE;
	struct meant meant = { { 0 } };
	struct span rest;

	if (part->tags.n == 0 || (!of_one && part->id != PART_UNKNOWN) ||
	    !tags_find(part->tags, SPAN("inc"), &rest))
		return meant;
	if (of_one)
		meant.inc[0] = next_inc(&rest);
	for (unsigned i = 0; !of_one && i < k->nowner; i++)
		if (k->owner[i].type == OWNER_USER)
			meant.inc[i] = next_inc(&rest);
	return meant;
}

void
meant_write(struct writer *w, const struct meant *meant)
{
	const char *before = "inc=";

	for (unsigned i = 0; i < KIND_OWNERS_MAX; i++) {
		if (meant->inc[i] == 0)
			continue;
		writer_str(w, before);
		writer_u64(w, meant->inc[i]);
		before = ",";
	}
}

bool
meant_is_said(const struct meant *meant)
{
	for (unsigned i = 0; i < KIND_OWNERS_MAX; i++)
		if (meant->inc[i] != 0)
			return true;
	return false;
}

struct span
made_tag(struct made made, struct arena *arena)
{
	struct writer w;

	writer_init_arena(&w, arena,
	    sizeof("cause=4294967295,18446744073709551615"));
	writer_str(&w, "cause=");
	writer_u64(&w, made.tenure);
	writer_char(&w, ',');
	writer_u64(&w, made.c);
	return writer_done(&w);
}

struct span
meant_tag(uint32_t inc, struct arena *arena)
{
	struct writer w;

	if (inc == 0)
		return SPAN_NONE;
	writer_init_arena(&w, arena, sizeof("inc=4294967295"));
	meant_write(&w, &(struct meant){ { inc } });
	return writer_done(&w);
}

/* A prime number of digits: runs that begin at the same minute or hour have
 * different ones. */
#define RUN_DIGITS 61
static const char run_digits[] = "0123456789"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxy";

_Static_assert(sizeof(run_digits) == RUN_DIGITS + 1, "that many");

struct span
run_digit(uint32_t inc)
{
	return span_make(&run_digits[inc % RUN_DIGITS], 1);
}

bool
run_digit_differs(struct span word, uint32_t inc)
{
	return word.n == 1 && !span_eq(word, run_digit(inc)) &&
	       memchr(run_digits, word.p[0], RUN_DIGITS) != NULL;
}

struct by
by_user(struct uid uid)
{
	return (struct by){ .uid = uid };
}

struct by
by_server(struct sid sid)
{
	return (struct by){ .sid = sid };
}

struct uid
by_id(struct by by)
{
	struct uid id = by.uid;

	if (uid_is_none(id))
		memcpy(&id, &by.sid, sizeof(by.sid));
	return id;
}

struct by
by_of_id(struct uid id)
{
	struct sid sid;

	if (id.s[SID_LEN] != '\0')
		return by_user(id);
	memcpy(&sid, &id, sizeof(sid));
	return by_server(sid);
}

struct text
text_of(struct span s)
{
	return (struct text){ s, true };
}

struct text
text_off(void)
{
	return (struct text){ .present = false };
}
