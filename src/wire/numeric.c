/*
 * The forms are interpreted, not compiled into functions: so a numeric is one
 * row, and a handler passes spans. An error echoes bytes that the client sent,
 * so every argument is checked here, once.
 */
#include "wire/numeric.h"

#include "base/invariant.h"
#include "wire/msg.h"
#include "wire/utf8.h"

#define CRLF 2

/*
 * The bound of a word: a client may send a word that fills a line, and the
 * error about it must fit behind that word.
 */
#define WORD 300

const struct numeric_row numerics_builtin[NUMERIC_BUILTIN] = {
#define NUMERIC(number, name, form, scenario) { number, #name, form },
#include "wire/numeric.def"
#undef NUMERIC
};

const struct numeric_row *
numeric_row(enum numeric n)
{
	invariant(n < NUMERIC_BUILTIN);
	return &numerics_builtin[n];
}

size_t
numeric_args(const struct numeric_row *row)
{
	size_t count = 0;

	for (const char *c = row->form; *c != '\0'; c++)
		count += *c == '$' || *c == '%';
	return count;
}

static void
put_word(struct writer *w, struct span s)
{
	writer_span(w, msg_is_word(s) ? utf8_cut(s, WORD) : SPAN("*"));
}

/*
 * Append the pieces between spaces, one space apart. If there is no piece,
 * remove the space before them.
 */
static void
put_words(struct writer *w, struct span s)
{
	bool first = true;

	while (s.n > 0) {
		struct span word = span_word(&s);

		if (word.n == 0)
			break;
		if (!first)
			writer_char(w, ' ');
		put_word(w, word);
		first = false;
	}
	if (first && w->n > 0 && w->p[w->n - 1] == ' ')
		w->n--;
}

static void
put_text(struct writer *w, struct span s)
{
	if (msg_is_text(s)) {
		writer_span(w, s);
		return;
	}
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\0' && s.p[i] != '\r' && s.p[i] != '\n')
			writer_char(w, s.p[i]);
}

/* Append the form with the arguments in their places. Return their number. */
static size_t
put_form(struct writer *w, const char *form, const struct span *arg,
    size_t narg)
{
	const char *piece = form;
	bool text = false;
	size_t n = 0;

	for (; *form != '\0'; form++) {
		if (*form < '$' || *form > ':')
			continue; /* most bytes of a form */
		text |= *form == ':';
		if (*form != '$' && *form != '%')
			continue;
		invariant(n < narg);
		writer_span(w, span_make(piece, (size_t)(form - piece)));
		piece = form + 1;
		if (*form == '%')
			put_words(w, arg[n++]);
		else if (text)
			put_text(w, arg[n++]);
		else
			put_word(w, arg[n++]);
	}
	writer_span(w, span_make(piece, (size_t)(form - piece)));
	return n;
}

/* Append the line without its end, before it is cut. */
static void
put_line(struct writer *w, const struct numeric_row *row, struct span source,
    struct span client, const struct span *arg, size_t narg)
{
	writer_char(w, ':');
	writer_span(w, source);
	writer_char(w, ' ');
	writer_pad(w, row->number, 3);
	writer_char(w, ' ');
	put_word(w, client);
	writer_char(w, ' ');
	invariant(put_form(w, row->form, arg, narg) == narg);
}

struct span
numeric_line(char buf[NUMERIC_ROOM], const struct numeric_row *row,
    struct span source, struct span client, const struct span *arg, size_t narg)
{
	struct writer line;

	writer_init(&line, buf, NUMERIC_ROOM);
	put_line(&line, row, source, client, arg, narg);
	return utf8_cut(writer_done(&line), MSG_LINE - CRLF);
}

void
numeric_build(struct writer *w, const struct numeric_row *row,
    struct span source, struct span client, const struct span *arg, size_t narg)
{
	char buf[NUMERIC_ROOM];

	writer_span(w, numeric_line(buf, row, source, client, arg, narg));
	writer_str(w, "\r\n");
}

size_t
numeric_room(const struct numeric_row *row, struct span source,
    struct span client, const struct span *arg, size_t narg)
{
	char buf[NUMERIC_ROOM];
	struct writer line;

	writer_init(&line, buf, sizeof(buf));
	put_line(&line, row, source, client, arg, narg);
	return line.n < MSG_LINE - CRLF ? MSG_LINE - CRLF - line.n : 0;
}
