/*
 * A mask of the facts that came or went is looked at alone: with the masks that
 * look like it, it is shown as one mask, or not at all. So a list of any length
 * costs what changes on it. If another incarnation is shown, all masks of both
 * are looked at in that way.
 */
#include "core/show/show_list.h"

#include <stdlib.h>

#include "core/facts/masks.h"
#include "core/facts/shown_list.h"
#include "core/types/cost.h"
#include "wire/msg.h"

struct list_show {
	struct step *st;
	struct chan *chan;
	struct list_changes *gone, *come;
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
	note(x, x->gone,
	    (struct list_change){ list, m->stamp, m->dot, mask_of(m->text) });
	shown_remove(x->chan, list, m);
}

/*
 * Show what the facts say of one mask: m, which is on the list or was. Clients
 * are not told of a mask that had expired before it came. They are told of a
 * mask that is set again after it has expired.
 */
static void
show_mask(struct list_show *x, unsigned list, struct rcbuf *text)
{
	const struct founding *g = x->chan->current;
	const struct mask *m =
	    g == NULL ? NULL : mask_oldest(g, list, mask_of(text));
	struct shown_mask *was = shown_find(x->chan, list, mask_of(text));
	struct wall now = x->st->wall;
	bool held = was != NULL && expiry_holds(was->expiry, now);
	struct stamp end;

	x->st->facts->visits++;
	step_spend(x->st, COST_VISIT);
	if (m == NULL || !show_mask_fits(m)) {
		hide(x, list, was);
		return;
	}
	end = mask_end(m);
	if (was != NULL)
		shown_remove(x->chan, list, was);
	shown_put(x->chan, list, m, end);
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

void
show_lists(struct step *st, struct chan *c, bool all, struct list_changes *gone,
    struct list_changes *come)
{
	struct list_show x = { st, c, gone, come };

	*gone = *come = (struct list_changes){ 0 };
	if (all)
		show_all(&x);
	else
		show_changed(&x);
	sort(gone);
	sort(come);
}
