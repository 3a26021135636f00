/*
 * Liberal in what it reads, as modern-irc and all servers are: several spaces
 * are one, spaces before the verb and at the end mean nothing. Strict in what
 * it writes: a builder that could be talked into a second line, or a second
 * parameter, would be a hole in every command.
 */
#include "wire/msg.h"

#include "wire/utf8.h"

#define CRLF 2

static struct span
skip_spaces(struct span s)
{
	while (s.n > 0 && s.p[0] == ' ')
		s = span_tail(s, 1);
	return s;
}

bool
msg_is_text(struct span s)
{
	return span_find(s, '\0') == s.n && span_find(s, '\r') == s.n &&
	       span_find(s, '\n') == s.n;
}

bool
msg_is_word(struct span s)
{
	return s.n > 0 && s.p[0] != ':' && span_find(s, ' ') == s.n &&
	       msg_is_text(s);
}

bool
msg_word(struct span *rest, struct span *word, bool *trailing)
{
	struct span s = skip_spaces(*rest);
	bool colon = s.n > 0 && s.p[0] == ':';

	if (trailing != NULL)
		*trailing = colon;
	*rest = SPAN_NONE;
	if (s.n == 0)
		return false;
	if (colon) {
		/* not span_tail(): an empty text still lies in the line */
		*word = span_make(s.p + 1, s.n - 1);
		return true;
	}
	*word = span_word(&s);
	*rest = s;
	return true;
}

static void
parse_params(struct msg *m)
{
	struct span rest = m->rest, word;
	bool trailing;

	while (m->nparam < MSG_PARAMS - 1 &&
	       msg_word(&rest, &word, &trailing)) {
		m->param[m->nparam++] = word;
		m->trailing = trailing;
	}
	/* RFC 2812, 2.3.1: behind 14 parameters the ":" is optional */
	rest = skip_spaces(rest);
	if (rest.n == 0)
		return;
	m->trailing = rest.p[0] == ':';
	if (m->trailing)
		rest = span_make(rest.p + 1, rest.n - 1);
	m->param[m->nparam++] = rest;
}

bool
msg_parse(struct span line, struct msg *m)
{
	struct span s = line;

	*m = (struct msg){ 0 };
	if (!msg_is_text(line))
		return false;
	/* only as the very first byte (modern-irc, "Tags") */
	if (s.n > 0 && s.p[0] == '@')
		m->tags = span_tail(span_word(&s), 1);
	s = skip_spaces(s);
	if (s.n > 0 && s.p[0] == ':')
		m->source = span_tail(span_word(&s), 1);
	m->verb = span_word(&s);
	if (m->verb.n == 0)
		return false;
	m->rest = s;
	parse_params(m);
	return true;
}

void
msg_put_tags(struct writer *w, struct span tags)
{
	if (tags.n == 0)
		return;
	if (!msg_is_text(tags) || span_find(tags, ' ') < tags.n)
		writer_fail(w);
	writer_char(w, '@');
	writer_span(w, tags);
	writer_char(w, ' ');
}

void
msg_put_source(struct writer *w, struct span source)
{
	if (!msg_is_word(source))
		writer_fail(w);
	writer_char(w, ':');
	writer_span(w, source);
	writer_char(w, ' ');
}

void
msg_put_verb(struct writer *w, struct span verb)
{
	if (!msg_is_word(verb) || verb.p[0] == '@')
		writer_fail(w);
	writer_span(w, verb);
}

void
msg_put_word(struct writer *w, struct span word)
{
	if (!msg_is_word(word))
		writer_fail(w);
	writer_char(w, ' ');
	writer_span(w, word);
}

void
msg_put_words(struct writer *w, struct span words)
{
	while (words.n > 0)
		msg_put_word(w, span_cut(&words, ' '));
}

void
msg_put_u64(struct writer *w, uint64_t v)
{
	writer_char(w, ' ');
	writer_u64(w, v);
}

void
msg_put_i64(struct writer *w, int64_t v)
{
	writer_char(w, ' ');
	writer_i64(w, v);
}

void
msg_put_text(struct writer *w, struct span text)
{
	if (!msg_is_text(text))
		writer_fail(w);
	writer_str(w, " :");
	writer_span(w, text);
}

void
msg_put_text_cut(struct writer *w, struct span text)
{
	size_t used = w->n + 2 + CRLF;

	if (used > w->max)
		writer_fail(w);
	else
		msg_put_text(w, utf8_cut(text, w->max - used));
}

void
msg_put_end(struct writer *w)
{
	writer_str(w, "\r\n");
}
