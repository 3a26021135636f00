/*
 * A mask of the facts that came or went is looked at alone: with the masks that
 * look like it, it is shown as one mask, or not at all. So a list of any length
 * costs what changes on it. If another incarnation is shown, all masks of both
 * are looked at in that way.
 *
 * Very many masks are looked at in slices, behind the step
 * (core/postpone_lists.h). The walk goes over the masks that are shown, and
 * then over those of the facts, so the lists are never longer than the longer
 * one of the two. It finds its place by the text of the last mask, since masks
 * come and go meanwhile. A mask that is shown by then needs no line. So a
 * change that comes in between is shown at once, and neither the change nor the
 * walk contradicts the other.
 */
#include "core/show/show_list.h"

#include <stdlib.h>

#include "core/facts/masks.h"
#include "base/mem.h"
#include "core/facts/shown_list.h"
#include "core/sessions/lag.h"
#include "core/types/cost.h"
#include "wire/msg.h"

#define MASK_MORE 32 /* bytes of MODE lines beside each mask */

struct list_show {
	struct step *st;
	struct chan *chan;
	struct list_changes *gone, *come;
	size_t bytes; /* about so many go to each client */
};

bool
show_mask_fits(const struct mask *m)
{
	return msg_is_word(mask_of(m->text));
}

static void
note(struct list_show *x, struct list_changes *to, struct list_change change)
{
	struct arena *arena = x->st->arena;

	if (to->n == to->cap)
		to->v = arena_grow(arena, to->v, &to->cap, 4, sizeof(*to->v));
	change.mask = arena_span_dup(arena, change.mask);
	to->v[to->n++] = change;
	x->bytes += MASK_MORE + change.mask.n;
}

static int
change_cmp(const void *p, const void *q)
{
	const struct list_change *a = p, *b = q;

	if (a->list != b->list)
		return a->list < b->list ? -1 : 1;
	if (a->stamp.ms != b->stamp.ms)
		return a->stamp.ms < b->stamp.ms ? -1 : 1;
	return dot_cmp(a->dot, b->dot);
}

static void
sort(struct list_changes *x)
{
	if (x->n > 1)
		qsort(x->v, x->n, sizeof(*x->v), change_cmp);
}

static void
hide(struct list_show *x, unsigned list, struct shown_mask *m)
{
	if (m == NULL)
		return;
	if (m->told)
		note(x, x->gone,
		    (struct list_change){
			list, m->stamp, m->dot, mask_of(m->text) });
	shown_remove(x->chan, list, m);
}

/*
 * Show what the facts say of one mask: m, which is on the list or was. Clients
 * are not told of a mask that had expired before it came, nor that it goes.
 * They are told of a mask that is set again after it has expired.
 */
static void
show_mask(struct list_show *x, unsigned list, struct rcbuf *text)
{
	const struct founding *g = x->chan->current;
	const struct name *name = list_name(x->st->facts, list);
	const struct mask *m =
	    g == NULL ? NULL : mask_oldest(g, name, mask_of(text));
	struct shown_mask *was = shown_find(x->chan, list, mask_of(text));
	struct wall now = x->st->wall;
	bool held = was != NULL && expiry_holds(was->expiry, now), told;
	struct stamp end;

	x->st->facts->visits++;
	step_spend(x->st, COST_VISIT);
	if (m == NULL || !show_mask_fits(m)) {
		hide(x, list, was);
		return;
	}
	end = mask_end(m);
	told = (was != NULL && was->told) || expiry_holds(end, now);
	if (was != NULL)
		shown_remove(x->chan, list, was);
	shown_put(x->chan, list, m, end)->told = told;
	if (!held && expiry_holds(end, now))
		note(x, x->come,
		    (struct list_change){
			list, m->stamp, m->dot, mask_of(m->text) });
}

/* Look at all masks that are shown, and at all that shall be. */
static void
show_all(struct list_show *x)
{
	struct shown_mask *s, *next;
	const struct mask *m;

	for (unsigned l = 0; l < x->st->tables->nchan_mode; l++)
		for (s = shown_first(x->chan, l); s != NULL; s = next) {
			next = shown_next(s);
			show_mask(x, l, s->text);
		}
	if (x->chan->current == NULL)
		return;
	for (m = mask_first(x->chan->current); m != NULL; m = mask_next(m))
		if (m->list->chan_list != CM_NONE)
			show_mask(x, m->list->chan_list, m->text);
}

static void
show_changed(struct list_show *x)
{
	for (struct mask *m = x->chan->changed; m != NULL; m = m->changed)
		if (m->founding == x->chan->current &&
		    m->list->chan_list != CM_NONE)
			show_mask(x, m->list->chan_list, m->text);
}

