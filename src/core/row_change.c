/*
 * There are two phases, and in each a walk over all that may have a row that
 * comes or goes. In the first, the facts are shown without the rows that go, in
 * words of the old tables. Then the tables are changed, in one step: names of
 * rows are few, and no set of rows has a bit of a row that has gone. In the
 * second, the facts are shown with the rows that have come. So a letter may go
 * from one row to another, and clients read `-x` before `+x`, with the tokens
 * of ISUPPORT in between.
 *
 * The names among the facts have the numbers of the phase from its first step
 * on. So a change that somebody makes meanwhile shows all of its channel, user
 * or membership, and the walk finds nothing to tell there. In between, what is
 * shown of a thing is what clients have been told.
 *
 *	REST ──(other rows)──→ HIDE ──(walked)──→ SHOW ──(walked)──→ REST
 *	                        ↑ └──(other rows)──┐ │
 *	                        └──────────────────┴─┘
 *
 * If other rows come in any phase, the rows that go are chosen anew, and the
 * walk of HIDE begins anew. Names that got other numbers before stay noted,
 * since things behind the place of the walk may still be shown by them.
 *
 * Rejected: one walk, with rows of both tables by number. There may be too many
 * for a mask, and clients would read `+x` of a new row before they are told
 * that the old row has gone.
 */
#include "core/row_change.h"

#include "core/answers/cap_lines.h"
#include "core/answers/welcome.h"
#include "core/facts/facts_write.h"
#include "core/facts/memory.h"
#include "core/postpone_lists.h"
#include "core/reload.h"
#include "core/rows.h"
#include "core/sessions/audience.h"
#include "core/sessions/lag.h"
#include "core/sessions/listing.h"
#include "core/sessions/reading.h"
#include "core/show/show.h"
#include "core/slice.h"
#include "core/types/cost.h"

/* ---- the walk ------------------------------------------------------------ */

/* Tell a client which capabilities go, and take them from its session
 * ("CAP DEL"). */
static bool
look_at_conn(struct step *st, struct slice *x)
{
	struct core *c = st->core;
	uint64_t gone = c->tables.leaving.caps;
	struct conn *conn = core_next_conn(c, &c->rows.slot);
	size_t from = st->fx->n;

	if (gone == 0 || conn == NULL)
		return false;
	step_spend(st, COST_VISIT);
	reply_caps_changed(st, conn->session, "DEL", gone, false);
	if (st->fx->n > from)
		step_spend(st, COST_LINE);
	conn->session->caps &= ~gone;
	(void)x;
	return true;
}

static bool
look_at_user(struct step *st, struct slice *x)
{
	struct core *c = st->core;
	struct user *u = NULL;

	(void)x;
	if (c->rows.names.n > 0)
		u = map_next(&c->facts.users, &c->rows.at);
	if (u == NULL)
		return false;
	st->facts->visits++;
	step_spend(st, COST_VISIT);
	if (row_names_of_user(st->facts, u) &&
	    !core_mutated(st->facts, ROWS_UNSAID)) {
		facts_dirty_user(st->facts, u);
		step_spend(st, COST_LINE);
	}
	return true;
}

/* Look at the next member of the channel. Return false after the last. */
static bool
look_at_member(struct step *st, struct slice *x)
{
	struct row_walk *w = &st->core->rows;
	const struct member *next = w->members.next;
	struct member *m;

	if (next == NULL) {
		walk_end(&w->members);
		w->in_chan = false;
		return false;
	}
	w->members.next = TAILQ_NEXT(next, chan_link);
	m = facts_find_dot(st->facts, next->dot);
	st->facts->visits++;
	step_spend(st, COST_VISIT);
	if (m != NULL && m->shown && row_names_of_member(m)) {
		facts_dirty_member(st->facts, m);
		slice_spend_modes(st, x, m->chan);
	}
	return true;
}

static bool
look_at_chan(struct step *st, struct slice *x)
{
	struct core *c = st->core;
	struct row_walk *w = &c->rows;
	struct chan *chan = NULL;
	unsigned what;

	if (w->in_chan && look_at_member(st, x))
		return true;
	if (w->names.n > 0)
		chan = map_next(&c->facts.chans, &w->at);
	if (chan == NULL)
		return false;
	st->facts->visits++;
	step_spend(st, COST_VISIT);
	what = row_names_of_chan(st->facts, chan, &w->names);
	if (what != 0) {
		facts_dirty_chan(st->facts, chan, what);
		slice_spend_modes(st, x, chan);
	}
	if (chan->nshown > 0 && w->changing.statuses != 0) {
		w->members = (struct chan_walk){ .chan = chan,
			.next = TAILQ_FIRST(&chan->members) };
		walk_keep(st->facts, &w->members);
		w->in_chan = true;
	}
	return true;
}

static bool (*const look_at[])(struct step *, struct slice *) = {
	look_at_conn,
	look_at_user,
	look_at_chan,
};

#define KINDS (sizeof(look_at) / sizeof(look_at[0]))

/* Begin the walk anew. */
static void
walk_begin(struct row_walk *w)
{
	if (w->in_chan)
		walk_end(&w->members);
	w->in_chan = w->walked = false;
	w->kind = 0;
	w->slot = 0;
	w->at = 0;
}

