/*
 * core/part, core/entry: a part that decodes is encoded as a line, which
 * decodes to the same line again. A part of a later verb has the words that its
 * kind names, and the runs of users that it says can be said again. A ban, and
 * the place where a server takes gates, are read as they were written. An entry
 * is the text it was made of.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/part/ban.h"
#include "core/part/entrance.h"
#include "core/types/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The words of a later verb that its kind names are there. */
static void
kind(const struct part *p)
{
	const struct kind *k = &p->u.unknown.kind;
	struct span rest = kind_dots(k, p->line), again;
	struct kind same;
	struct dot dot;
	unsigned n = 0;

	assert(kind_parse(k->text, &same) && same.type == k->type);
	assert(kind_check(k, p->line) == NULL);
	for (unsigned i = 0; i < k->nowner; i++)
		assert(kind_word(p->line, k->owner[i].word).n > 0);
	if (k->type == KIND_REGISTER) {
		again = span_head(p->line, kind_key_end(k, p->line));
		assert(again.n > 1 && kind_check(k, again) == NULL);
	}
	if (k->type != KIND_REMOVAL)
		return;
	while (kind_next_dot(&rest, &dot))
		n++;
	assert(n > 0);
}

/* A line that says a ban says the same when its fields are written again. */
static void
ban(struct span line, struct arena *arena)
{
	struct ban_text b, again;
	struct part p;

	if (!ban_parse(line, &b))
		return;
	ban_part(&p, &b, arena);
	assert(ban_parse(p.line, &again));
	assert(span_eq(again.kind, b.kind) && span_eq(again.by, b.by));
	assert(cinc_cmp(again.id, b.id) == 0);
	assert(again.expiry.ms == b.expiry.ms);
	assert(span_eq(again.mask, b.mask) && span_eq(again.lifts, b.lifts));
	assert(span_eq(again.reason, b.reason));
	assert(span_eq(again.private, b.private));
}

/* A line that says where a server takes gates says the same when its fields are
 * written again. */
static void
entrance(struct span line, struct arena *arena)
{
	struct entrance_text e, again;
	struct part p;

	if (!entrance_parse(line, &e))
		return;
	entrance_part(&p, &e, arena);
	assert(entrance_parse(p.line, &again));
	assert(span_eq(again.host, e.host) && again.port == e.port);
	assert(span_eq(again.region, e.region) && again.weight == e.weight);
	assert(again.draining == e.draining && span_eq(again.pin, e.pin));
}

/* The runs of users that a part says are the same when they are written again.
 * A server says the runs of both users or none. */
static void
meant(const struct part *p, struct arena *arena)
{
	const struct kind *k = &p->u.unknown.kind;
	struct meant m = part_meant(p), same;
	struct part again = *p;
	struct writer w;

	if (p->id == PART_UNKNOWN && k->nowner == 2 &&
	    k->owner[0].type == k->owner[1].type &&
	    (m.inc[0] == 0) != (m.inc[1] == 0))
		return;
	assert(!run_digit_differs(run_digit(m.inc[0]), m.inc[0]));
	writer_init_arena(&w, arena, MEANT_MAX);
	meant_write(&w, &m);
	assert(!w.over);
	again.tags = writer_done(&w);
	same = part_meant(&again);
	assert(memcmp(&same, &m, sizeof(m)) == 0);
}

static void
part(struct span line, struct arena *arena)
{
	struct part p, again;
	struct writer a, b;

	if (part_decode(line, arena, &p) != NULL)
		return;
	if (p.id == PART_UNKNOWN) {
		kind(&p);
		ban(p.line, arena);
		entrance(p.line, arena);
	}
	meant(&p, arena);
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
