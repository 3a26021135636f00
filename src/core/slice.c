#include "core/slice.h"

#include "core/facts/claim.h"
#include "core/facts/cname.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/membership.h"
#include "core/part/kind.h"
#include "core/sessions/audience.h"
#include "core/sessions/batch.h"
#include "core/sessions/lag.h"
#include "core/show/show.h"
#include "core/show/show_list.h"
#include "core/types/cost.h"
#include "core/types/mode.h"

#define PIECES_MORE 4
#define FOUNDINGS_MAX 16
#define LAST_MEMBERS 16 /* that may leave a channel in one slice */

void
slice_begin(struct step *st, struct slice *x)
{
	*x = (struct slice){ .room = lag_room(st->core) };
	if (++st->core->slice == 0)
		st->core->slice = 1;
}

bool
slice_has_left(const struct core *c, const struct slice *x)
{
	if (x->bytes > x->room)
		return false;
	return work_has_left(&c->work) ||
	       (x->more < x->first &&
		   c->work.left > c->work.floor - PIECES_MORE * c->work.piece);
}

#define LINE_MORE 64 /* bytes of the tags, marks and the end of a line */

/* Return how many bytes each line about the user has besides its own words: the
 * source, the tags and the end. */
static size_t
source_bytes(const struct user *u)
{
	size_t nick =
	    u->claimed == NULL ? sizeof(u->uid) : user_claim_nick(u).n;

	return LINE_MORE + 2 * nick + user_username(u).n + user_host(u).n;
}

#define VALUES_MAX 64 /* registers that are looked at */

/* Return how long the values of an owner are, with so many bytes more for each.
 * Only a server that lies gives an owner more registers than are looked at. */
static size_t
value_bytes(struct reg_walk *w, size_t more)
{
	const struct reg *r;
	size_t n = 0;

	for (unsigned i = 0; i < VALUES_MAX && (r = regs_next(w)) != NULL; i++)
		if (r->value != NULL)
			n += more + rcbuf_span(r->value).n;
	return n;
}

/* Return how long the lines are that tell of the user on one channel: JOIN and
 * AWAY, or MODE. */
static size_t
stay_bytes(const struct user *u, const struct chan *c)
{
	size_t n = rcbuf_span(c->fold).n + user_realname(u).n;
	struct reg_walk w = user_regs(u);

	return n + value_bytes(&w, LINE_MORE) + source_bytes(u);
}

/* Return how long the lines are that tell of an incarnation: MODE for each mask
 * that is not postponed, and the topic. */
static size_t
founding_bytes(struct step *st, const struct founding *g)
{
	const struct mask *m = mask_first(g);
	struct reg_walk w = founding_regs(g);
	size_t n = LINE_MORE + value_bytes(&w, 0);

	for (unsigned i = 0; m != NULL && i < LISTS_AT_ONCE; i++) {
		step_spend(st, COST_VISIT);
		n += rcbuf_span(m->text).n;
		m = mask_next(m);
	}
	return n;
}

/* Return how long the lines are that tell of another incarnation of the
 * channel. Only a server that lies makes more foundings than are looked at. */
static size_t
moved_bytes(struct step *st, const struct chan *c)
{
	const struct founding *g = founding_first(c);
	size_t n = 0;

	if (g == NULL || founding_next(g) == NULL)
		return 0;
	for (unsigned i = 0; g != NULL && i < FOUNDINGS_MAX; i++) {
		n += founding_bytes(st, g);
		g = founding_next(g);
	}
	return n;
}

/* Return true if anybody here may share a channel with the user. */
static bool
has_peers(const struct user *u)
{
	const struct member *m;
	unsigned n = 0;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		if (m->chan->nlocal > 0 || ++n > POSTPONE_ABOVE)
			return true;
	return false;
}

/* Return how long the lines are that do not belong to one channel: QUIT, or
 * NICK of the user who has the nick so far. */
static size_t
user_bytes(const struct user *u)
{
	const struct user *loser =
	    u->claimed == NULL ? NULL : nick_shown_by(u->claimed);
	size_t n = has_peers(u) ? source_bytes(u) : 0;

	if (loser != NULL && loser != u && has_peers(loser))
		n += source_bytes(loser);
	return n;
}