/* Look at the next thing. Return false if there is none left. */
static bool
look(struct step *st, struct slice *x)
{
	struct row_walk *w = &st->core->rows;

	if (look_at[w->kind](st, x))
		return true;
	w->at = 0;
	w->walked = ++w->kind == KINDS;
	return !w->walked;
}

static void
walk_slice(struct step *st)
{
	struct core *c = st->core;
	struct slice x;

	slice_begin(st, &x);
	while (look(st, &x) &&
	       (slice_has_left(c, &x) || core_mutated(st->facts, ROWS_RUN_ON)))
		;
	audience_changed(c);
	slice_show(st, &x);
}

/* ---- the phases ---------------------------------------------------------- */

/* End the long answers of commands that go, since the code that would give the
 * rest goes with them, and let the others go on. */
static void
move_listings(struct step *st)
{
	struct conn *x;

	for (uint32_t i = 0; (x = core_next_conn(st->core, &i)) != NULL;)
		if (x->session->listing != NULL)
			listing_move(st, x->session, &st->core->tables);
}

/* Change the tables to the rows of the settings. Write to *old those before. */
static void
change_tables(struct step *st, struct tables *old)
{
	struct core *c = st->core;
	struct row_walk *w = &c->rows;
	struct tables *next = arena_alloc(st->arena, sizeof(*next));
	struct row_change x = { 0 };

	*old = c->tables;
	core_tables_trust(next, c->settings->rows, c->settings->nrows);
	if (!core_mutated(st->facts, ROWS_ANEW))
		rows_keep(next, old, &x);
	memory_shed(c->facts.memories, x.memory);
	c->tables = *next;
	reading_renew(st);
	row_names_end(&w->names);
	w->changing = x.come;
	w->changing.chan_modes |= x.values;
	row_names_renew(st->facts, &w->changing, &w->names);
	c->reload.caps |= x.come.caps | x.caps | (w->cancelled & ~x.gone.caps);
	w->cancelled = 0;
	w->phase = ROWS_SHOW;
	walk_begin(w);
}

static void
rest(struct row_walk *w)
{
	row_names_end(&w->names);
	w->changing = (struct row_set){ 0 };
	w->phase = ROWS_REST;
}

/* Return true if the phase is at its end: all that has names of rows was looked
 * at, and no list waits. */
static bool
is_over(const struct core *c)
{
	return c->rows.walked && !postpone_lists_any(c);
}

/* Do a piece of the phase, or end it. Return the tables before if it ended with
 * a change of the tables, or NULL. */
static struct tables *
piece(struct step *st)
{
	struct core *c = st->core;
	struct tables *old = NULL;

	if (!c->rows.walked)
		walk_slice(st);
	if (!is_over(c))
		return NULL;
	if (c->rows.phase == ROWS_HIDE) {
		old = arena_alloc(st->arena, sizeof(*old));
		change_tables(st, old);
	} else
		rest(&c->rows);
	return old;
}

void
row_change_go_on(struct core *c)
{
	if (c->rows.phase != ROWS_REST && !lag_holds(c) &&
	    !postpone_lists_any(c))
		work_add(&c->work, &c->rows.item);
}

void
row_change_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	const struct tables *was;

	(void)item;
	if (lag_holds(st->core))
		return;
	was = piece(st);
	if (was != NULL) {
		welcome_drop(st->core);
		reload_rows(st, was);
	}
	row_change_go_on(st->core);
}

/* Choose which rows go, and begin to hide them. */
static void
hide(struct step *st)
{
	struct core *c = st->core;
	struct row_walk *w = &c->rows;
	struct tables *next = arena_alloc(st->arena, sizeof(*next));
	struct row_set before = c->tables.leaving;
	struct row_change x;

	core_tables_trust(next, c->settings->rows, c->settings->nrows);
	rows_keep(next, &c->tables, &x);
	tables_keep_commands(&c->tables, next);
	if (!core_mutated(st->facts, ROWS_ANSWERS))
		move_listings(st);
	c->tables.leaving = x.gone;
	c->reload.caps &= ~x.gone.caps;
	w->cancelled |= x.gone.caps;
	row_names_renew(st->facts, &before, &w->names);
	row_names_renew(st->facts, &x.gone, &w->names);
	w->changing.chan_modes |= x.gone.chan_modes;
	w->changing.user_modes |= x.gone.user_modes;
	w->changing.statuses |= x.gone.statuses;
	w->phase = ROWS_HIDE;
	walk_begin(w);
}

const struct tables *
row_change(struct step *st)
{
	struct core *c = st->core;
	const struct tables *was = NULL;

	if (c->rows.phase == ROWS_REST &&
	    rows_are_same(&c->tables, c->settings->rows, c->settings->nrows))
		return NULL;
	lag_begin(st);
	hide(st);
	if (!lag_holds(c))
		was = piece(st);
	if (was != NULL && !lag_holds(c))
		(void)piece(st);
	row_change_go_on(c);
	return was;
}

void
row_change_fini(struct core *c)
{
	walk_begin(&c->rows);
	rest(&c->rows);
}

bool
core_reads_old_rows(const struct core *c)
{
	return c->rows.phase == ROWS_HIDE;
}
