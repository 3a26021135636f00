/*
 * A founding is told as a whole, so the store needs to know nothing of its
 * parts, and one row of it is as good as the last snapshot. The largest text
 * is that of DURABLE_MASKS masks; an operator who makes a channel permanent
 * knows its lists.
 *
 * Two foundings of one name and second are one thing. They exist for a while
 * after two servers have restored the channel at the same time.
 */
#include "core/durable.h"

#include <stdlib.h>

#include "core/banned.h"
#include "core/facts/bans.h"
#include "core/facts/cname.h"
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/restore.h"
#include "core/snapshot.h"
#include "core/types/cost.h"

#define TEXT_MAX ((size_t)16 * 1024 * 1024)
#define FOUNDINGS_MAX 64 /* of a name; a linked server that lies makes more */
#define COST_ITEM (3 * COST_VISIT) /* its line is written */

static int64_t
second_of(const struct founding *g)
{
	return g->cinc.stamp.ms / MS_PER_S;
}

struct founding *
durable_find(const struct facts *f, struct span name, int64_t second)
{
	const struct chan *c = facts_find_chan(f, name);
	struct founding *g = c == NULL ? NULL : founding_first(c);

	for (unsigned i = 0; g != NULL && i < FOUNDINGS_MAX; i++) {
		if (g->permanent && (second < 0 || second_of(g) == second))
			return g;
		g = founding_next(g);
	}
	return NULL;
}

struct stamp
durable_since(const struct founding *g)
{
	struct reg_walk w = founding_regs(g);
	const struct reg *r;
	struct stamp since;
	struct span value;

	while ((r = regs_next(&w)) != NULL)
		if (r->name->chan_mode == CM_PERMANENT && r->value != NULL) {
			value = rcbuf_span(r->value);
			(void)span_word(&value);
			return stamp_parse(span_word(&value), &since)
				   ? since
				   : r->write.stamp;
		}
	return (struct stamp){ 0 };
}

static void
put_line(void *ctx, const struct snap_item *i)
{
	struct writer *w = ctx;

	if (i->part.id == PART_CSET && !i->part.u.cset.value.present)
		return;
	snap_item_build(w, i);
	writer_char(w, '\n');
}

/* Write the +CNAME of the founding, if it has one. */
static void
put_name(const struct facts *f, const struct founding *g, struct writer *w)
{
	const struct cname *x = cname_of(f, g);
	struct snap_item i;

	if (x == NULL)
		return;
	snapshot_unknown(x->fact, &i);
	put_line(w, &i);
}

/* Tell the store of a thing, unless it has that text already. */
static void
tell(struct step *st, struct span key, struct writer *w)
{
	struct span text = writer_done(w);

	if (!restore_has(st->core, key, text))
		effects_store(st->fx, key, text);
}

static void
tell_gone(struct step *st, struct span key)
{
	restore_mark_gone(st->core, key, st->core->hlc);
	effects_unstore(st->fx, key, st->core->hlc);
}

static void
look_at_chan(struct step *st, const struct noted *n)
{
	struct span name = rcbuf_span(n->fold), key;
	int64_t second = n->cinc.stamp.ms / MS_PER_S;
	const struct chan *c = facts_find_chan(st->facts, name);
	struct founding *g = c == NULL ? NULL : founding_find(c, n->cinc);
	struct writer w;

	if (g != NULL)
		g->noted = false;
	writer_init_arena(&w, st->arena, DURABLE_KEY_MAX);
	writer_str(&w, DURABLE_CHAN " ");
	writer_span(&w, name);
	writer_char(&w, ' ');
	writer_i64(&w, second);
	key = writer_done(&w);
	g = durable_find(st->facts, name, second);
	if (g == NULL) {
		tell_gone(st, key);
		return;
	}
	if (restore_chan_is_gone(st, key, g))
		return;
	writer_init_arena(&w, st->arena, TEXT_MAX);
	step_spend(st,
	    COST_ITEM * snapshot_founding(g, DURABLE_MASKS, put_line, &w));
	put_name(st->facts, g, &w);
	tell(st, key, &w);
}

static void
look_at_ban(struct step *st, struct cinc id)
{
	const struct ban *b = bans_find(st->facts, id);
	struct snap_item i;
	struct writer w;
	struct span key;

	writer_init_arena(&w, st->arena, DURABLE_KEY_MAX);
	writer_str(&w, DURABLE_BAN " ");
	write_cinc(&w, id);
	key = writer_done(&w);
	if (b == NULL || b->fact == NULL) {
		tell_gone(st, key);
		return;
	}
	if (restore_ban_is_gone(st, key, b))
		return;
	writer_init_arena(&w, st->arena, TEXT_MAX);
	snapshot_unknown(b->fact, &i);
	put_line(&w, &i);
	step_spend(st, COST_ITEM);
	tell(st, key, &w);
}

static void
look(struct step *st, const struct noted *n)
{
	step_spend(st, COST_VISIT);
	if (n->fold != NULL)
		look_at_chan(st, n);
	else
		look_at_ban(st, n->cinc);
}

static bool
may_tell(const struct core *c)
{
	/* after a hand-over all is noted, and the store has nearly all of it:
	 * what it has is known when it was read */
	if (c->took && !c->restore.loaded)
		return false;
	return c->facts.nnoted > 0 && !core_is_partial(c) &&
	       c->applied_n == c->last_n;
}

void
durable_note(struct step *st)
{
	if (may_tell(st->core))
		work_add(&st->core->work, &st->core->durable_item);
}

void
durable_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct facts *f = st->facts;

	(void)item;
	while (may_tell(st->core) && work_has_left(&st->core->work)) {
		struct noted n = f->noted[--f->nnoted];

		look(st, &n);
		if (n.fold != NULL)
			rcbuf_unref(n.fold);
	}
}

void
durable_note_all(struct step *st)
{
	const struct ban *b = bans_first(st->facts);
	struct founding *g;
	struct chan *c;

	for (; b != NULL; b = bans_next(st->facts, b))
		if (ban_is_own(b))
			banned_keep_own(st, b);
		else
			facts_note_ban(st->facts, b->id);
	for (size_t i = 0; (c = map_next(&st->facts->chans, &i)) != NULL;) {
		step_spend(st, COST_VISIT);
		g = founding_first(c);
		for (unsigned k = 0; g != NULL && k < FOUNDINGS_MAX; k++) {
			if (g->permanent)
				facts_note(st->facts, g);
			g = founding_next(g);
		}
	}
	restore_tell_gone(st);
}
