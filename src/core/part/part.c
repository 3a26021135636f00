/*
 * One codec for all parts: a row lists its fields as {type, offset}, and the
 * two functions below walk that list. What was rejected: a decoder written
 * by hand per verb, which is where servers differ and overflows live.
 *
 * A word that would be empty is `*`; one that would begin with `:` gets a `0`
 * before it, so that an IPv6 address such as ::1 stays a word. Text comes
 * last and after ` :`; where it is missing it is absent, not empty.
 */
#include "core/part/part.h"

#include <string.h>

#include "wire/tags.h"

enum field_type {
	FT_uid,
	FT_sid,
	FT_by,
	FT_word,
	FT_num,
	FT_stamp,
	FT_ch,
	FT_dot,
	FT_dots,
	FT_words,
	FT_onoff,
	FT_sess,
	FT_text
};

struct field {
	enum field_type type;
	size_t at; /* offset in struct part */
};

#define FACT true
#define MESSAGE false
#define FIELDS_MAX 8

struct part_row {
	const char *name;
	bool fact;
	struct field field[FIELDS_MAX];
	size_t nfield;
};

#define F(pt, type, f) { FT_##type, offsetof(struct part, u.pt.f) },
#define PART(ID, name, kind, fields, scenario)             \
	[PART_##ID] = { #ID, kind, { fields },             \
		sizeof((const struct field[]){ fields }) / \
		    sizeof(struct field) },
static const struct part_row part_row[] = {
#include "core/part/part.def"
};
#undef PART
#undef F

/* ---- decoding ---------------------------------------------------------- */

struct reader {
	struct span rest;
	struct arena *arena;
};

static bool
at_text(const struct reader *r)
{
	struct span s = r->rest;

	while (s.n > 0 && s.p[0] == ' ')
		s = span_tail(s, 1);
	return s.n == 0 || s.p[0] == ':';
}

/* The next word as sent; false at the text or the end. */
static bool
read_word(struct reader *r, struct span *out)
{
	if (at_text(r))
		return false;
	*out = span_word(&r->rest);
	return true;
}

static bool
read_num(struct reader *r, uint64_t *out)
{
	struct span w;

	return read_word(r, &w) && !(w.n > 1 && w.p[0] == '0') &&
	       span_u64(w, out);
}

static struct span
unquote(struct span w)
{
	if (w.n == 1 && w.p[0] == '*')
		return SPAN_NONE;
	if (w.n > 1 && w.p[0] == '0' && w.p[1] == ':')
		return span_tail(w, 1);
	return w;
}

static bool
read_by(struct reader *r, struct by *by)
{
	struct span w;

	*by = (struct by){ 0 };
	return read_word(r, &w) &&
	       (uid_parse(w, &by->uid) || sid_parse(w, &by->sid));
}

static bool
read_ch(struct reader *r, struct ch *ch)
{
	struct span w;
	size_t comma;

	if (!read_word(r, &w))
		return false;
	comma = span_find(w, ',');
	ch->name = span_head(w, comma);
	return ch->name.n > 0 && ch->name.n <= PART_WORD_MAX &&
	       ch->name.p[0] == '#' && comma < w.n &&
	       cinc_parse(span_tail(w, comma + 1), &ch->cinc);
}

/* How many words are left before the text or the end. */
static size_t
count_words(struct reader r)
{
	struct span w;
	size_t n = 0;

	while (read_word(&r, &w))
		n++;
	return n;
}

static bool
read_dots(struct reader *r, struct dots *out)
{
	size_t n = count_words(*r);
	struct dot *v = arena_alloc(r->arena, n * sizeof(*v) + 1);
	struct span w;

	for (size_t i = 0; i < n; i++)
		if (!read_word(r, &w) || !dot_parse(w, &v[i]))
			return false;
	*out = (struct dots){ v, n };
	return n > 0;
}

static void
read_words(struct reader *r, struct words *out)
{
	size_t n = count_words(*r);
	struct span *v = arena_alloc(r->arena, n * sizeof(*v) + 1), w;

	for (size_t i = 0; i < n && read_word(r, &w); i++)
		v[i] = unquote(w);
	*out = (struct words){ v, n };
}

static void
read_text(struct reader *r, struct text *out)
{
	struct span s = r->rest;

	while (s.n > 0 && s.p[0] == ' ')
		s = span_tail(s, 1);
	*out = (struct text){ .present = s.n > 0 && s.p[0] == ':' };
	if (out->present) {
		out->s = span_tail(s, 1);
		r->rest = SPAN_NONE;
	}
}

