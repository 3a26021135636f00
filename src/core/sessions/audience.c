/*
 * Adding a channel only notes that it is asked for. Its sessions are collected
 * when the first of them is needed, and not at all if the audience before was
 * made of the same channels: this comparison costs a visit for each channel,
 * not for each receiver. The collected sessions serve until audience_changed,
 * in later steps, too: a client that says twenty lines at once has the same
 * audience for all of them. Sessions that are added one by one are different
 * each time, so they are collected at once.
 *
 * The ids of their connections are collected beside them. If all receivers have
 * the same view of a line, as they mostly have, the list of the effect is a
 * copy of these ids, and no session is looked at again.
 *
 * Receivers are marked with a serial number instead of being searched for, so
 * collecting the peers of a user costs one visit for each membership. A line
 * has at most one buffer for each view.
 *
 * A linked server can put a user on very many channels that are large here. All
 * of their members would be looked at to find the few clients that they are. So
 * each client is asked instead whether it shares a channel with that user.
 *
 * A line to the same receivers as the line before is appended to its buffers,
 * while these are the last effects: a queue then holds one reference for many
 * lines.
 */
#include "core/sessions/audience.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/facts/membership.h"
#include "core/sessions/batch.h"
#include "core/types/cost.h"

_Static_assert(VIEWS == VIEW_READING << RENDERED_MAX &&
		   VIEWS <= sizeof(((struct audience_sent *)0)->place),
    "a view without a place");

/* bytes of a buffer that more lines are appended to; a small part of any sendq
 */
#define BUFFER_MAX 4096

/* ---- collecting -------------------------------------------------------- */

void
audience_begin(struct step *st)
{
	struct audience *a = &st->core->audience;

	a->asked.n = 0;
	a->asked.peers_of = NULL;
	a->asked.need = a->asked.lack = a->asked.deaf = 0;
	a->collected = false;
}

static void
grow(struct audience *a)
{
	size_t cap = a->cap;

	a->id = mem_grow(a->id, &cap, 64, sizeof(*a->id));
	a->v = mem_grow(a->v, &a->cap, 64, sizeof(struct session *));
}

static void
add(struct core *c, struct session *s, uint64_t need, uint64_t lack)
{
	struct audience *a = &c->audience;

	if (s->mark == c->mark || s->conn == NULL ||
	    (need != 0 && !(s->caps & need)) || (s->caps & lack) != 0)
		return;
	s->mark = c->mark;
	a->caps |= s->caps;
	a->common &= s->caps;
	if (a->n == a->cap)
		grow(a);
	a->id[a->n] = s->conn->id;
	a->v[a->n++] = s;
}

static void
add_chan(struct core *c, const struct audience_chan *x,
    const struct audience_of *of)
{
	struct session *s;

	for (uint32_t i = 0; i < x->chan->nlocal; i++) {
		const struct member *m = x->chan->local[i];

		c->audience.visits +=
		    core_mutated(&c->facts, AUDIENCE_ALL) ? x->chan->nlocal : 1;
		if (m->user == x->but || (x->old && m->comes) ||
		    (m->user->modes & of->deaf) != 0)
			continue;
		LIST_FOREACH(s, &m->user->sessions, user_link)
			add(c, s, of->need, of->lack);
	}
}

/* Return true if two users share a channel on which a sees b, who is on very
 * many. */
static bool
shares_channel(struct core *c, const struct user *a, const struct user *b)
{
	const struct member *m, *too;

	for (struct stays it = stays_of(a); (m = stays_next(&it)) != NULL;) {
		c->audience.visits++;
		if (m->shown && (too = facts_find_member(m->chan, b)) != NULL &&
		    too->shown && !too->veiled)
			return true;
	}
	return false;
}

static void
add_peers(struct core *c, const struct user *of, uint64_t need, uint64_t lack)
{
	const struct user *u;
	struct conn *x;

	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;) {
		u = x->session->user;
		if (u != NULL && u != of && x->session->mark != c->mark &&
		    shares_channel(c, u, of))
			add(c, x->session, need, lack);
	}
}

static void
collect(struct core *c)
{
	struct audience *a = &c->audience;
	struct audience_of held = a->held;

	a->mark = ++c->mark;
	a->n = 0;
	a->caps = 0;
	a->common = UINT64_MAX;
	for (size_t i = 0; i < a->asked.n; i++)
		add_chan(c, &a->asked.v[i], &a->asked);
	if (a->asked.peers_of != NULL)
		add_peers(c, a->asked.peers_of, a->asked.need, a->asked.lack);
	a->held = a->asked;
	a->asked = held;
	a->sent.valid = false;
	a->collected = true;
	/* the channels of such a user may be others later */
	a->kept = a->held.peers_of == NULL;
}

/* A session is a receiver if it has the mark of this audience. So no other mark
 * may have been given since the receivers were collected. */
static bool
is_held(const struct core *c)
{
	const struct audience *a = &c->audience;
	const struct audience_of *x = &a->asked, *y = &a->held;

	if (!a->kept || a->mark != c->mark || x->n != y->n ||
	    x->peers_of != NULL || x->need != y->need || x->lack != y->lack ||
	    x->deaf != y->deaf)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].chan != y->v[i].chan ||
		    x->v[i].but != y->v[i].but || x->v[i].old != y->v[i].old)
			return false;
	return true;
}

