/*
 * All users, foundings and memberships are looked at in one step, but only if a
 * name among the facts gets other numbers. Names are few, and rows change only
 * when an operator reloads.
 */
#include "core/facts/row_names.h"

#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/types/tables.h"

/* Return the mode of that name, if it is a list. */
static enum chan_mode
list_of_name(const struct tables *t, struct span name)
{
	enum chan_mode m = chan_mode_of_name(t, name);

	return m != CM_NONE && chan_mode_row(t, m)->type == MODE_LIST ? m
								      : CM_NONE;
}

void
row_names_set(const struct tables *t, struct name *n)
{
	struct span text = rcbuf_span(n->text), mode = SPAN_NONE;

	if (span_starts(text, SPAN(MODE_FIELD)))
		mode = span_tail(text, sizeof(MODE_FIELD) - 1);
	n->chan_list = list_of_name(t, text);
	n->chan_mode = chan_mode_of_name(t, mode);
	if (list_of_name(t, mode) != CM_NONE)
		n->chan_mode = CM_NONE;
	n->user_mode = user_mode_of_name(t, mode);
	n->status = status_of_name(t, text);
}

/* ---- other rows ---------------------------------------------------------- */

static bool
has(uint64_t set, unsigned number)
{
	return number < 64 && (set >> number & 1);
}

/* Return the name with the numbers that it shall have. */
static struct name
renewed(const struct facts *f, const struct name *n,
    const struct row_set *hidden)
{
	struct name x = *n;

	row_names_set(f->tables, &x);
	if (has(hidden->chan_modes, x.chan_list))
		x.chan_list = CM_NONE;
	if (has(hidden->chan_modes, x.chan_mode))
		x.chan_mode = CM_NONE;
	if (has(hidden->user_modes, x.user_mode))
		x.user_mode = UM_NONE;
	if (x.status != ST_NONE && has(hidden->statuses, x.status))
		x.status = ST_NONE;
	return x;
}

/* Note which names will have other numbers. Return whether there are any. */
static bool
note_changes(struct facts *f, const struct row_set *hidden, uint64_t values)
{
	bool any = false;
	struct name *n, x;

	for (size_t i = 0; (n = map_next(&f->field_names, &i)) != NULL;) {
		x = renewed(f, n, hidden);
		n->relisted = x.chan_list != n->chan_list;
		n->renewed = n->relisted || x.chan_mode != n->chan_mode ||
			     x.user_mode != n->user_mode ||
			     x.status != n->status || has(values, x.chan_mode);
		any = any || n->renewed;
	}
	return any;
}

static void
set_names(struct facts *f, const struct row_set *hidden)
{
	struct name *n;

	for (size_t i = 0; (n = map_next(&f->field_names, &i)) != NULL;)
		*n = renewed(f, n, hidden);
}

static void
mark_masks(struct facts *f)
{
	const struct mask *m;

	for (size_t i = 0; (m = map_next(&f->masks, &i)) != NULL;)
		if (m->list->relisted)
			facts_dirty_chan(f, m->founding->chan, CHAN_LISTS);
}

static bool
have_renewed(struct reg_walk w)
{
	const struct reg *r;

	while ((r = regs_next(&w)) != NULL)
		if (r->name->renewed)
			return true;
	return false;
}

static void
mark_users(struct facts *f)
{
	struct user *u;

	for (size_t i = 0; (u = map_next(&f->users, &i)) != NULL;)
		if (have_renewed(user_regs(u)))
			facts_dirty_user(f, u);
}

static void
mark_chans(struct facts *f)
{
	struct chan *c;

	for (size_t i = 0; (c = map_next(&f->chans, &i)) != NULL;)
		if (c->current != NULL &&
		    have_renewed(founding_regs(c->current)))
			facts_dirty_chan(f, c, CHAN_REGS);
}

static void
mark_members(struct facts *f)
{
	const struct status_reg *s;
	struct member_walk w = { 0 };
	struct member *m;
	uint32_t n;

	while (facts_next_member(f, &w, &m)) {
		if (m == NULL)
			continue;
		for (s = member_stats(m, &n); n > 0; n--, s++)
			if (s->name->renewed)
				facts_dirty_member(f, m);
	}
}

void
row_names_renew(struct facts *f, const struct row_set *hidden, uint64_t values)
{
	if (!note_changes(f, hidden, values))
		return;
	set_names(f, hidden);
	mark_masks(f);
	mark_users(f);
	mark_chans(f);
	mark_members(f);
}
