/*
 * An empty word is written as `*`. A word that begins with `:` is written with
 * a `0` before it, so that an IPv6 address such as ::1 stays a word. Text comes
 * last, after ` :`; a part without it has no text, which is not an empty text.
 */
#include "core/part/field.h"

#include <string.h>

#include "core/part/clean.h"

static void
skip_spaces(struct field_reader *r)
{
	r->rest = span_skip_spaces(r->rest);
}

/* Take the next word as sent. Return false at the text or at the end. */
static bool
take_word(struct field_reader *r, struct span *out)
{
	skip_spaces(r);
	if (r->rest.n == 0 || r->rest.p[0] == ':')
		return false;
	*out = span_word(&r->rest);
	return true;
}

static bool
take_num(struct field_reader *r, uint64_t *out)
{
	struct span w;

	return take_word(r, &w) && !(w.n > 1 && w.p[0] == '0') &&
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

static void
write_quoted(struct writer *w, struct span s)
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

/* ---- names --------------------------------------------------------------- */

static const char *
read_uid(struct field_reader *r, void *at)
{
	struct span w;

	return take_word(r, &w) && uid_parse(w, at) ? NULL : "expected a uid";
}

static void
put_uid(struct writer *w, const void *at)
{
	writer_span(w, uid_span(at));
}

const struct field_type field_type_uid = { read_uid, put_uid, NULL };

static const char *
read_sid(struct field_reader *r, void *at)
{
	struct span w;

	return take_word(r, &w) && sid_parse(w, at) ? NULL : "expected a sid";
}

static void
put_sid(struct writer *w, const void *at)
{
	writer_span(w, sid_span(at));
}

const struct field_type field_type_sid = { read_sid, put_sid, NULL };

static bool
take_by(struct field_reader *r, struct by *by)
{
	struct span w;

	*by = (struct by){ 0 };
	return take_word(r, &w) &&
	       (uid_parse(w, &by->uid) || sid_parse(w, &by->sid));
}

static const char *
read_by(struct field_reader *r, void *at)
{
	return take_by(r, at) ? NULL : "expected a uid or a sid";
}

static void
put_by(struct writer *w, const void *at)
{
	const struct by *by = at;

	writer_span(w,
	    uid_is_none(by->uid) ? sid_span(&by->sid) : uid_span(&by->uid));
}

const struct field_type field_type_by = { read_by, put_by, NULL };

static bool
take_ch(struct field_reader *r, struct ch *ch)
{
	struct span w;
	size_t comma;

	if (!take_word(r, &w))
		return false;
	comma = span_find(w, ',');
	ch->name = clean_chan(r->arena, span_head(w, comma));
	return ch->name.n > 0 && comma <= PART_WORD_MAX &&
	       ch->name.p[0] == '#' && comma < w.n &&
	       cinc_parse(span_tail(w, comma + 1), &ch->cinc);
}

static const char *
read_ch(struct field_reader *r, void *at)
{
	return take_ch(r, at) ? NULL : "expected #name,stamp.sid";
}

static void
put_ch(struct writer *w, const void *at)
{
	const struct ch *ch = at;

	writer_span(w, ch->name);
	writer_char(w, ',');
	write_cinc(w, ch->cinc);
}

const struct field_type field_type_ch = { read_ch, put_ch, NULL };

static const char *
read_dot(struct field_reader *r, void *at)
{
	struct span w;

	return take_word(r, &w) && dot_parse(w, at) ? NULL
						    : "expected sid.inc.n.part";
}

static void
put_dot(struct writer *w, const void *at)
{
	write_dot(w, *(const struct dot *)at);
}

const struct field_type field_type_dot = { read_dot, put_dot, NULL };

/* Return how many words are left before the text or the end. */
static size_t
count_words(struct field_reader r)
{
	struct span w;
	size_t n = 0;

	while (take_word(&r, &w))
		n++;
	return n;
}

static bool
take_dots(struct field_reader *r, struct dots *out)
{
	size_t n = count_words(*r);
	struct dot *v = arena_alloc(r->arena, n * sizeof(*v) + 1);
	struct span w;

	for (size_t i = 0; i < n; i++)
		if (!take_word(r, &w) || !dot_parse(w, &v[i]))
			return false;
	*out = (struct dots){ v, n };
	return n > 0;
}

static const char *
read_dots(struct field_reader *r, void *at)
{
	return take_dots(r, at) ? NULL : "expected one or more sid.inc.n.part";
}

static void
put_dots(struct writer *w, const void *at)
{
	const struct dots *dots = at;

	for (size_t i = 0; i < dots->n; i++) {
		if (i > 0)
			writer_char(w, ' ');
		write_dot(w, dots->v[i]);
	}
}

const struct field_type field_type_dots = { read_dots, put_dots, NULL };

static const char *
read_home(struct field_reader *r, void *at)
{
	struct origin *o = at;
	struct span w;

	*o = (struct origin){ 0 };
	return take_word(r, &w) && (span_eq(w, SPAN("-")) || origin_parse(w, o))
		   ? NULL
		   : "expected sid.inc or -";
}

static void
put_home(struct writer *w, const void *at)
{
	const struct origin *o = at;

	if (o->inc == 0)
		writer_char(w, '-');
	else
		write_origin(w, *o);
}

const struct field_type field_type_home = { read_home, put_home, NULL };

/* ---- numbers ------------------------------------------------------------- */

static const char *
read_num(struct field_reader *r, void *at)
{
	return take_num(r, at) ? NULL : "expected a number";
}

static void
put_num(struct writer *w, const void *at)
{
	writer_u64(w, *(const uint64_t *)at);
}

const struct field_type field_type_num = { read_num, put_num, NULL };

static const char *
read_tenure(struct field_reader *r, void *at)
{
	uint64_t n;

	if (!take_num(r, &n) || n == 0 || n > UINT32_MAX)
		return "expected a number from 1 to 2^32-1";
	*(uint32_t *)at = (uint32_t)n;
	return NULL;
}

static void
put_tenure(struct writer *w, const void *at)
{
	writer_u64(w, *(const uint32_t *)at);
}

const struct field_type field_type_tenure = { read_tenure, put_tenure, NULL };

static const char *
read_stamp(struct field_reader *r, void *at)
{
	struct span w;

	return take_word(r, &w) && stamp_parse(w, at) ? NULL
						      : "expected a time in ms";
}

static void
put_stamp(struct writer *w, const void *at)
{
	writer_i64(w, ((const struct stamp *)at)->ms);
}

const struct field_type field_type_stamp = { read_stamp, put_stamp, NULL };

static const char *
read_onoff(struct field_reader *r, void *at)
{
	bool *on = at;
	struct span w;

	if (!take_word(r, &w))
		return "expected on or off";
	*on = span_eq(w, SPAN("on"));
	return *on || span_eq(w, SPAN("off")) ? NULL : "expected on or off";
}

static void
put_onoff(struct writer *w, const void *at)
{
	writer_str(w, *(const bool *)at ? "on" : "off");
}

const struct field_type field_type_onoff = { read_onoff, put_onoff, NULL };

/* ---- words --------------------------------------------------------------- */

static const char *
read_word(struct field_reader *r, void *at)
{
	struct span w;

	if (!take_word(r, &w))
		return "expected a word";
	*(struct span *)at = unquote(w);
	return w.n <= PART_WORD_MAX ? NULL : "too long a word";
}

static void
put_word(struct writer *w, const void *at)
{
	write_quoted(w, *(const struct span *)at);
}

const struct field_type field_type_word = { read_word, put_word, NULL };

static const char *
read_nick(struct field_reader *r, void *at)
{
	const char *why = read_word(r, at);

	if (why == NULL)
		*(struct span *)at = clean_nick(*(struct span *)at);
	return why;
}

const struct field_type field_type_nick = { read_nick, put_word, NULL };

static const char *
read_server(struct field_reader *r, void *at)
{
	const char *why = read_word(r, at);

	if (why == NULL)
		*(struct span *)at = clean_server(*(struct span *)at);
	return why;
}

const struct field_type field_type_server = { read_server, put_word, NULL };

static const char *
read_username(struct field_reader *r, void *at)
{
	const char *why = read_word(r, at);

	if (why == NULL)
		*(struct span *)at = clean_user(r->arena, *(struct span *)at);
	return why;
}

const struct field_type field_type_username = { read_username, put_word, NULL };

static const char *
read_host(struct field_reader *r, void *at)
{
	const char *why = read_word(r, at);

	if (why == NULL)
		*(struct span *)at = clean_host(r->arena, *(struct span *)at);
	return why;
}

const struct field_type field_type_host = { read_host, put_word, NULL };

static const char *
read_gate(struct field_reader *r, void *at)
{
	const char *why = read_word(r, at);

	if (why == NULL)
		*(struct span *)at = clean_gate(r->arena, *(struct span *)at);
	return why;
}

const struct field_type field_type_gate = { read_gate, put_word, NULL };

static const char *
read_words(struct field_reader *r, void *at)
{
	size_t n = count_words(*r);
	struct span *v = arena_alloc(r->arena, n * sizeof(*v) + 1), w;

	for (size_t i = 0; i < n && take_word(r, &w); i++)
		v[i] = unquote(w);
	*(struct words *)at = (struct words){ v, n };
	return NULL;
}

static void
put_words(struct writer *w, const void *at)
{
	const struct words *words = at;

	for (size_t i = 0; i < words->n; i++) {
		if (i > 0)
			writer_char(w, ' ');
		write_quoted(w, words->v[i]);
	}
}

static bool
has_no_words(const void *at)
{
	return ((const struct words *)at)->n == 0;
}

const struct field_type field_type_words = { read_words, put_words,
	has_no_words };

static const char *
read_list(struct field_reader *r, void *at)
{
	struct text *out = at;

	skip_spaces(r);
	*out = (struct text){ .present = r->rest.n > 0 && r->rest.p[0] == ':' };
	if (out->present) {
		out->s = span_tail(r->rest, 1);
		r->rest = SPAN_NONE;
	}
	return NULL;
}

static const char *
read_text(struct field_reader *r, void *at)
{
	struct text *out = at;
	const char *why = read_list(r, at);

	out->s = clean_text(r->arena, out->s);
	return why;
}

static void
put_text(struct writer *w, const void *at)
{
	writer_char(w, ':');
	writer_span(w, ((const struct text *)at)->s);
}

static bool
has_no_text(const void *at)
{
	return !((const struct text *)at)->present;
}

const struct field_type field_type_text = { read_text, put_text, has_no_text };
const struct field_type field_type_list = { read_list, put_text, has_no_text };
