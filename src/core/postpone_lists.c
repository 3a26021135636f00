/*
 * The channels with postponed statuses or lists are in a queue of their names,
 * since a channel may go meanwhile. A slice shows those of several channels, if
 * they are few.
 *
 * Rejected: to show no other incarnation before its masks fit. The members of
 * two incarnations would be apart for as long as one client reads slowly.
 */
#include "core/postpone_lists.h"

#include <stdlib.h>

#include "core/row_change.h"
#include "core/sessions/lag.h"
#include "core/show/show_chan.h"
#include "core/show/show_list.h"

static void
end_members(struct postponed_lists *l)
{
	if (l->in_chan)
		walk_end(&l->members);
	l->in_chan = false;
}

static void
end_walks(struct postponed_lists *l)
{
	list_walk_end(&l->walk);
	end_members(l);
}

void
postpone_lists_fini(struct core *c)
{
	struct postponed_lists *l = &c->postponed_lists;

	for (size_t i = l->head; i < l->n; i++)
		rcbuf_unref(l->v[i]);
	free(l->v);
	end_walks(l);
	*l = (struct postponed_lists){ 0 };
}

/* The first channel of the queue is done. */
static void
remove_first(struct core *c)
{
	struct postponed_lists *l = &c->postponed_lists;

	rcbuf_unref(l->v[l->head++]);
	end_walks(l);
	if (l->head == l->n)
		postpone_lists_fini(c);
}

/* Show some statuses of the first channel. Return true if they are done. */
static bool
show_statuses(struct step *st, struct chan *c, size_t *room)
{
	struct postponed_lists *l = &st->core->postponed_lists;

	/* the channel of the walk may be gone, and this one have its name */
	if (l->in_chan && l->members.chan != c)
		end_members(l);
	if (!l->in_chan) {
		l->members = (struct chan_walk){ .chan = c,
			.next = TAILQ_FIRST(&c->members) };
		walk_keep(st->facts, &l->members);
		l->in_chan = true;
	}
	return show_postponed_statuses(st, c, &l->members, room);
}

/* Show some statuses, and then masks, of the first channel. Return true if it
 * is done. */
static bool
show_first(struct step *st, size_t *room)
{
	struct postponed_lists *l = &st->core->postponed_lists;
	struct chan *c = facts_find_chan(st->facts, rcbuf_span(l->v[l->head]));

	if (c == NULL)
		return true;
	if (chan_is_shown(c) && c->statuses_postponed &&
	    !show_statuses(st, c, room))
		return false;
	c->statuses_postponed = false;
	if (chan_is_shown(c) && c->lists_postponed &&
	    !show_postponed_lists(st, c, &l->walk, room))
		return false;
	c->lists_postponed = false;
	return true;
}

void
postpone_lists_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct core *c = st->core;
	size_t room = lag_room(c);

	while (postpone_lists_any(c) && !lag_holds(c) && room > 0) {
		if (show_first(st, &room))
			remove_first(c);
		if (!work_has_left(&c->work))
			break;
	}
	if (postpone_lists_any(c) && !lag_holds(c))
		work_add(&c->work, item);
	row_change_go_on(c);
}
