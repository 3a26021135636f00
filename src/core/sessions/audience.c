/*
 * Receivers are marked with a serial number instead of being searched for, so
 * collecting the peers of a user costs one visit for each membership. A line
 * has at most one buffer for each view; each is made when the first receiver of
 * that view is seen.
 */
#include "core/sessions/audience.h"

#include "base/mem.h"
#include "core/sessions/batch.h"

void
audience_begin(struct step *st)
{
	st->core->naudience = 0;
	st->core->audience_caps = 0;
	st->core->mark++;
}

void
audience_add(struct step *st, struct session *s)
{
	struct core *c = st->core;

	if (s->mark == c->mark || s->conn == NULL)
		return;
	s->mark = c->mark;
	c->audience_caps |= s->caps;
	if (c->naudience == c->capaudience)
		c->audience = mem_grow(c->audience, &c->capaudience, 64,
		    sizeof(*c->audience));
	c->audience[c->naudience++] = s;
}

void
audience_add_user(struct step *st, const struct user *u)
{
	struct session *s;

	LIST_FOREACH(s, &u->sessions, user_link)
		audience_add(st, s);
}

void
audience_add_chan(struct step *st, const struct chan *c, const struct user *but)
{
	for (uint32_t i = 0; i < c->nlocal; i++)
		if (c->local[i]->user != but)
			audience_add_user(st, c->local[i]->user);
}

void
audience_add_peers(struct step *st, const struct user *u)
{
	const struct member *m;

	TAILQ_FOREACH(m, &u->members, user_link)
		if (m->shown)
			audience_add_chan(st, m->chan, u);
}

void
audience_keep_cap(struct step *st, uint32_t cap)
{
	struct core *c = st->core;
	size_t n = 0;

	for (size_t i = 0; i < c->naudience; i++)
		if (c->audience[i]->caps & cap)
			c->audience[n++] = c->audience[i];
	c->naudience = n;
}

void
audience_send(struct step *st, const struct line *l)
{
	struct core *c = st->core;
	struct conn_id *to[VIEWS];
	size_t n[VIEWS] = { 0 };

	for (size_t i = 0; i < c->naudience; i++) {
		struct session *s = c->audience[i];
		unsigned v = line_view(st, l, s);

		if (line_is_response(st, s) && !l->apart) {
			s->response->told = true;
			line_send(st, s, l);
			continue;
		}
		if (v & VIEW_BATCH)
			batch_open(st, s);
		/* a line has few views, mostly one */
		if (n[v] == 0)
			to[v] = arena_alloc(st->arena,
			    (c->naudience - i) * sizeof(**to));
		to[v][n[v]++] = s->conn->id;
	}
	for (unsigned v = 0; v < VIEWS; v++)
		if (n[v] > 0)
			effects_send(st->fx, line_render(st, l, v), to[v],
			    n[v]);
}
