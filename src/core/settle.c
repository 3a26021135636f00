/*
 * The losers of collisions are on two lists (core/show/losers.h), so this looks
 * at nobody else. One entry serves as many of them as fit (doc/decisions/0011).
 *
 * The members of a listed channel are walked once. When an entry is full, the
 * walk is kept (core/facts/walk.h), and the next entry goes on from there.
 *
 * A stamp is taken for a part that is made, and for nothing else: it moves the
 * clock of the whole network (link-protocol.md, 1.4).
 */
#include "core/settle.h"

#include "core/facts/chan_name.h"
#include "core/found.h"
#include "core/part/part.h"
#include "core/show/losers.h"

#define CHAN_PARTS (FOUND_PARTS_MAX + 1) /* of a channel, at least: one MOVE */

struct draft { /* an entry that is being made */
	struct step *st;
	struct stamp stamp; /* 0: not taken yet */
	struct part *part;
	size_t n, cap;
};

void
settle_init(struct core *c)
{
	walk_keep(&c->facts, &c->settling.rest);
}

static struct stamp
draft_stamp(struct draft *d)
{
	if (d->stamp.ms == 0)
		d->stamp = core_stamp(d->st->core, d->st->wall);
	return d->stamp;
}

static bool
draft_has_room(const struct draft *d, size_t n)
{
	return d->n + n <= ENTRY_PARTS_MAX;
}

static struct part *
draft_part(struct draft *d, enum part_id id)
{
	if (d->n == d->cap)
		d->part = arena_grow(d->st->arena, d->part, &d->cap, 4,
		    sizeof(*d->part));
	d->part[d->n] = (struct part){ .id = id };
	return &d->part[d->n++];
}

/* link-protocol.md, 9.8 */
static void
rename_users(struct draft *d)
{
	const struct losers *l = &d->st->core->losers;
	const struct user *u;

	for (uint32_t i = 0; i < l->nuser && draft_has_room(d, 1); i++) {
		d->st->core->settling.visits++;
		u = l->user[i];
		draft_part(d, PART_NICK)->u.nick =
		    (struct part_nick){ .uid = u->uid,
			    .nick = uid_span(&u->uid),
			    .class = 1,
			    .stamp = draft_stamp(d) };
	}
}

/* Where members of the channel move to. If no incarnation is shown, the entry
 * founds one (link-protocol.md, 9.10). */
static struct ch
find_or_found(struct draft *d, const struct chan *c)
{
	struct found f = { .chan = c, .name = chan_name_fact(c) };

	if (c->current != NULL)
		return (struct ch){ rcbuf_span(c->fold), c->current->cinc };
	f.stamp = draft_stamp(d);
	found_make(d->st, &f);
	for (size_t i = 0; i < f.n; i++)
		*draft_part(d, f.part[i].id) = f.part[i];
	return f.ch;
}

/* Move members from m on while there is room (link-protocol.md, 9.9). Return
 * the first member that must move and has no room, or NULL. */
static const struct member *
move_members(struct draft *d, const struct member *m)
{
	struct ch to = { .name = SPAN_NONE };

	for (; m != NULL; m = TAILQ_NEXT(m, chan_link)) {
		d->st->core->settling.visits++;
		if (!losers_is_member(m))
			continue;
		if (!draft_has_room(d, to.name.n == 0 ? CHAN_PARTS : 1))
			return m;
		if (to.name.n == 0)
			to = find_or_found(d, m->chan);
		draft_part(d, PART_MOVE)->u.move =
		    (struct part_move){ to, m->dot };
	}
	return NULL;
}

/* Go on at the member who did not fit the last entry. If no member from there
 * on must move any more, begin again with the first member: a listed channel
 * has members who must move. */
static void
move_chan(struct draft *d, const struct chan *c)
{
	struct chan_walk *rest = &d->st->core->settling.rest;
	const struct member *m = NULL;
	size_t before = d->n;

	d->st->core->settling.visits += core_mutated(d->st->facts, SETTLE_ALL)
					    ? map_count(&d->st->facts->chans)
					    : 1;
	if (rest->chan == c)
		m = move_members(d, rest->next);
	if (m == NULL && d->n == before)
		m = move_members(d, TAILQ_FIRST(&c->members));
	rest->chan = m != NULL ? c : NULL;
	rest->next = m;
}

/* Do the channel that is half done first, so that at most one walk has to be
 * kept. */
static void
move_chans(struct draft *d)
{
	const struct losers *l = &d->st->core->losers;
	const struct chan *half = d->st->core->settling.rest.chan;

	if (half != NULL && half->lost_at != 0)
		move_chan(d, half);
	for (uint32_t i = 0; i < l->nchan && draft_has_room(d, CHAN_PARTS); i++)
		if (l->chan[i] != half)
			move_chan(d, l->chan[i]);
}

void
settle(struct step *st)
{
	static const struct dest everybody = { .all = true };
	struct core *c = st->core;
	struct draft d = { .st = st };

	if (!c->ready ||
	    (core_is_partial(c) && !core_mutated(st->facts, SETTLE_HALF)) ||
	    core_mutated(st->facts, NO_HOME) ||
	    (c->applied_n != c->last_n &&
		!core_mutated(st->facts, HOME_REPEATS)))
		return;
	rename_users(&d);
	if (d.n == 0)
		move_chans(&d);
	if (d.n > 0)
		core_make(st, d.stamp, d.part, d.n, &everybody, NULL);
}
