/*
 * There are two differences, each shown as that of any other step: the facts
 * without the rows that go, in words of the old tables; then, in words of the
 * new ones, the facts with the rows that have come. So a letter may go from one
 * row to another at once, and clients read `-x` before `+x`.
 *
 * All of this is one step, however many channels have such a mode: until it is
 * over, neither the old nor the new tables say what clients see.
 */
#include "core/row_change.h"

#include "core/answers/cap_lines.h"
#include "core/facts/row_names.h"
#include "core/rows.h"
#include "core/sessions/audience.h"
#include "core/sessions/listing.h"
#include "core/sessions/wait.h"
#include "core/show/show.h"
#include "core/show/show_member.h"

/* Tell clients which capabilities go, and take them from all sessions
 * ("CAP DEL"). */
static void
cancel_caps(struct step *st, uint64_t gone)
{
	struct conn *x;

	if (gone == 0)
		return;
	for (uint32_t i = 0; (x = core_next_conn(st->core, &i)) != NULL;) {
		reply_caps_changed(st, x->session, "DEL", gone, false);
		x->session->caps &= ~gone;
	}
	audience_changed(st->core);
}

/* Return the row that a command of the old tables has in the new ones, or NULL
 * if it goes. */
static const struct command_row *
next_row(const struct command_row *row, const struct tables *next)
{
	const struct command_row *x = command_find(next, row->name);

	return x != NULL && x->run == row->run ? x : NULL;
}

/* Give long answers the new rows of their commands. Return true if a command
 * goes that has a long answer. */
static bool
move_listings(struct session *s, const struct tables *next)
{
	bool goes = false;

	for (struct listing *l = s->listing; l != NULL; l = l->next) {
		if (l->row == NULL)
			continue;
		l->row = next_row(l->row, next);
		goes = goes || l->row == NULL;
	}
	return goes;
}

/* End the long answers of commands that go, since the code that would give the
 * rest goes with them. */
static void
end_listings(struct step *st, const struct tables *next)
{
	struct conn *x;

	for (uint32_t i = 0; (x = core_next_conn(st->core, &i)) != NULL;) {
		if (!move_listings(x->session, next))
			continue;
		listing_drop(st, x->session);
		wait_next(st, x->session);
	}
}

uint64_t
row_change(struct step *st, const struct tables **was)
{
	static const struct row_set none;
	const struct settings *set = st->core->settings;
	struct tables *next = arena_alloc(st->arena, sizeof(*next));
	struct tables *old = arena_alloc(st->arena, sizeof(*old));
	struct row_change x;

	*old = st->core->tables;
	*was = old;
	core_tables_trust(next, set->rows, set->nrows);
	rows_keep(next, old, &x);
	st->hint.by = by_server(st->core->self.sid);
	st->rows = true;
	row_names_renew(st->facts, &x.gone, 0);
	show_step(st);
	cancel_caps(st, x.gone.caps);
	end_listings(st, next);
	show_statuses_grown(st->facts, old->nstatus, next->nstatus);
	st->core->tables = *next;
	row_names_renew(st->facts, &none, x.values);
	show_step(st);
	st->rows = false;
	return x.come.caps | x.caps;
}
