/*
 * A server that cannot be reached stays visible for its grace time
 * (link/map/overlay.c). When that is over, a batch names the link that broke,
 * by the last server that is still visible and the first one that is hidden
 * behind it (doc/decisions/0005). If several parts of the network go at once,
 * it names the nearest. If others come at the same time, their batch begins
 * behind that of the split (core/show/show.c).
 *
 * Users are shown or hidden in slices. The order between users does not matter:
 * the state after each slice is one that a network can be in, in which some
 * users of a server have quit and others have not yet. A later change of the
 * map only changes what is wanted; the slices compare each user with that.
 *
 * Rejected: one batch that stays open over several slices. Lines that others
 * cause meanwhile would have to go around it, and a client that waits for the
 * end of a batch would show none of it.
 */
#include "core/overlay.h"

#include "core/facts/facts_write.h"
#include "core/postpone.h"
#include "core/settle.h"
#include "core/sessions/lag.h"
#include "core/sessions/line.h"
#include "core/sessions/source.h"
#include "core/show/show.h"
#include "core/slice.h"
#include "core/types/cost.h"

static const struct server_view *
find_view(const struct overlay_view *v, struct sid sid)
{
	for (size_t i = 0; i < v->n; i++)
		if (sid_cmp(v->v[i].sid, sid) == 0)
			return &v->v[i];
	return NULL;
}

static bool
is_to_flip(const struct step *st, const struct user *u)
{
	return u->visible != show_is_visible(st->core, user_home(u));
}

/* Mark a user who is to be shown or hidden now. */
static void
mark(struct step *st, struct user *u, size_t room)
{
	facts_dirty_user(st->facts, u);
	if (!u->visible)
		postpone_choose(st, u, room);
}

/* Let clients see a user who is to be hidden leave some of very many channels,
 * in a slice without a batch. */
static bool
thin(struct step *st, struct slice *x, struct user *u)
{
	if (!u->visible || !postpone_thin(st, x, u))
		return false;
	if (x->split != NULL)
		st->hint.text = arena_span_dup(st->arena,
		    span_tail(rcbuf_span(x->split), sizeof("netsplit ") - 1));
	rcbuf_unref(x->split);
	rcbuf_unref(x->join);
	x->split = x->join = NULL;
	return true;
}

/* Mark users of one server, as many as the slice has room for. Return whether
 * all of them are done. */
static bool
flip(struct step *st, struct slice *x, struct server *s)
{
	struct user *u;
	bool any = x->first + x->more + x->bytes > 0;

	while ((u = s->flip_next) != NULL) {
		step_spend(st, COST_MEMBERSHIP);
		if (is_to_flip(st, u) && u->visible &&
		    u->nshown > POSTPONE_ABOVE && any)
			break;
		if (is_to_flip(st, u) && thin(st, x, u))
			break;
		s->flip_next = TAILQ_NEXT(u, home_link);
		if (is_to_flip(st, u)) {
			mark(st, u, x->room);
			slice_spend(st, x, u);
			any = true;
		} else
			postpone_return(st, u);
		if (!slice_has_left(st->core, x))
			break;
	}
	return s->flip_next == NULL;
}

static void
flip_end(struct core *c, struct server *s)
{
	TAILQ_REMOVE(&c->flips, s, flip_link);
	s->flips = false;
	rcbuf_unref(s->flip_batch);
	s->flip_batch = NULL;
}

/* Return true if the batch of the server can be in this slice, and add it to
 * the slice. */
static bool
take_batch(struct slice *x, const struct server *s)
{
	struct rcbuf **mine = s->visible == 0 ? &x->split : &x->join;

	if (s->flip_batch == NULL || s->flip_batch == *mine)
		return true;
	if (*mine != NULL)
		return false;
	*mine = rcbuf_ref(s->flip_batch);
	return true;
}

void
overlay_slice(struct step *st)
{
	struct core *c = st->core;
	struct slice x = { 0 };
	struct server *s = TAILQ_FIRST(&c->flips);

	if (lag_holds(c))
		return;
	slice_begin(st, &x);
	while (s != NULL && take_batch(&x, s) && flip(st, &x, s)) {
		flip_end(c, s);
		s = TAILQ_FIRST(&c->flips);
		if (!slice_has_left(c, &x))
			break;
	}
	slice_show(st, &x);
	rcbuf_unref(x.split);
	rcbuf_unref(x.join);
	if (s != NULL && !lag_holds(c))
		work_add(&c->work, &c->overlay_item);
}

