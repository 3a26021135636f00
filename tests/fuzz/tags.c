/*
 * wire/tags: a look-up finds the last tag with a key. A client's tags are
 * relayed if the grammar of the specification allows them, within the limit;
 * relayed again, they are the same.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Take the next piece before a semicolon, and cut it at its first '='. */
static bool
next(struct span *rest, struct span *key, struct span *value)
{
	struct span piece;

	do {
		if (rest->n == 0)
			return false;
		piece = span_cut(rest, ';');
	} while (piece.n == 0);
	*value = piece;
	*key = span_cut(value, '=');
	return true;
}

static bool
made_of(struct span s, const char *others)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' ||
		    (strchr("abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
			 s.p[i]) == NULL &&
			strchr(others, s.p[i]) == NULL))
			return false;
	return s.n > 0;
}

/*
 * Return true for "+" [vendor "/"] name, with a value that ends neither the tag
 * nor the tags nor the line.
 */
static bool
may_be_relayed(struct span key, struct span value)
{
	struct span name;

	if (key.n == 0 || key.p[0] != '+')
		return false;
	for (size_t i = 0; i < value.n; i++)
		if (memchr(";\0 \r\n", value.p[i], 5) != NULL)
			return false;
	key = span_tail(key, 1);
	if (span_find(key, '/') == key.n)
		return made_of(key, "-");
	name = key;
	return made_of(span_cut(&name, '/'), "-.") && made_of(name, "-");
}

/*
 * Write the relayed tags to out, which is as large as tags. Return their
 * length.
 */
static size_t
reference(struct span tags, char *out)
{
	struct span key, value;
	size_t n = 0;

	while (next(&tags, &key, &value)) {
		if (!may_be_relayed(key, value))
			continue;
		if (n > 0)
			out[n++] = ';';
		memcpy(out + n, key.p, key.n);
		n += key.n;
		if (value.n == 0)
			continue;
		out[n++] = '=';
		memcpy(out + n, value.p, value.n);
		n += value.n;
	}
	return n;
}

static void
relay(struct span tags)
{
	char *want = malloc(tags.n + 1);
	char *once = malloc(tags.n + 1), *twice = malloc(tags.n + 1);
	size_t n = reference(tags, want);
	struct writer w, v;

	writer_init(&w, once, tags.n);
	if (tags_put_client_only(&w, tags)) {
		assert(n <= TAGS_CLIENT);
		assert(span_eq(writer_done(&w), span_make(want, n)));
		writer_init(&v, twice, tags.n);
		assert(tags_put_client_only(&v, writer_done(&w)));
		assert(span_eq(writer_done(&v), writer_done(&w)));
	} else {
		assert(n > TAGS_CLIENT && w.n == 0 && !w.over);
	}
	free(want);
	free(once);
	free(twice);
}

/* Compare tags_are_among() with the keys, one by one. */
static void
known(struct span tags)
{
	static const struct span keys[] = { SPAN_INIT("a"), SPAN_INIT("+b") };
	struct span rest = tags, key, value;
	bool among = true;

	while (next(&rest, &key, &value))
		among &= span_eq(key, keys[0]) || span_eq(key, keys[1]);
	assert(tags_are_among(tags, keys, 2) == among);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span tags = span_make(data, size), rest = tags;
	struct span key, value, other, found;

	relay(tags);
	known(tags);
	while (next(&rest, &key, &value)) {
		struct span later = rest, last = value, v;

		while (next(&later, &other, &v))
			if (span_eq(other, key))
				last = v;
		assert(tags_find(tags, key, &found));
		assert(span_eq(found, last));
		if (size > 300)
			break;
	}
	return 0;
}
