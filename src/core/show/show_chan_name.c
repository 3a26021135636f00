/*
 * A channel is shown by its fact name, or by the name that a +CNAME of the
 * incarnation which is shown gives it. No two channels are shown under one
 * name, and this needs no look at more than two of them: the fact name of a
 * channel that is shown is nobody else's, even while the channel itself has
 * another name. So a channel that loses its name always finds its fact name
 * free, and no change of a name is the reason for a third one.
 *
 * Rejected: to let a channel have the fact name of a channel that is shown
 * under another name. Then who has which name would depend on who has a third
 * name, in chains of any length and in circles.
 */
#include "core/show/show_chan_name.h"

#include "core/answers/chan_info.h"
#include "core/facts/chan_name.h"
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/facts/unknown.h"
#include "core/part/clean.h"
#include "core/sessions/batch.h"
#include "core/show/change.h"
#include "core/types/cap.h"
#include "wire/casemap.h"

/*
 * The rule users know: an op may give a channel a name that nobody uses. The
 * first step that applies decides.
 */
const struct cname *
show_name_wanted(const struct facts *f, const struct chan *c)
{
	const struct cname *x =
	    c->current == NULL ? NULL : cname_of(f, c->current);
	const struct chan *own;

	/* 1. The incarnation has no other name, or it has its fact name in
	 *    another spelling. */
	if (x == NULL || x->place == NULL)
		return x;

	/* 2. The name is the fact name of a channel that is shown. */
	own = facts_find_chan(f, x->name);
	if (own != NULL && chan_is_shown(own) && !core_mutated(f, NAME_DOUBLE))
		return NULL;

	/* 3. If several incarnations have been given the name, the oldest one
	 *    has it. */
	return cname_first_live(x->place) == x ? x : NULL;
}

/* ---- the shown name ------------------------------------------------------ */

static struct span
text_of_name(const struct chan *c, const struct cname *x)
{
	return x != NULL ? x->name : chan_name_fact(c);
}

static struct rcbuf *
buffer_of_name(const struct chan *c, const struct cname *x)
{
	const struct founding *g =
	    c->current != NULL ? c->current : founding_first(c);

	if (x != NULL)
		return rcbuf_new(x->name);
	return rcbuf_ref(g != NULL ? g->name : c->fold);
}

/* Show the channel under that name, or under its fact name if x is NULL. */
static void
set_name(struct facts *f, struct chan *c, const struct cname *x)
{
	struct cname_place *to = x == NULL ? NULL : x->place, *from = NULL;
	struct rcbuf *before = c->name;

	if (c->renamed)
		from = cname_place(f, rcbuf_span(before));
	c->name = buffer_of_name(c, x);
	rcbuf_unref(before);
	if (from == to)
		return;
	c->renamed = to != NULL;
	if (to != NULL)
		cname_hold(f, to, c);
	if (from != NULL)
		cname_hold(f, from, NULL);
}

void
show_name_spell(struct facts *f, struct chan *c)
{
	if (!c->renamed && show_name_wanted(f, c) == NULL)
		set_name(f, c, NULL);
}

/* ---- changes ------------------------------------------------------------- */

/* Return true if the entry that is applied gives the name. */
static bool
is_of_entry(const struct step *st, const struct cname *x)
{
	const struct dot *dot = &x->fact->write.dot;

	return origin_cmp(dot->o, st->o) == 0 && dot->n == st->n;
}

/* Say who gives the channel the name, and why. This server does it unless the
 * entry that is applied says who does. */
static void
set_cause(const struct step *st, const struct chan *c, const struct cname *x,
    struct change *ch)
{
	ch->by = by_server(st->core->self.sid);
	if (x == NULL && c->current != NULL &&
	    cname_of(st->facts, c->current) != NULL)
		ch->text = SPAN("The name is taken by another channel");
	if (x == NULL)
		return;
	ch->text = clean_text(st->arena, cname_reason(x).s);
	if (is_of_entry(st, x))
		ch->by = cname_by(x);
}

/* Give the clients that have been told of a PART and a JOIN the rest of what a
 * JOIN brings. Those who join in this step are given it anyway. */
static void
reply_again(struct step *st, const struct chan *c)
{
	struct session *s;

	for (uint32_t i = 0; i < c->nlocal; i++)
		LIST_FOREACH(s, &c->local[i]->user->sessions, user_link)
			if ((s->caps & CAPB(CHANNEL_RENAME)) == 0 &&
			    !c->local[i]->comes)
				reply_renamed(st, s, c);
}

static void
rename_chan(struct step *st, struct chan *c, const struct cname *x)
{
	struct change ch = { .kind = CHANGE_RENAME,
		.chan = c,
		.name = arena_span_dup(st->arena, text_of_name(c, x)) };
	bool spelled = casemap_eq(rcbuf_span(c->name), ch.name);

	/* a client may fold a batch into one line */
	if (st->batch.ref.n > 0)
		batch_end(st);
	set_cause(st, c, x, &ch);
	change_emit(st, &ch);
	set_name(st->facts, c, x);
	if (!spelled)
		reply_again(st, c);
}

/* If another channel is shown under the fact name of this one, give that its
 * own name back. */
static void
free_name(struct step *st, const struct chan *c)
{
	const struct cname_place *p =
	    cname_place(st->facts, rcbuf_span(c->fold));

	if (p != NULL && p->holder != NULL &&
	    !core_mutated(st->facts, NAME_DOUBLE))
		rename_chan(st, p->holder, NULL);
}

void
show_names_free(struct step *st)
{
	struct member *m;

	for (size_t i = 0;
	     (m = facts_dirty_member_next(st->facts, &i)) != NULL;)
		if (!m->gone && !m->shown && member_is_visible(m) &&
		    !chan_is_shown(m->chan))
			free_name(st, m->chan);
}

void
show_name_begin(struct step *st, struct chan *c)
{
	const struct cname *x;

	free_name(st, c);
	x = show_name_wanted(st->facts, c);
	/* show_names() takes it from the other one */
	if (x != NULL && x->place != NULL && x->place->holder != NULL)
		x = NULL;
	set_name(st->facts, c, x);
}

void
show_name_end(struct facts *f, struct chan *c)
{
	struct cname_place *p;

	set_name(f, c, NULL);
	/* its fact name is free for others */
	p = cname_place(f, rcbuf_span(c->fold));
	if (p != NULL)
		cname_hold(f, p, p->holder);
}

/* Return true if the channel has to give its name away before others are
 * shown under theirs. */
static bool
gives_way(const struct facts *f, const struct chan *c)
{
	const struct cname *x = show_name_wanted(f, c);
	struct cname_place *p;

	if (!c->renamed || x == NULL)
		return c->renamed;
	p = cname_place(f, rcbuf_span(c->name));
	return x->place != p && cname_first_live(p) != NULL;
}

void
show_names(struct step *st)
{
	const struct facts *f = st->facts;
	const struct cname *x;
	struct chan *c;

	for (size_t i = 0; (c = facts_dirty_chan_next(f, &i)) != NULL;) {
		if (!chan_is_shown(c) || !gives_way(f, c))
			continue;
		/* it may have been given its fact name again */
		x = show_name_wanted(f, c);
		rename_chan(st, c, x != NULL && x->place == NULL ? x : NULL);
	}
	for (size_t i = 0; (c = facts_dirty_chan_next(f, &i)) != NULL;) {
		if (!chan_is_shown(c))
			continue;
		x = show_name_wanted(f, c);
		if (!span_eq(rcbuf_span(c->name), text_of_name(c, x)))
			rename_chan(st, c, x);
	}
}
