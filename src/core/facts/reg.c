/* Owners have few registers, so a set of them is an array in order of first
 * write; what is shown or dumped is sorted by name where order matters. */
#include "core/facts/reg.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/facts/facts.h"

/*
 * The rule users know: what was set last counts. All servers compare the same
 * two writes, so all keep the same one, in whatever order they come
 * (doc/link-protocol.md, 11).
 */
bool
write_is_later(const struct write *a, const struct write *b)
{
	int c;

	/* 1. The later tenure: a home that took a session over overrules the
	 *    home before it, whatever their clocks say. */
	if (a->tenure != b->tenure)
		return a->tenure > b->tenure;

	/* 2. The later stamp. */
	if (a->stamp.ms != b->stamp.ms)
		return a->stamp.ms > b->stamp.ms;

	/* 3. Writes of the same millisecond: the greater server. */
	if ((c = sid_cmp(a->dot.o.sid, b->dot.o.sid)) != 0)
		return c > 0;

	/* 4. The later part of one server: two writes never share a dot. */
	return dot_cmp(a->dot, b->dot) > 0;
}

void
regs_fini(struct regs *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		rcbuf_unref(r->v[i].value);
	free(r->v);
	*r = (struct regs){ 0 };
}

const struct reg *
regs_find(const struct regs *r, const struct name *name)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (r->v[i].name == name)
			return &r->v[i];
	return NULL;
}

bool
regs_write(struct regs *r, const struct name *name, const struct write *w,
    struct by by, struct text value)
{
	struct reg *g = NULL;

	for (uint32_t i = 0; i < r->n && g == NULL; i++)
		if (r->v[i].name == name)
			g = &r->v[i];
	if (g != NULL && !write_is_later(w, &g->write))
		return false;
	if (g == NULL) {
		if (r->n == r->cap)
			r->v = mem_grow32(r->v, &r->cap, 1, sizeof(*r->v));
		g = &r->v[r->n++];
		*g = (struct reg){ .name = name };
	}
	rcbuf_unref(g->value);
	if (!value.present)
		g->value = NULL;
	else if (span_eq(value.s, rcbuf_span(name->on)))
		g->value = rcbuf_ref(name->on);
	else
		g->value = rcbuf_new(value.s);
	g->write = *w;
	g->by = by;
	return true;
}
