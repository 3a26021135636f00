/*
 * Which incarnation of a channel is current decides everything shown of it;
 * it is computed here and nowhere stored as a fact. Differences are collected
 * as `-` and `+`, and are one change.
 */
#include "core/show/show_chan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/answers/chan_info.h"
#include "core/sessions/given_key.h"
#include "core/show/change.h"
#include "core/show/show.h"
#include "core/show/show_chan_name.h"
#include "core/show/show_list.h"
#include "core/show/show_member.h"
#include "core/types/cost.h"
#include "core/types/mode_value.h"
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/sessions/audience.h"
#include "core/sessions/lag.h"
#include "core/facts/shown_list.h"
#include "core/facts/topic.h"

#define STATUS_BYTES 64 /* of a line of MODE, for each status */

static void
clear_values(struct chan *c)
{
	for (unsigned i = 0; i < c->nvalue; i++)
		rcbuf_unref(c->value[i].text);
	free(c->value);
	c->value = NULL;
	c->nvalue = 0;
}

/* Show the value, or none if it is NULL. */
static void
set_value(struct chan *c, enum chan_mode mode, struct rcbuf *value)
{
	uint8_t i = 0;

	while (i < c->nvalue && c->value[i].mode != mode)
		i++;
	if (i < c->nvalue) {
		rcbuf_unref(c->value[i].text);
		c->value[i] = c->value[--c->nvalue];
	}
	if (value == NULL)
		return;
	c->value = mem_array(c->value, c->nvalue + 1u, sizeof(*c->value));
	c->value[c->nvalue++] = (struct shown_value){ mode, rcbuf_ref(value) };
}

/* Free what is shown of the channel, besides its members and lists. */
static void
clear(struct chan *c)
{
	c->current = NULL;
	c->modes = 0;
	clear_values(c);
	rcbuf_unref(c->topic);
	c->topic = NULL;
}

void
show_chan_clear(struct chan *c)
{
	clear(c);
	shown_clear(c);
}

/* Show the channel in that incarnation; NULL: in none. */
static void
set_current(struct facts *f, struct chan *c, struct founding *g)
{
	if (c->current == g)
		return;
	if (c->current != NULL)
		cname_leave(f, c->current);
	c->current = g;
	if (g != NULL)
		cname_enter(f, g);
}

/* Hide the channel, as nobody is shown on it any more. */
void
show_chan_end(struct step *st, struct chan *c)
{
	set_current(st->facts, c, NULL);
	clear(c);
	show_name_end(st->facts, c);
	show_lists_end(st->core, c);
	st->facts->nshown_chans--;
}

struct founding *
show_current(const struct chan *c)
{
	return founding_first_live(c);
}

void
show_chan_begin(struct step *st, struct chan *c)
{
	set_current(st->facts, c, show_current(c));
	show_name_begin(st, c);
	facts_dirty_chan(st->facts, c, CHAN_ANY);
	st->facts->nshown_chans++;
}

struct changes {
	const struct core *core;
	bool on;
	bool moved; /* another incarnation is shown now */
	struct mode_change *v;
	size_t n, cap;
	struct arena *arena;
	const struct tables *tables;
};

static void
add_change(struct changes *cs, struct mode_change x)
{
	if (cs->n == cs->cap)
		cs->v =
		    arena_grow(cs->arena, cs->v, &cs->cap, 4, sizeof(*cs->v));
	x.on = cs->on;
	cs->v[cs->n++] = x;
}

static void
add_mode(struct changes *cs, enum chan_mode mode, bool has_arg, struct span arg)
{
	add_change(cs, (struct mode_change){
			   .letter = chan_mode_row(cs->tables, mode)->letter,
			   .has_arg = has_arg,
			   .arg = arg,
			   .mode = mode,
			   .status = ST_NONE });
}

static void
add_status(struct changes *cs, enum status status, const struct user *u)
{
	add_change(cs, (struct mode_change){
			   .letter = status_row(cs->tables, status)->letter,
			   .has_arg = true,
			   .arg = user_nick(u),
			   .mode = CM_NONE,
			   .status = status,
			   .user = u });
}

static void
diff_status(struct step *st, struct member *m, struct changes *off,
    struct changes *on)
{
	uint32_t after = member_status_in(m, m->chan->current);

	for (unsigned s = 0; s < st->tables->nstatus; s++) {
		uint32_t bit = 1u << s;

		if ((member_status(m) & bit) && !(after & bit))
			add_status(off, s, m->user);
		if (!(member_status(m) & bit) && (after & bit))
			add_status(on, s, m->user);
	}
	/* a server that does not know of unseen members has given it */
	if (m->veiled && after != 0)
		show_member_seen(st, m);
	if (member_status(m) != after)
		names_cache_drop(m->chan);
	show_member_status(st, m, after);
}

