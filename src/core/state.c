/*
 * What every file of core uses of the running step and of the core it runs
 * in. Knows nothing of clients, commands or lines; core.c is what calls them.
 */
#include "core/state.h"

#include "base/invariant.h"

void
step_begin(struct step *st, struct core *c, const struct event *ev,
    struct effects *fx)
{
	*st = (struct step){
		.core = c,
		.facts = &c->facts,
		.fx = fx,
		.arena = fx->arena,
		.now = ev->now,
		.wall = ev->wall,
		.stamp.ms = ev->wall.ms > c->hlc.ms ? ev->wall.ms : c->hlc.ms,
		.o = c->self,
		.hint.by = by_server(c->self.sid),
	};
}

struct stamp
core_stamp(struct core *c, struct wall now)
{
	c->hlc.ms = now.ms > c->hlc.ms ? now.ms : c->hlc.ms + 1;
	return c->hlc;
}

struct conn *
core_find_conn(const struct core *c, struct conn_id id)
{
	return map_find(&c->conns, span_make(&id, sizeof(id)));
}

struct session *
core_find_session(const struct core *c, struct session_id id)
{
	const struct user *u = facts_find_uid(&c->facts, id.uid);
	struct session *s;

	if (u != NULL)
		LIST_FOREACH(s, &u->sessions, user_link)
			if (session_id_eq(s->id, id))
				return s;
	TAILQ_FOREACH(s, &c->registering, reg_link)
		if (session_id_eq(s->id, id))
			return s;
	return NULL;
}

uint64_t
core_make(struct step *st, struct stamp stamp, const struct part *part,
    size_t nparts, const struct dest *dest, const struct cause *cause)
{
	static const struct cause none;
	struct core *c = st->core;
	struct out out = { .kind = OUT_ENTRY };

	if (stamp.ms == 0)
		stamp = core_stamp(c, st->wall);
	/* stamps of an origin strictly increase (link-protocol.md, 6) */
	invariant(stamp.ms > c->last_stamp.ms);
	c->last_stamp = stamp;
	out.entry = entry_new(c->self, ++c->last_n, stamp, dest,
	    cause != NULL ? cause : &none, part, nparts);
	core_out_put(c, &out);
	return c->last_n;
}

void
core_out_put(struct core *c, const struct out *out)
{
	struct out_item *i = pool_take(&c->out_pool);

	i->out = *out;
	TAILQ_INSERT_TAIL(&c->outbox, i, link);
}
