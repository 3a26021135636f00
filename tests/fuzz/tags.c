/*
 * wire/tags: escaping is undone by unescaping; a look-up finds the last of a
 * key; what is relayed of a client is client-only, well-formed, within the
 * limit, and relayed the same once more.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/msg.h"
#include "wire/tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any value: escaped, and back. */
static void
value_comes_back(struct span plain)
{
	size_t cap = 2 * plain.n + 1;
	char *raw = malloc(cap), *back = malloc(cap);
	struct writer w, v;

	writer_init(&w, raw, cap);
	tags_escape(&w, plain);
	assert(w.over == (span_find(plain, '\0') < plain.n));
	if (!w.over) {
		assert(tags_value_valid(writer_done(&w)));
		writer_init(&v, back, cap);
		tags_unescape(&v, writer_done(&w));
		assert(!v.over && span_eq(writer_done(&v), plain));
	}
	free(raw);
	free(back);
}

/* Any raw text: what it means, written our way, means the same. */
static void
raw_means_the_same(struct span raw)
{
	char *plain = malloc(raw.n + 1);
	struct writer w;

	writer_init(&w, plain, raw.n);
	tags_unescape(&w, raw);
	assert(!w.over);
	value_comes_back(writer_done(&w));
	free(plain);
}

static void
relay(struct span tags)
{
	char *once = malloc(tags.n + 1), *twice = malloc(tags.n + 1);
	struct writer w, v;
	struct span rest;
	struct tag t;

	writer_init(&w, once, tags.n);
	if (tags_put_client_only(&w, tags)) {
		assert(w.n <= TAGS_CLIENT);
		rest = writer_done(&w);
		while (tags_next(&rest, &t)) {
			assert(t.key.p[0] == '+' && tags_key_valid(t.key));
			assert(tags_value_valid(t.value));
		}
		writer_init(&v, twice, tags.n);
		assert(tags_put_client_only(&v, writer_done(&w)));
		assert(span_eq(writer_done(&v), writer_done(&w)));
	} else {
		assert(tags.n > TAGS_CLIENT && w.n == 0);
	}
	free(once);
	free(twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span tags = span_make(data, size), rest = tags, value;
	struct tag t;

	value_comes_back(tags);
	raw_means_the_same(tags);
	relay(tags);
	while (tags_next(&rest, &t)) {
		struct span later = rest;
		struct tag other;
		bool last = true;

		assert(t.key.n + t.value.n > 0 || t.key.p != NULL);
		while (last && tags_next(&later, &other))
			last = !span_eq(other.key, t.key);
		assert(tags_find(tags, t.key, &value));
		if (last)
			assert(span_eq(value, t.value));
		if (size > 300)
			break;
	}
	return 0;
}