static bool
mode_is_shown(const struct chan_mode_row *row, const struct rcbuf *value)
{
	if (value == NULL)
		return false;
	return row->type != MODE_VALUE ||
	       mode_value_is_shown(row->value, rcbuf_span(value));
}

struct shown_regs
show_regs(const struct facts *f, const struct founding *g)
{
	struct shown_regs x = { 0 };
	struct topic topic = { 0 };
	struct reg_walk w;
	const struct reg *r;

	if (g == NULL)
		return x;
	for (w = founding_meant_regs(f, g); (r = regs_next(&w)) != NULL;) {
		enum chan_mode cm = r->name->chan_mode;

		topic_take(&topic, r);
		if (cm != CM_NONE &&
		    mode_is_shown(chan_mode_row(f->tables, cm), r->value))
			x.modes |= UINT64_C(1) << cm;
	}
	x.has_topic = topic.text.name != NULL;
	x.topic = topic.text.value;
	if (x.has_topic)
		x.topic_stamp = topic_set_at(&topic);
	return x;
}

struct rcbuf *
show_value(const struct facts *f, const struct founding *g, enum chan_mode mode)
{
	struct reg_walk w;
	const struct reg *r;

	if (g == NULL)
		return NULL;
	for (w = founding_meant_regs(f, g); (r = regs_next(&w)) != NULL;)
		if (r->name->chan_mode == mode)
			return r->value;
	return NULL;
}

static void
diff_flag(uint64_t before, uint64_t after, enum chan_mode cm,
    struct changes *off, struct changes *on)
{
	uint64_t bit = UINT64_C(1) << cm;

	if ((before & bit) && !(after & bit))
		add_mode(off, cm, false, SPAN_NONE);
	if (!(before & bit) && (after & bit))
		add_mode(on, cm, false, SPAN_NONE);
}

/* Note whether a value for members alone, such as the key, is hidden from the
 * members who have been shown the channel. Members who join in this step are
 * left out: they had to give the key. A member who has given that very key, or
 * has set it, may read it (link-protocol.md, 9.20). */
static void
set_keyless(const struct core *core, struct chan *c, bool keyless,
    struct span value)
{
	struct member *m;

	c->keyless = keyless;
	for (uint32_t i = 0; i < c->nlocal; i++) {
		m = c->local[i];
		if (!m->comes)
			m->keyless =
			    keyless && !given_key_has(core, m->user, c, value);
	}
}

/*
 * Add a value that has come. If another incarnation of the channel is shown
 * now, its members did not have to know the key of this one to join. So they
 * are not told it until somebody sets another key (link-protocol.md, 9.20).
 */
static void
add_value(struct chan *c, enum chan_mode cm, struct rcbuf *value,
    struct changes *on)
{
	bool hide = chan_mode_row(on->tables, cm)->value->for_members;

	if (hide)
		set_keyless(on->core, c, on->moved, rcbuf_span(value));
	add_mode(on, cm, true, rcbuf_span(value));
	on->v[on->n - 1].hidden = hide && on->moved;
}

static bool
has_keyless(const struct chan *c)
{
	for (uint32_t i = 0; i < c->nlocal; i++)
		if (c->local[i]->keyless)
			return true;
	return false;
}

/* Add a value that has gone. */
static void
del_value(struct chan *c, enum chan_mode cm, struct changes *off)
{
	const struct mode_value *how = chan_mode_row(off->tables, cm)->value;
	struct span shown = rcbuf_span(chan_value(c, cm));

	if (!how->arg_to_unset) {
		add_mode(off, cm, false, SPAN_NONE);
		return;
	}
	add_mode(off, cm, true, arena_span_dup(off->arena, shown));
	off->v[off->n - 1].hidden = how->for_members && has_keyless(c);
}

static void
diff_value(struct chan *c, enum chan_mode cm, struct rcbuf *value,
    struct changes *off, struct changes *on)
{
	struct rcbuf *shown = chan_value(c, cm);

	if (shown == value)
		return;
	if (value == NULL)
		del_value(c, cm, off);
	else if (shown == NULL ||
		 !span_eq(rcbuf_span(shown), rcbuf_span(value)))
		add_value(c, cm, value, on);
	set_value(c, cm, value);
}