static const char *
read_field(struct reader *r, enum field_type type, void *at)
{
	struct span w;

	switch (type) {
	case FT_uid:
		return read_word(r, &w) && uid_parse(w, at) ? NULL
							    : "expected a uid";
	case FT_sid:
		return read_word(r, &w) && sid_parse(w, at) ? NULL
							    : "expected a sid";
	case FT_by:
		return read_by(r, at) ? NULL : "expected a uid or a sid";
	case FT_word:
		if (!read_word(r, &w))
			return "expected a word";
		*(struct span *)at = unquote(w);
		return w.n <= PART_WORD_MAX ? NULL : "too long a word";
	case FT_num:
		return read_num(r, at) ? NULL : "expected a number";
	case FT_stamp:
		return read_word(r, &w) && stamp_parse(w, at)
			   ? NULL
			   : "expected a time in ms";
	case FT_ch:
		return read_ch(r, at) ? NULL : "expected #name,stamp.sid";
	case FT_dot:
		return read_word(r, &w) && dot_parse(w, at)
			   ? NULL
			   : "expected sid.inc.n.part";
	case FT_dots:
		return read_dots(r, at) ? NULL
					: "expected one or more sid.inc.n.part";
	case FT_words:
		read_words(r, at);
		return NULL;
	case FT_onoff:
		if (!read_word(r, &w))
			return "expected on or off";
		*(bool *)at = span_eq(w, SPAN("on"));
		return *(bool *)at || span_eq(w, SPAN("off"))
			   ? NULL
			   : "expected on or off";
	case FT_sess:
		return read_word(r, &w) && session_id_parse(w, at)
			   ? NULL
			   : "expected uid.k";
	case FT_text:
		read_text(r, at);
		return NULL;
	}
	return "unknown field";
}

static enum part_id
part_find(struct span verb)
{
	enum part_id id = 0;

	while (id < PART_UNKNOWN && !span_eq(verb, span_of(part_row[id].name)))
		id++;
	return id;
}

const char *
part_decode(struct span line, struct arena *arena, struct part *part)
{
	struct reader r = { line, arena };
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
		return NULL;
	for (size_t i = 0; i < part_row[part->id].nfield; i++) {
		const struct field *f = &part_row[part->id].field[i];

		why = read_field(&r, f->type, (char *)part + f->at);
		if (why != NULL)
			return why;
	}
	while (r.rest.n > 0 && r.rest.p[0] == ' ')
		r.rest = span_tail(r.rest, 1);
	return r.rest.n == 0 ? NULL : "more words than expected";
}

/* ---- encoding ---------------------------------------------------------- */

static void
write_word(struct writer *w, struct span s)
{
	if (s.n == 0 || (s.n == 1 && s.p[0] == '*'))
		writer_char(w, '*');
	else {
		if (s.p[0] == ':')
			writer_char(w, '0');
		if (memchr(s.p, ' ', s.n) != NULL)
			writer_fail(w);
		writer_span(w, s);
	}
}

static void
write_field(struct writer *w, enum field_type type, const void *at)
{
	const struct by *by = at;
	const struct ch *ch = at;
	const struct dots *dots = at;
	const struct words *words = at;
	const struct text *text = at;

	switch (type) {
	case FT_uid:
		writer_span(w, uid_span(at));
		break;
	case FT_sid:
		writer_span(w, sid_span(at));
		break;
	case FT_by:
		writer_span(w, uid_is_none(by->uid) ? sid_span(&by->sid)
						    : uid_span(&by->uid));
		break;
	case FT_word:
		write_word(w, *(const struct span *)at);
		break;
	case FT_num:
		writer_u64(w, *(const uint64_t *)at);
		break;
	case FT_stamp:
		writer_i64(w, ((const struct stamp *)at)->ms);
		break;
	case FT_ch:
		writer_span(w, ch->name);
		writer_char(w, ',');
		write_cinc(w, ch->cinc);
		break;
	case FT_dot:
		write_dot(w, *(const struct dot *)at);
		break;
	case FT_dots:
		for (size_t i = 0; i < dots->n; i++) {
			if (i > 0)
				writer_char(w, ' ');
			write_dot(w, dots->v[i]);
		}
		break;
	case FT_words:
		for (size_t i = 0; i < words->n; i++) {
			if (i > 0)
				writer_char(w, ' ');
			write_word(w, words->v[i]);
		}
		break;
	case FT_onoff:
		writer_str(w, *(const bool *)at ? "on" : "off");
		break;
	case FT_sess:
		write_session_id(w, *(const struct session_id *)at);
		break;
	case FT_text:
		writer_char(w, ':');
		writer_span(w, text->s);
		break;
	}
}

static bool
is_absent(enum field_type type, const void *at)
{
	return (type == FT_text && !((const struct text *)at)->present) ||
	       (type == FT_words && ((const struct words *)at)->n == 0);
}

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
	writer_str(w, row->name);
	for (size_t i = 0; i < row->nfield; i++) {
		const void *at = (const char *)part + row->field[i].at;

		if (is_absent(row->field[i].type, at))
			continue;
		writer_char(w, ' ');
		write_field(w, row->field[i].type, at);
	}
}

bool
part_is_fact(const struct part *part)
{
	return part->id == PART_UNKNOWN || part_row[part->id].fact;
}

uint32_t
part_tenure(const struct part *part)
{
	struct span value;
	uint64_t n;

	if (part->id != PART_SET ||
	    !tags_find(part->tags, SPAN("tenure"), &value) ||
	    !span_u64(value, &n) || n > UINT32_MAX)
		return 0;
	return (uint32_t)n;
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