/* Fill v with the sessions that were asked for. */
static struct audience *
get(struct step *st)
{
	struct audience *a = &st->core->audience;

	if (!a->collected && is_held(st->core))
		a->collected = true;
	if (!a->collected)
		collect(st->core);
	return a;
}

void
audience_add(struct step *st, struct session *s)
{
	struct audience *a = &st->core->audience;

	if (!a->collected)
		collect(st->core);
	a->kept = false;
	add(st->core, s, 0, 0);
}

void
audience_add_user(struct step *st, const struct user *u)
{
	struct session *s;

	LIST_FOREACH(s, &u->sessions, user_link)
		audience_add(st, s);
}

/* A user without sessions here is never among the receivers. */
static void
ask_chan(struct step *st, struct audience_chan x)
{
	struct audience *a = &st->core->audience;
	struct audience_of *of = &a->asked;

	if (x.chan->nlocal == 0)
		return;
	if (x.but != NULL && LIST_EMPTY(&x.but->sessions))
		x.but = NULL;
	if (a->collected) {
		a->kept = false;
		add_chan(st->core, &x,
		    &(struct audience_of){ .deaf = a->held.deaf });
		return;
	}
	if (of->n == of->cap)
		of->v = mem_grow(of->v, &of->cap, 8, sizeof(*of->v));
	of->v[of->n++] = x;
}

void
audience_add_chan(struct step *st, const struct chan *c, const struct user *but)
{
	ask_chan(st, (struct audience_chan){ .chan = c, .but = but });
}

void
audience_add_old(struct step *st, const struct chan *c)
{
	ask_chan(st, (struct audience_chan){ .chan = c, .old = true });
}

#define PEERS_EACH 8 /* looks at members, for each session here */
#define PEERS_MORE 1024

/* Return true if the members of the user's channels are looked at more often
 * than it takes to look at the channels of all sessions here instead. */
static bool
is_on_too_many(struct step *st, const struct user *u)
{
	size_t most = PEERS_MORE + PEERS_EACH * st->core->nlocal, n = 0, k = 0;
	const struct member *m;

	if (u->nshown <= POSTPONE_ABOVE)
		return false;
	for (struct stays it = stays_of(u);
	     n <= most && (m = stays_next(&it)) != NULL; k++)
		n += 1 + (m->shown ? m->chan->nlocal : 0);
	st->core->audience.visits += k;
	step_spend(st, k * COST_MEMBERSHIP);
	return n > most;
}

void
audience_add_peers(struct step *st, const struct user *u)
{
	struct audience *a = &st->core->audience;
	const struct member *m;

	if (is_on_too_many(st, u)) {
		if (!a->collected) {
			a->asked.peers_of = u;
			return;
		}
		a->kept = false;
		add_peers(st->core, u, 0, 0);
		return;
	}
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
		if (m->shown &&
		    (!m->veiled || core_mutated(st->facts, VEIL_THIN)))
			audience_add_chan(st, m->chan, u);
}

void
audience_leave_out(struct step *st, uint64_t modes)
{
	st->core->audience.asked.deaf = modes;
}

/* Keep the sessions that have one of the capabilities, or those that have none.
 */
static void
filter(struct audience *a, uint64_t cap, bool has)
{
	size_t n = 0;

	a->kept = false;
	for (size_t i = 0; i < a->n; i++) {
		if (((a->v[i]->caps & cap) != 0) != has)
			continue;
		a->id[n] = a->id[i];
		a->v[n++] = a->v[i];
	}
	a->n = n;
}

void
audience_keep_cap(struct step *st, uint64_t cap)
{
	struct audience *a = &st->core->audience;

	if (!a->collected)
		a->asked.need = cap;
	else
		filter(a, cap, true);
}

void
audience_drop_cap(struct step *st, uint64_t cap)
{
	struct audience *a = &st->core->audience;

	if (!a->collected)
		a->asked.lack = cap;
	else
		filter(a, cap, false);
}

bool
audience_is_empty(struct step *st)
{
	return get(st)->n == 0;
}

uint64_t
audience_caps(struct step *st)
{
	return get(st)->caps;
}

void
audience_changed(struct core *c)
{
	c->audience.kept = false;
}

void
audience_fini(struct core *c)
{
	free(c->audience.v);
	free(c->audience.id);
	free(c->audience.asked.v);
	free(c->audience.held.v);
}

/* ---- sending ----------------------------------------------------------- */

/* Return the line in the view, in buf. */
static struct span
written(const struct step *st, const struct line *l, unsigned view,
    char buf[LINE_RENDER_MAX])
{
	struct writer w;

	line_writer(&w, st, l, buf);
	line_write(&w, st, l, view);
	return writer_done(&w);
}

/* Return true if some receivers read the line otherwise. */
static bool
is_read(const struct audience *a, const struct line *l)
{
	return l->text != 0 && (a->caps & CAPS_READING) != 0;
}