static void
diff_regs(struct chan *c, struct changes *off, struct changes *on)
{
	const struct facts *f = &off->core->facts;
	struct shown_regs x = show_regs(f, c->current);

	for (unsigned cm = 0; cm < off->tables->nchan_mode; cm++)
		if (chan_mode_row(off->tables, cm)->type != MODE_VALUE)
			diff_flag(c->modes, x.modes, cm, off, on);
		else if ((c->modes | x.modes) >> cm & 1)
			diff_value(c, cm,
			    x.modes >> cm & 1 ? show_value(f, c->current, cm)
					      : NULL,
			    off, on);
	c->modes = x.modes;
}

static void
add_masks(struct changes *cs, const struct list_changes *masks)
{
	for (size_t i = 0; i < masks->n; i++)
		add_mode(cs, masks->v[i].list, true, masks->v[i].mask);
}

static void
diff_lists(struct step *st, struct chan *c, bool all, struct changes *off,
    struct changes *on)
{
	struct list_changes gone, come;

	show_lists(st, c, all, &gone, &come);
	add_masks(off, &gone);
	add_masks(on, &come);
}

static void
emit_modes(struct step *st, struct chan *c, struct by by,
    const struct changes *off, const struct changes *on)
{
	size_t n = off->n + on->n;
	struct mode_change *v = arena_alloc(st->arena, n * sizeof(*v));

	if (n == 0)
		return;
	if (off->n > 0)
		memcpy(v, off->v, off->n * sizeof(*v));
	if (on->n > 0)
		memcpy(v + off->n, on->v, on->n * sizeof(*v));
	change_emit(st, &(struct change){ .kind = CHANGE_MODES,
			    .chan = c,
			    .by = by,
			    .mode = v,
			    .nmode = n });
}

/* Return true if it is a mode or status of a row that comes or goes, which
 * changes by itself. */
static bool
is_of_row(const struct step *st, const struct mode_change *x)
{
	const struct row_set *s = &st->core->rows.changing;

	return x->mode != CM_NONE ? s->chan_modes >> x->mode & 1
				  : s->statuses >> x->status & 1;
}

/* Return those of the changes that are of rows which come or go, or those that
 * are not. */
static struct changes
take_rows(const struct step *st, const struct changes *from, bool of_rows)
{
	struct changes to = *from;

	to.v = NULL;
	to.n = to.cap = 0;
	for (size_t i = 0; i < from->n; i++)
		if (is_of_row(st, &from->v[i]) == of_rows)
			add_change(&to, from->v[i]);
	return to;
}

/* Tell of modes. While rows come and go, a change that somebody makes may be
 * the first to show this of the channel: clients are told it by this server. */
static void
emit_apart(struct step *st, struct chan *c, struct by by,
    const struct changes *off, const struct changes *on)
{
	struct changes off1, on1;

	if (st->core->rows.phase == ROWS_REST) {
		emit_modes(st, c, by, off, on);
		return;
	}
	off1 = take_rows(st, off, true);
	on1 = take_rows(st, on, true);
	emit_modes(st, c, by_server(st->core->self.sid), &off1, &on1);
	off1 = take_rows(st, off, false);
	on1 = take_rows(st, on, false);
	emit_modes(st, c, by, &off1, &on1);
}

/* Tell of modes by a server, or by a user of one. Other servers may bring very
 * many masks, so that counts for each client. */
static void
emit_counted(struct step *st, struct chan *c, struct by by,
    const struct changes *off, const struct changes *on)
{
	size_t from = st->fx->n;

	if (off->n + on->n == 0)
		return;
	audience_changed(st->core); /* so that the lines are new effects */
	emit_apart(st, c, by, off, on);
	lag_count(st, from);
}

bool
show_postponed_lists(struct step *st, struct chan *c, struct list_walk *w,
    size_t *room)
{
	struct changes off = { .arena = st->arena, .tables = st->tables },
		       on = off;
	struct list_some some;
	bool done = show_lists_some(st, c, w, *room, &some);

	on.on = true;
	add_masks(&off, &some.gone);
	add_masks(&on, &some.come);
	if (off.n + on.n > 0)
		emit_counted(st, c, by_server(st->core->self.sid), &off, &on);
	*room -= some.bytes < *room ? some.bytes : *room;
	return done;
}

static void
show_topic(struct step *st, struct chan *c, struct by by)
{
	struct shown_regs x = show_regs(st->facts, c->current);
	struct rcbuf *topic = x.topic;
	bool differs;

	if (x.has_topic)
		c->topic_stamp = x.topic_stamp;
	if (topic == c->topic)
		return;
	differs = !span_eq(topic_text(c->topic), topic_text(topic));
	rcbuf_unref(c->topic);
	c->topic = topic == NULL ? NULL : rcbuf_ref(topic);
	if (differs || (x.has_topic && st->hint.topic))
		change_emit(st, &(struct change){ .kind = CHANGE_TOPIC,
				    .chan = c,
				    .by = by,
				    .text = topic_text(topic) });
}

