/*
 * A ban is found by its id, and an element of it by its id and dot. A line that
 * does not have the form of a +BAN is kept as any fact of a later verb, and is
 * no ban here.
 */
#include "core/facts/bans.h"

#include <stdlib.h>

#include "base/mem.h"

RB_HEAD(bans_by_id, ban);

struct bans {
	struct bans_by_id by_id;
	struct pool pool;
};

static int
id_cmp(const struct ban *a, const struct ban *b)
{
	int c = cinc_cmp(a->id, b->id);

	return c != 0 ? c : dot_cmp(a->fact->write.dot, b->fact->write.dot);
}

TREE_GENERATE(bans_by_id, ban, id_link, id_cmp)

struct bans *
bans_new(void)
{
	struct bans *b = mem_zalloc(sizeof(*b));

	RB_INIT(&b->by_id);
	pool_init(&b->pool, sizeof(struct ban), "ban");
	return b;
}

size_t
bans_free(struct bans *b)
{
	size_t left = pool_fini(&b->pool);

	free(b);
	return left;
}

/* ---- found --------------------------------------------------------------- */

const struct ban *
bans_first(const struct facts *f)
{
	return RB_MIN(bans_by_id, &f->bans->by_id);
}

static const struct ban *
next_element(const struct ban *b)
{
	return bans_by_id_RB_NEXT((struct ban *)(uintptr_t)b);
}

const struct ban *
ban_copy(const struct ban *b)
{
	const struct ban *next = next_element(b);

	return next != NULL && cinc_cmp(next->id, b->id) == 0 ? next : NULL;
}

/* Return the first element whose id is not before that one, or is behind it. */
static const struct ban *
seek(const struct facts *f, struct cinc id, bool behind)
{
	const struct ban *b = RB_ROOT(&f->bans->by_id), *best = NULL;
	int c;

	while (b != NULL) {
		c = cinc_cmp(id, b->id);
		if (c < 0 || (c == 0 && !behind)) {
			best = b;
			b = RB_LEFT(b, id_link);
		} else
			b = RB_RIGHT(b, id_link);
	}
	return best;
}

const struct ban *
bans_next(const struct facts *f, const struct ban *b)
{
	return seek(f, b->id, true);
}

const struct ban *
bans_find(const struct facts *f, struct cinc id)
{
	const struct ban *b = seek(f, id, false);

	return b != NULL && cinc_cmp(b->id, id) == 0 ? b : NULL;
}

void
ban_read(const struct ban *b, struct ban_text *text)
{
	(void)ban_parse(unknown_line(b->fact), text);
}

bool
ban_holds(const struct ban *b, struct wall now)
{
	return expiry_holds(b->expiry, now);
}

/* ---- facts that come and go ---------------------------------------------- */

void
bans_fact_comes(struct facts *f, const struct unknown *x)
{
	struct ban_text text;
	struct ban *b;

	if (!ban_parse(unknown_line(x), &text))
		return;
	b = pool_take(&f->bans->pool);
	b->fact = x;
	b->id = text.id;
	b->expiry = text.expiry;
	b->kind = ban_kind_find(text.kind);
	RB_INSERT(bans_by_id, &f->bans->by_id, b);
}

void
bans_fact_goes(struct facts *f, const struct unknown *x)
{
	struct ban like = { .fact = x }, *b;
	struct ban_text text;

	if (!ban_parse(unknown_line(x), &text))
		return;
	like.id = text.id;
	b = RB_FIND(bans_by_id, &f->bans->by_id, &like);
	RB_REMOVE(bans_by_id, &f->bans->by_id, b);
	pool_give(&f->bans->pool, b);
}