/* Begin to note the effects of a line that all receivers get directly. */
static void
note(struct audience *a, const struct step *st, const struct line *l)
{
	struct audience_sent *x = &a->sent;

	x->valid = a->kept;
	x->tagged = l->msgid.n > 0 || l->tags.n > 0;
	x->several = l->batch != NULL;
	x->alt_cap = l->alt_cap;
	x->read = is_read(a, l);
	x->batch = st->batch.ref.n > 0 ? st->batch.mark : 0;
	x->view = NULL;
	x->nview = x->capview = 0;
}

/* Return true if each receiver has the same view of this line as of the line
 * before. */
static bool
goes_on(const struct audience *a, const struct step *st, const struct line *l)
{
	const struct audience_sent *x = &a->sent;

	return a->kept && x->valid &&
	       (st->answering == NULL || st->answering->response == NULL) &&
	       x->tagged == (l->msgid.n > 0 || l->tags.n > 0) &&
	       x->several == (l->batch != NULL) && x->read == is_read(a, l) &&
	       x->alt_cap == l->alt_cap &&
	       x->batch == (st->batch.ref.n > 0 ? st->batch.mark : 0);
}

static void
send_view(struct step *st, struct audience_view *v, bool append,
    struct span text)
{
	struct effects *fx = st->fx;

	if (append && fx->v[v->effect].u.send.buf->n + text.n <= BUFFER_MAX) {
		effects_send_more(fx, v->effect, &v->cap, text);
		return;
	}
	v->effect = fx->n;
	v->cap = 0;
	effects_send_shared(fx, rcbuf_new(text), v->to, v->n);
}

static void
send_views(struct step *st, struct audience *a, const struct line *l,
    bool append)
{
	char buf[LINE_RENDER_MAX];

	for (size_t i = 0; i < a->sent.nview; i++)
		send_view(st, &a->sent.view[i], append,
		    written(st, l, a->sent.view[i].view, buf));
	a->sent.end = st->fx->n;
}

/* Add a view for at most n receivers. */
static void
add_view(const struct step *st, struct audience_sent *x, unsigned view,
    size_t n)
{
	if (x->nview == x->capview)
		x->view = arena_grow(st->arena, x->view, &x->capview, 4,
		    sizeof(*x->view));
	x->place[view] = (uint8_t)x->nview;
	x->view[x->nview++] = (struct audience_view){ .view = view,
		.to = arena_alloc(st->arena, n * sizeof(struct conn_id)) };
}

/* Return the receivers of that view; n may be added. Neighbours often have
 * different views, so this is done for very many receivers. */
static inline struct audience_view *
get_view(const struct step *st, struct audience_sent *x, unsigned view,
    size_t n)
{
	size_t i = x->place[view];

	if (i >= x->nview || x->view[i].view != view) {
		add_view(st, x, view, n);
		i = x->nview - 1;
	}
	return &x->view[i];
}

/* Return true if all receivers have the same view of the line, and get it
 * directly. Nothing of a session is looked at: most lines are like this. */
static bool
is_one_view(const struct step *st, const struct audience *a,
    const struct line *l)
{
	uint64_t deciding = line_view_caps(st, l);

	return (a->caps & deciding) == (a->common & deciding) &&
	       st->batch.ref.n == 0 &&
	       (st->answering == NULL || st->answering->response == NULL);
}

/* Sort the receivers by view. A line has few views, so most receivers have the
 * same view as the receiver before. */
static void
sort(struct step *st, struct audience *a, const struct line *l)
{
	uint64_t deciding = line_view_caps(st, l), caps = 0;
	struct audience_view *v = NULL;
	unsigned view = 0;

	note(a, st, l);
	if (is_one_view(st, a, l)) {
		v = get_view(st, &a->sent, line_view(st, l, a->v[0]), a->n);
		memcpy(v->to, a->id, a->n * sizeof(*v->to));
		v->n = a->n;
		return;
	}
	for (size_t i = 0; i < a->n; i++) {
		struct session *s = a->v[i];

		if (line_is_response(st, s) && !l->apart) {
			s->response->told = true;
			line_send(st, s, l);
			a->sent.valid = false;
			continue;
		}
		if (v == NULL || (s->caps & deciding) != caps) {
			caps = s->caps & deciding;
			view = line_view(st, l, s);
			v = get_view(st, &a->sent, view, a->n - i);
		}
		if (view & VIEW_BATCH)
			batch_open(st, s);
		v->to[v->n++] = s->conn->id;
	}
}

void
audience_send(struct step *st, const struct line *l)
{
	struct audience *a = get(st);

	if (a->n == 0)
		return;
	if (l->batch != NULL)
		step_spend(st, l->batch->n * COST_LINE);
	if (goes_on(a, st, l)) {
		step_spend(st, COST_LINE + a->n * COST_MORE);
		send_views(st, a, l, a->sent.end == st->fx->n);
		return;
	}
	step_spend(st, COST_LINE + a->n * COST_SEND);
	if (st->batch.ref.n > 0 && st->answering == NULL)
		batch_open_all(st, a->v, a->n);
	sort(st, a, l);
	send_views(st, a, l, false);
}