static void
show_status_of(struct step *st, struct member *m, struct changes *off,
    struct changes *on)
{
	if (m->shown)
		diff_status(st, m, off, on);
}

/* Let the statuses of all members be compared with the facts in slices, from
 * the first one on. */
static void
postpone_statuses(struct step *st, struct chan *c)
{
	struct postponed_lists *p = &st->core->postponed_lists;

	if (p->in_chan && p->members.chan == c)
		p->members.next = TAILQ_FIRST(&c->members);
	show_postpone(st, c);
	c->statuses_postponed = true;
}

/* Show the statuses of the marked members, or of all members if another
 * incarnation is shown. */
static void
show_statuses(struct step *st, struct chan *c, bool moved, struct changes *off,
    struct changes *on)
{
	struct member *m;

	if (moved && c->nmembers > STATUSES_AT_ONCE &&
	    !core_mutated(st->facts, STATUSES_RUN_ON)) {
		postpone_statuses(st, c);
		moved = false;
	}
	if (moved)
		TAILQ_FOREACH(m, &c->members, chan_link)
			show_status_of(st, m, off, on);
	for (uint32_t i = 0; !moved && i < c->nmarked; i++)
		show_status_of(st, c->marked[i], off, on);
}

bool
show_postponed_statuses(struct step *st, struct chan *c, struct chan_walk *w,
    size_t *room)
{
	struct changes off = { .core = st->core,
		.arena = st->arena,
		.tables = st->tables },
		       on = off;
	size_t most = *room / STATUS_BYTES;
	struct member *m;

	on.on = true;
	while (w->next != NULL && off.n + on.n <= most &&
	       work_has_left(&st->core->work)) {
		m = facts_find_dot(st->facts, w->next->dot);
		w->next = TAILQ_NEXT(w->next, chan_link);
		st->facts->visits++;
		step_spend(st, COST_VISIT);
		show_status_of(st, m, &off, &on);
	}
	emit_counted(st, c, by_server(st->core->self.sid), &off, &on);
	*room -= (off.n + on.n < most ? off.n + on.n : most) * STATUS_BYTES;
	return w->next == NULL;
}

static void
show_chan(struct step *st, struct chan *c)
{
	struct changes off = { .core = st->core,
		.arena = st->arena,
		.tables = st->tables },
		       on = off;
	struct by by;
	struct founding *current = show_current(c);
	bool moved = current != c->current;
	unsigned what;

	if (!chan_is_shown(c) && current == NULL)
		return;
	if (!chan_is_shown(c)) {
		show_chan_begin(st, c);
		moved = false;
	}
	on.on = true;
	on.moved = moved && !core_mutated(st->facts, KEY_TOLD);
	set_current(st->facts, c, current);
	show_name_spell(st->facts, c);
	what = moved ? CHAN_ANY : c->dirty_what;
	show_statuses(st, c, moved, &off, &on);
	if (what & CHAN_REGS)
		diff_regs(c, &off, &on);
	if (what & (CHAN_MASKS | CHAN_LISTS))
		diff_lists(st, c, what & CHAN_LISTS, &off, &on);
	by = moved ? by_server(st->core->self.sid) : st->hint.by;
	if ((what & CHAN_MASKS) && show_lists_count(st))
		emit_counted(st, c, by, &off, &on);
	else
		emit_apart(st, c, by, &off, &on);
	if (!chan_is_shown(c))
		show_chan_end(st, c);
	else if (what & CHAN_REGS)
		show_topic(st, c, by);
}

/* Give each marked channel the list of its marked members, so that none looks
 * through those of all others. */
static void
group_members(struct step *st)
{
	struct facts *f = st->facts;
	struct chan *c;
	struct member *m;

	for (size_t i = 0; (m = facts_dirty_member_next(f, &i)) != NULL;)
		m->chan->nmarked++;
	for (size_t i = 0; (c = facts_dirty_chan_next(f, &i)) != NULL;) {
		c->marked = arena_alloc(st->arena,
		    c->nmarked * sizeof(struct member *) + 1);
		c->nmarked = 0;
	}
	for (size_t i = 0; (m = facts_dirty_member_next(f, &i)) != NULL;)
		m->chan->marked[m->chan->nmarked++] = m;
}

void
show_chans(struct step *st)
{
	struct chan *c;

	group_members(st);
	for (size_t i = 0;
	     (c = facts_dirty_chan_next(st->facts, &i)) != NULL;) {
		show_chan(st, c);
		c->nmarked = 0;
		c->marked = NULL;
	}
}