size_t
slice_stay_bytes(struct step *st, const struct member *m)
{
	if (m->chan->nlocal == 0)
		return 0;
	return stay_bytes(m->user, m->chan) + moved_bytes(st, m->chan);
}

bool
slice_spend_chan(struct step *st, struct slice *x, struct chan *c)
{
	size_t n = c->nlocal;

	step_spend(st, 2 * COST_VISIT + n * COST_MORE);
	x->more += n * COST_MORE;
	if (c->slice == st->core->slice)
		return false;
	c->slice = st->core->slice;
	step_spend(st, n * COST_SEND);
	x->first += n * COST_SEND;
	return true;
}

void
slice_spend_modes(struct step *st, struct slice *x, struct chan *c)
{
	(void)slice_spend_chan(st, x, c);
	if (c->nlocal > 0 && c->current != NULL)
		x->bytes += founding_bytes(st, c->current);
}

/* ---- names of channels --------------------------------------------------- */

/* Spend what it costs to show the channel under another name. Clients without
 * draft/channel-rename see their users leave and come. */
static void
spend_rename(struct step *st, struct slice *x, struct chan *c)
{
	(void)slice_spend_chan(st, x, c);
	step_spend(st, c->nlocal * 2 * (size_t)(COST_LINE + COST_SEND));
}

/* Spend what it costs to rename others, if a channel takes or returns the name:
 * the channel that has it, and the one that has it next. The next one is behind
 * the first one or, if that is the channel itself or the holder, behind these.
 */
static void
spend_name(struct step *st, struct slice *x, const struct chan *but,
    struct span name)
{
	struct cname_place *p = cname_place(st->facts, name);
	struct cname *n = p == NULL ? NULL : cname_first_live(p);
	struct chan *c;

	if (p != NULL && p->holder != NULL && p->holder != but)
		spend_rename(st, x, p->holder);
	for (; n != NULL; n = cname_next_live(n)) {
		c = n->founding->chan;
		step_spend(st, COST_VISIT);
		if (c != but && c != p->holder) {
			spend_rename(st, x, c);
			return;
		}
	}
}

/* Spend what it costs if the channel takes or returns the name that the
 * incarnation has been given. Return true if it has been given one. */
static bool
spend_given(struct step *st, struct slice *x, const struct chan *c,
    const struct founding *g)
{
	const struct cname *n = g == NULL ? NULL : cname_of(st->facts, g);

	if (n != NULL)
		spend_name(st, x, c, n->name);
	return n != NULL;
}

void
slice_spend_current(struct step *st, struct slice *x, struct chan *c,
    struct cinc cinc)
{
	const struct founding *g, *next;
	bool renamed = c->renamed;

	if (!cname_any(st->facts))
		return;
	g = founding_find(c, cinc);
	next = g == NULL ? NULL : founding_next_live(g);
	spend_name(st, x, c, rcbuf_span(c->fold));
	if (renamed)
		spend_name(st, x, c, rcbuf_span(c->name));
	renamed |= spend_given(st, x, c, g);
	renamed |= spend_given(st, x, c, next);
	if (renamed)
		spend_rename(st, x, c);
}

void
slice_spend_comes(struct step *st, struct slice *x, struct chan *c,
    struct cinc cinc)
{
	if (!chan_is_shown(c) || c->current == NULL ||
	    cinc_cmp(c->current->cinc, cinc) != 0)
		slice_spend_current(st, x, c, cinc);
}

void
slice_spend_goes(struct step *st, struct slice *x, struct chan *c,
    struct cinc cinc)
{
	const struct founding *g = c->current;

	if (g == NULL
		? c->nshown <= LAST_MEMBERS
		: g->n.visible <= LAST_MEMBERS && cinc_cmp(g->cinc, cinc) == 0)
		slice_spend_current(st, x, c, cinc);
}

/* Others may lose the name, or get the one that the channel has so far. */
void
slice_spend_cname(struct step *st, struct slice *x, const struct part *p)
{
	struct span name;
	struct cinc cinc;
	struct chan *c;

	if (!kind_founding(kind_word(p->line, 1), &name, &cinc) ||
	    (c = facts_find_chan(st->facts, name)) == NULL)
		return;
	spend_rename(st, x, c);
	spend_name(st, x, c, kind_word(p->line, 3));
	if (c->renamed)
		spend_name(st, x, c, rcbuf_span(c->name));
}