/* ---- later --------------------------------------------------------------- */

void
show_postpone(struct step *st, struct chan *c)
{
	struct core *core = st->core;
	struct postponed_lists *p = &core->postponed_lists;

	if (c->lists_postponed || c->statuses_postponed)
		return;
	lag_begin(st);
	if (p->n == p->cap)
		p->v = mem_grow(p->v, &p->cap, 16, sizeof(*p->v));
	p->v[p->n++] = rcbuf_ref(c->fold);
	work_add(&core->work, &core->lists_item);
}

static void
defer(struct step *st, struct chan *c)
{
	struct postponed_lists *p = &st->core->postponed_lists;

	if (c->lists_postponed) {
		p->walk.again = true;
		return;
	}
	show_postpone(st, c);
	c->lists_postponed = true;
}

/* Return true if more masks are shown, or shall be, than are looked at at
 * once. */
static bool
are_many(const struct chan *c)
{
	const struct mask *m =
	    c->current == NULL ? NULL : mask_first(c->current);
	size_t n = shown_count_all(c);

	for (; m != NULL && n <= LISTS_AT_ONCE; m = mask_next(m))
		n++;
	return n > LISTS_AT_ONCE;
}

/* Return the text of the mask of the list that comes after that one, or
 * NULL. */
static struct rcbuf *
after(const struct list_show *x, const struct list_walk *w, struct span mask)
{
	const struct chan *c = x->chan;
	const struct shown_mask *s;
	const struct mask *m = NULL;

	if (!w->of_facts) {
		s = shown_after(c, w->list, mask);
		return s == NULL ? NULL : s->text;
	}
	if (c->current != NULL)
		m = mask_after(c->current, list_name(x->st->facts, w->list),
		    mask);
	return m == NULL ? NULL : m->text;
}

/* Go on to the next mask. Return false after the last. */
static bool
next(const struct list_show *x, struct list_walk *w)
{
	struct span last = w->text == NULL ? SPAN_NONE : mask_of(w->text);
	struct rcbuf *text;

	while ((text = after(x, w, last)) == NULL) {
		last = SPAN_NONE;
		if (++w->list < x->st->tables->nchan_mode)
			continue;
		if (w->of_facts)
			return false;
		w->of_facts = true;
		w->list = 0;
	}
	(void)rcbuf_ref(text);
	rcbuf_unref(w->text);
	w->text = text;
	return true;
}

void
list_walk_end(struct list_walk *w)
{
	rcbuf_unref(w->text);
	*w = (struct list_walk){ 0 };
}

bool
show_lists_some(struct step *st, struct chan *c, struct list_walk *w,
    size_t room, struct list_some *some)
{
	struct list_show x = {
		.st = st, .chan = c, .gone = &some->gone, .come = &some->come
	};
	bool more, again;

	*some = (struct list_some){ 0 };
	do {
		more = next(&x, w);
		if (more)
			show_mask(&x, w->list, w->text);
	} while (more && x.bytes < room && work_has_left(&st->core->work));
	sort(&some->gone);
	sort(&some->come);
	some->bytes = x.bytes;
	if (more)
		return false;
	again = w->again;
	list_walk_end(w);
	return !again;
}

void
show_lists_end(struct core *core, struct chan *c)
{
	if (shown_count_all(c) <= LISTS_AT_ONCE) {
		shown_clear(c);
		return;
	}
	shown_shed(c, &core->shed);
}

/* ---- the step ------------------------------------------------------------ */

/* Return true if masks that come or go in this step may wait for clients. The
 * two halves of a network may each have filled the lists of a channel, and then
 * tell each other. Changes by clients of this server are shown at once. */
static bool
may_wait(const struct step *st)
{
	return show_lists_count(st) && lag_holds(st->core);
}

bool
show_lists_count(const struct step *st)
{
	const struct core *c = st->core;

	return origin_cmp(st->o, c->self) != 0 || core_is_installing(c);
}

void
show_lists(struct step *st, struct chan *c, bool all, struct list_changes *gone,
    struct list_changes *come)
{
	struct list_show x = { st, c, gone, come, 0 };

	*gone = *come = (struct list_changes){ 0 };
	if (!core_mutated(st->facts, LISTS_RUN_ON) &&
	    ((all && are_many(c)) || may_wait(st)))
		defer(st, c);
	else if (all)
		show_all(&x);
	else
		show_changed(&x);
	sort(gone);
	sort(come);
}