void
overlay_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;

	(void)item;
	overlay_slice(st);
	settle(st);
}

static void
flip_begin(struct step *st, struct server *s, struct rcbuf *batch)
{
	struct core *c = st->core;

	lag_begin(st);
	if (s->flips)
		flip_end(c, s);
	s->flip_batch = batch == NULL ? NULL : rcbuf_ref(batch);
	s->flip_next = TAILQ_FIRST(&s->users);
	s->flips = true;
	TAILQ_INSERT_TAIL(&c->flips, s, flip_link);
}

struct span
overlay_batch(struct step *st, const char *type, const struct server *far)
{
	struct sid near =
	    sid_is_none(far->uplink) ? st->core->self.sid : far->uplink;
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, type);
	writer_char(&w, ' ');
	writer_span(&w, server_name(st->core, near));
	writer_char(&w, ' ');
	writer_span(&w, server_name(st->core, far->sid));
	return writer_done(&w);
}

/* The servers of which the new map shows another incarnation. */
struct changed {
	struct server **v;
	size_t n;
	const struct server *lost, *came; /* the nearest; NULL: none */
};

/* Set what the map says of one server. */
static void
want(struct changed *ch, struct server *s, const struct server_view *x)
{
	uint32_t visible = x == NULL ? 0 : x->visible;

	if (s->visible != 0 && visible == 0 &&
	    (ch->lost == NULL || s->hops < ch->lost->hops))
		ch->lost = s;
	if (s->visible != visible && visible != 0 && x->reachable &&
	    (ch->came == NULL || x->hops < ch->came->hops))
		ch->came = s;
	if (s->visible != visible)
		ch->v[ch->n++] = s;
	s->visible = visible;
	s->reachable = x != NULL && x->reachable;
	s->limbo = x != NULL && x->limbo;
	if (s->limbo)
		s->until = x->until;
	/* the batch names the uplink that a lost server had, also if it was in
	 * limbo meanwhile */
	if (s->reachable || (s != ch->lost && visible == 0)) {
		s->uplink = x == NULL ? (struct sid){ "" } : x->uplink;
		s->hops = x == NULL ? 0 : x->hops;
	}
	s->next = x == NULL ? (struct sid){ "" } : x->next;
	s->behind = x == NULL ? 0 : x->behind;
}

void
overlay_apply(struct step *st, const struct overlay_view *v)
{
	struct core *c = st->core;
	struct changed ch = { 0 };
	struct rcbuf *split = NULL, *join = NULL;
	struct server *s;

	if (v->whole && !c->whole)
		c->whole_since = st->now;
	if (!v->whole && c->whole)
		c->parted = c->hlc;
	c->whole = v->whole;
	for (size_t i = 0; i < v->n; i++)
		facts_server(st->facts, v->v[i].sid);
	ch.v = arena_alloc(st->arena,
	    map_count(&st->facts->servers) * sizeof(struct server *));
	for (size_t i = 0; (s = map_next(&st->facts->servers, &i)) != NULL;)
		if (sid_cmp(s->sid, c->self.sid) != 0)
			want(&ch, s, find_view(v, s->sid));
	if (ch.lost != NULL)
		split = rcbuf_new(overlay_batch(st, "netsplit", ch.lost));
	if (ch.came != NULL)
		join = rcbuf_new(overlay_batch(st, "netjoin", ch.came));
	c->overlay_serial += ch.n > 0;
	for (size_t i = 0; i < ch.n; i++)
		flip_begin(st, ch.v[i], ch.v[i]->visible == 0 ? split : join);
	rcbuf_unref(split);
	rcbuf_unref(join);
}

void
overlay_moved(struct step *st, struct user *u)
{
	struct server *s = user_server(st->facts, u);
	struct core *c = st->core;

	if (!is_to_flip(st, u))
		return;
	if (!u->visible) {
		postpone_choose(st, u, lag_room(c));
		return;
	}
	if (u->nshown <= POSTPONE_ABOVE || s->flips)
		return;
	flip_begin(st, s, NULL);
	if (!lag_holds(c))
		work_add(&c->work, &c->overlay_item);
}

void
overlay_show(struct step *st, struct user *by)
{
	bool flips = by != NULL && is_to_flip(st, by);
	size_t from = st->fx->n;

	if (flips)
		mark(st, by, lag_room(st->core));
	show_step(st);
	if (flips || st->facts->voids.any)
		lag_count(st, from);
}

bool
overlay_is_behind(const struct server *s)
{
	return s->flips;
}
