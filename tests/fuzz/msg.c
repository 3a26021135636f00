/*
 * wire/msg: the parts of a line lie in it, in order. A line that is built from
 * them is read as the same parts. msg_word() gives the same parameters.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/writer.h"
#include "wire/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Return true if s lies within line, behind *from, and move *from behind it. */
static void
inside(struct span line, struct span s, const char **from)
{
	if (s.n == 0)
		return;
	assert(s.p >= *from && s.p + s.n <= line.p + line.n);
	*from = s.p + s.n;
}

/*
 * Write the line of m. Return false if a line that begins so would be read in
 * another way.
 */
static bool
build(struct writer *w, const struct msg *m)
{
	/* a verb "@x" is only possible behind spaces */
	if (m->verb.p[0] == '@' || m->verb.p[0] == ':')
		return false;
	if (m->tags.n > 0) {
		writer_char(w, '@');
		writer_span(w, m->tags);
		writer_char(w, ' ');
	}
	if (m->source.n > 0) {
		writer_char(w, ':');
		writer_span(w, m->source);
		writer_char(w, ' ');
	}
	writer_span(w, m->verb);
	for (unsigned int i = 0; i < m->nparam; i++) {
		bool last = i + 1 == m->nparam;

		assert(last || msg_is_word(m->param[i]));
		writer_char(w, ' ');
		if (last && (m->trailing || !msg_is_word(m->param[i])))
			writer_char(w, ':');
		writer_span(w, m->param[i]);
	}
	return true;
}

static void
rebuild(const struct msg *m, size_t size)
{
	size_t cap = size + 64;
	char *buf = malloc(cap);
	struct writer w;
	struct msg again;

	writer_init(&w, buf, cap);
	if (!build(&w, m)) {
		free(buf);
		return;
	}
	assert(!w.over);
	assert(msg_parse(writer_done(&w), &again));
	assert(span_eq(again.tags, m->tags));
	assert(span_eq(again.source, m->source));
	assert(span_eq(again.verb, m->verb));
	assert(again.nparam == m->nparam);
	assert(again.trailing || !m->trailing);
	for (unsigned int i = 0; i < m->nparam; i++)
		assert(span_eq(again.param[i], m->param[i]));
	free(buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span line = span_make(data, size), rest, word;
	const char *from = line.p;
	bool trailing;
	struct msg m;

	if (!msg_parse(line, &m))
		return 0;
	assert(span_find(line, '\0') == size && span_find(line, '\r') == size &&
	       span_find(line, '\n') == size);
	assert(m.verb.n > 0 && span_find(m.verb, ' ') == m.verb.n);
	assert(m.nparam <= MSG_PARAMS);
	inside(line, m.tags, &from);
	inside(line, m.source, &from);
	inside(line, m.verb, &from);
	for (unsigned int i = 0; i < m.nparam; i++) {
		assert(m.param[i].p != NULL);
		inside(line, m.param[i], &from);
		if (i + 1 < m.nparam)
			assert(msg_is_word(m.param[i]));
	}
	rest = m.rest;
	for (unsigned int i = 0; msg_word(&rest, &word, &trailing); i++) {
		if (i < MSG_PARAMS - 1) {
			assert(i < m.nparam);
			assert(span_eq(word, m.param[i]));
		}
		assert(trailing ? rest.n == 0 : msg_is_word(word));
		if (i + 1 == m.nparam && i + 1 < MSG_PARAMS)
			assert(trailing == m.trailing);
	}
	rebuild(&m, size);
	return 0;
}
