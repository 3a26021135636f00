/*
 * There is no grace time: a server that cannot be reached is hidden at once. A
 * batch names the link that broke, by the last server that is still visible and
 * the first one that is hidden behind it (doc/decisions/0005). If several parts
 * of the network go at once, it names the nearest. If others come at the same
 * time, their batch begins behind that of the split (core/show/show.c).
 */
#include "core/overlay.h"

#include "core/sessions/batch.h"
#include "core/facts/facts_write.h"
#include "core/sessions/line.h"
#include "core/sessions/source.h"
#include "core/show/show.h"

static const struct server_view *
find_view(const struct overlay_view *v, struct sid sid)
{
	for (size_t i = 0; i < v->n; i++)
		if (sid_cmp(v->v[i].sid, sid) == 0)
			return &v->v[i];
	return NULL;
}

static void
mark_users(struct step *st, struct sid sid)
{
	struct user *u;

	for (size_t i = 0; (u = map_next(&st->facts->users, &i)) != NULL;)
		if (sid_cmp(u->dot.o.sid, sid) == 0)
			facts_dirty_user(st->facts, u);
}

/* Return "netsplit a b" or "netjoin a b". */
static struct span
batch_type(struct step *st, const char *type, struct sid near, struct sid far)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, type);
	writer_char(&w, ' ');
	writer_span(&w, server_name(st->core, near));
	writer_char(&w, ' ');
	writer_span(&w, server_name(st->core, far));
	return writer_done(&w);
}

void
overlay_apply(struct step *st, const struct overlay_view *v)
{
	struct core *c = st->core;
	struct server *s, *lost = NULL, *came = NULL;
	const struct server_view *x;
	uint32_t visible;

	if (v->whole && !c->whole)
		c->whole_since = st->awake;
	c->whole = v->whole;
	for (size_t i = 0; i < v->n; i++)
		facts_server(st->facts, v->v[i].sid);
	for (size_t i = 0; (s = map_next(&st->facts->servers, &i)) != NULL;) {
		if (sid_cmp(s->sid, c->self.sid) == 0)
			continue;
		x = find_view(v, s->sid);
		visible = x == NULL ? 0 : x->visible;
		if (s->visible != 0 && visible == 0 &&
		    (lost == NULL || s->hops < lost->hops))
			lost = s;
		if (s->visible == 0 && visible != 0 &&
		    (came == NULL || x->hops < came->hops))
			came = s;
		if (s->visible != visible)
			mark_users(st, s->sid);
		s->visible = visible;
		if (s != lost || visible != 0) {
			s->uplink = x == NULL ? (struct sid){ "" } : x->uplink;
			s->hops = x == NULL ? 0 : x->hops;
		}
		s->reachable = x != NULL && x->reachable;
	}
	if (lost != NULL)
		batch_begin(st,
		    batch_type(st, "netsplit", lost->uplink, lost->sid));
	if (came != NULL)
		st->netjoin =
		    batch_type(st, "netjoin", came->uplink, came->sid);
}
