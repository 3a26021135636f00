/*
 * core/part, core/entry: a part that decodes is encoded as a line, which
 * decodes to the same line again. An entry is the text it was made of.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/types/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
part(struct span line, struct arena *arena)
{
	struct part p, again;
	struct writer a, b;

	if (part_decode(line, arena, &p) != NULL)
		return;
	writer_init_arena(&a, arena, 4 * line.n + 64);
	part_encode(&a, &p);
	assert(!a.over);
	assert(part_decode(writer_done(&a), arena, &again) == NULL);
	assert(again.id == p.id);
	writer_init_arena(&b, arena, 4 * line.n + 64);
	part_encode(&b, &again);
	assert(!b.over && span_eq(writer_done(&a), writer_done(&b)));
}

static void
entry(struct span text, struct arena *arena)
{
	const char *why = NULL;
	struct entry *e = entry_from_text(text, &why);
	struct part *v;

	if (e == NULL) {
		assert(why != NULL);
		return;
	}
	assert(span_eq(rcbuf_span(e->text), text));
	assert(entry_dest(e).n > 0 && entry_size(e) > text.n);
	v = entry_parts(e, arena);
	for (size_t i = 0; i < e->nparts; i++)
		(void)part_is_fact(&v[i]);
	entry_unref(e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4096);
	struct span all = span_make(data, size);

	entry(all, arena);
	part(all, arena);
	arena_free(arena);
	return 0;
}