static bool
is_permanent(const struct part *p)
{
	return p->id == PART_CSET &&
	       span_eq(p->u.cset.field,
		   span_of(chan_modes_builtin[CM_PERMANENT].field));
}

/* A channel that is not among the facts yet has no +CNAME, but another one may
 * have its fact name. */
void
slice_spend_names(struct step *st, struct slice *x, const struct part *p,
    struct chan *c, const struct member *m)
{
	if (c == NULL && p->id == PART_JOIN)
		spend_name(st, x, NULL, p->u.join.ch.name);
	else if (c == NULL)
		return;
	else if (p->id == PART_JOIN)
		slice_spend_comes(st, x, c, p->u.join.ch.cinc);
	else if (p->id == PART_CHAN)
		slice_spend_comes(st, x, c, p->u.chan.ch.cinc);
	else if (p->id == PART_UNCHAN)
		slice_spend_current(st, x, c, p->u.unchan.ch.cinc);
	else if (is_permanent(p))
		slice_spend_current(st, x, c, p->u.cset.ch.cinc);
	if (m != NULL && p->id != PART_STAT)
		slice_spend_goes(st, x, c, member_cinc(m));
	if (m != NULL && p->id == PART_MOVE)
		slice_spend_comes(st, x, c, p->u.move.ch.cinc);
}

void
slice_spend_stays(struct step *st, struct slice *x, const struct user *u)
{
	const struct member *m;

	if (!cname_any(st->facts))
		return;
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		if (u->visible)
			slice_spend_goes(st, x, m->chan, member_cinc(m));
		else if (!m->postponed)
			slice_spend_comes(st, x, m->chan, member_cinc(m));
	}
}

/* ---- users --------------------------------------------------------------- */

/* The user's line goes to all sessions here that share a channel, and each of
 * these channels may have a mode to tell. */
static void
spend_user(struct step *st, struct slice *x, const struct user *u)
{
	const struct member *m;
	bool first;

	step_spend(st, COST_VISIT);
	x->bytes += user_bytes(u);
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		if (m->postponed && !u->visible)
			continue;
		first = slice_spend_chan(st, x, m->chan);
		if (m->chan->nlocal == 0)
			continue;
		if (!u->visible)
			x->bytes += stay_bytes(u, m->chan);
		if (first)
			x->bytes += moved_bytes(st, m->chan);
	}
}

void
slice_spend(struct step *st, struct slice *x, const struct user *u)
{
	spend_user(st, x, u);
	slice_spend_stays(st, x, u);
}

void
slice_spend_user(struct step *st, struct slice *x, const struct user *u)
{
	size_t n = st->core->nlocal * COST_SEND;

	if (u->nmembers <= POSTPONE_ABOVE) {
		spend_user(st, x, u);
		return;
	}
	step_spend(st, COST_VISIT + n);
	x->first += n;
	x->bytes += user_bytes(u);
}

/* Clients that are not told of hosts see the user leave and come back on each
 * channel. */
void
slice_spend_host(struct step *st, struct slice *x, const struct user *u)
{
	const struct member *m;
	size_t n;

	slice_spend_user(st, x, u);
	if (u->nmembers > POSTPONE_ABOVE)
		return;
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		n = m->chan->nlocal * 2 * (size_t)COST_SEND;
		step_spend(st, n);

		if (n > 0)
			x->bytes += stay_bytes(u, m->chan);
	}
}

void
slice_show(struct step *st, const struct slice *x)
{
	size_t from = st->fx->n;
	int64_t left;

	audience_changed(st->core); /* so that all its lines are new effects */
	if (x->split != NULL)
		batch_begin(st, rcbuf_span(x->split));
	if (x->join != NULL)
		st->netjoin = rcbuf_span(x->join);
	left = st->core->work.left;
	show_step(st);
	if (st->batch.ref.n > 0)
		batch_end(st);
	st->core->work.left = left; /* slice_spend has counted all this */
	st->netjoin = SPAN_NONE;
	lag_count(st, from);
}
