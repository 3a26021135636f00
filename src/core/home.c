#include "core/home.h"

#include "core/part/part.h"

static const struct dest everybody = { .all = true };

static bool
is_own(const struct core *c, const struct user *u)
{
	return origin_cmp(u->dot.o, c->self) == 0;
}

/* One lost claim; true if it was written. */
static bool
settle_nick(struct step *st)
{
	struct part p = { .id = PART_NICK };
	struct user *u;

	for (size_t i = 0; (u = map_next(&st->facts->users, &i)) != NULL;) {
		if (!is_own(st->core, u) || !u->shown || u->claimed == NULL ||
		    u->claimed->holder == u)
			continue;
		p.u.nick = (struct part_nick){ .uid = u->uid,
			.nick = uid_span(&u->uid),
			.class = 1,
			.stamp = core_stamp(st->core, st->wall) };
		core_make(st, p.u.nick.stamp, &p, 1, &everybody, NULL);
		return true;
	}
	return false;
}

/* All own members of a channel who stand in another incarnation. */
static bool
settle_chan(struct step *st, struct chan *c)
{
	struct core *core = st->core;
	struct stamp stamp = core_stamp(core, st->wall);
	struct part *p = arena_alloc(st->arena, (c->nmembers + 1) * sizeof(*p));
	struct ch to = { rcbuf_span(c->fold), { stamp, core->self.sid } };
	struct member *m;
	size_t n = 0;

	if (c->current != NULL)
		to.cinc = c->current->cinc;
	else
		p[n++] = (struct part){ .id = PART_CHAN, .u.chan.ch = to };
	TAILQ_FOREACH(m, &c->members, chan_link) {
		if (!m->shown || !is_own(core, m->user) ||
		    (c->current != NULL &&
			cinc_cmp(member_cinc(m), c->current->cinc) == 0) ||
		    n == ENTRY_PARTS_MAX)
			continue;
		p[n++] =
		    (struct part){ .id = PART_MOVE, .u.move = { to, m->dot } };
	}
	if (n == (c->current == NULL))
		return false;
	core_make(st, stamp, p, n, &everybody, NULL);
	return true;
}

void
settle(struct step *st)
{
	struct core *c = st->core;
	struct chan *ch;

	if (!c->ready || core_mutated(st->facts, NO_HOME) ||
	    (c->applied_n != c->last_n &&
		!core_mutated(st->facts, HOME_REPEATS)))
		return;
	if (c->lost_nicks) {
		if (settle_nick(st))
			return;
		c->lost_nicks = false;
	}
	if (!c->lost_chans)
		return;
	for (size_t i = 0; (ch = map_next(&st->facts->chans, &i)) != NULL;)
		if (ch->nshown > 0 && settle_chan(st, ch))
			return;
	c->lost_chans = false;
}
