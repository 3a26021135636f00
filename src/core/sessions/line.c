/*
 * A view is four bits: time tag, message tags, the alternative body, batch tag.
 * A line has at most sixteen buffers; each is made when the first receiver of
 * that view is seen. Receivers are marked with a serial number instead of being
 * searched for, so collecting the peers of a user costs one visit for each
 * membership.
 */
#include "core/sessions/line.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/sessions/batch.h"
#include "core/sessions/listing.h"
#include "core/sessions/response.h"
#include "core/types/cost.h"
#include "wire/isotime.h"
#include "wire/utf8.h"

enum view_bit {
	VIEW_TIME = 1,
	VIEW_TAGS = 2,
	VIEW_ALT = 4,
	VIEW_BATCH = 8,
	VIEWS = 16
};

/* ---- rendering --------------------------------------------------------- */

static void
write_tag(struct writer *w, bool *any, struct span text)
{
	if (text.n == 0)
		return;
	writer_char(w, *any ? ';' : '@');
	writer_span(w, text);
	*any = true;
}

static void
render_to(struct writer *to, const struct step *st, const struct line *l,
    unsigned view)
{
	struct writer w = *to;
	bool any = false;

	if (view & VIEW_BATCH) {
		write_tag(&w, &any, SPAN("batch="));
		writer_span(&w, st->batch.ref);
	}
	if (view & VIEW_TIME) {
		write_tag(&w, &any, SPAN("time="));
		isotime_build(&w,
		    (struct wall){
			l->stamp.ms != 0 ? l->stamp.ms : st->stamp.ms });
	}
	if (view & VIEW_TAGS) {
		if (l->msgid.n > 0) {
			write_tag(&w, &any, SPAN("msgid="));
			writer_span(&w, l->msgid);
		}
		write_tag(&w, &any, l->tags);
	}
	if (any)
		writer_char(&w, ' ');
	writer_span(&w,
	    utf8_cut(view & VIEW_ALT ? l->alt : l->body, LINE_BODY_MAX));
	writer_str(&w, "\r\n");
	*to = w;
}

static struct rcbuf *
render(const struct step *st, const struct line *l, unsigned view)
{
	char buf[LINE_RENDER_MAX];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	render_to(&w, st, l, view);
	return rcbuf_new(writer_done(&w));
}

static unsigned
view_of(const struct step *st, const struct line *l, const struct session *s)
{
	unsigned v = 0;

	if (s->caps & CAPB(SERVER_TIME))
		v |= VIEW_TIME;
	if (s->caps & CAPB(MESSAGE_TAGS) && (l->msgid.n > 0 || l->tags.n > 0))
		v |= VIEW_TAGS;
	if (s->caps & l->alt_cap)
		v |= VIEW_ALT;
	if (s->caps & CAPB(BATCH) && st->batch.ref.n > 0)
		v |= VIEW_BATCH;
	return v;
}

/* ---- sending ----------------------------------------------------------- */

/* Return true if the line answers the command that runs; the acts of others do
 * not, while a command waits for its entry. */
static bool
is_response(const struct step *st, const struct session *s)
{
	return st->answering == s && s->response != NULL;
}

/* Bytes of so many lines, to one session. */
static void
spend(struct step *st, size_t lines, size_t bytes)
{
	st->bytes += bytes;
	step_spend(st, lines * COST_LINE + bytes);
}

void
line_send(struct step *st, struct session *s, const struct line *l)
{
	struct rcbuf *buf;
	unsigned view;

	if (s->conn == NULL)
		return;
	view = view_of(st, l, s);
	if (is_response(st, s) && !l->apart) {
		buf = render(st, l, view & ~(unsigned)VIEW_BATCH);
		spend(st, 1, buf->n);
		response_add(s->response, buf);
		return;
	}
	if (view & VIEW_BATCH)
		batch_open(st, s);
	buf = render(st, l, view);
	spend(st, 1, buf->n);
	effects_send(st->fx, buf, &s->conn->id, 1);
}

void
lines_send(struct step *st, struct session *s, const struct line *l, size_t n)
{
	struct writer w;

	if (s->conn == NULL || n == 0)
		return;
	if (is_response(st, s) || st->batch.ref.n > 0) {
		for (size_t i = 0; i < n; i++)
			line_send(st, s, &l[i]);
		return;
	}
	writer_init_arena(&w, st->arena, n * LINE_RENDER_MAX);
	for (size_t i = 0; i < n; i++)
		render_to(&w, st, &l[i], view_of(st, &l[i], s));
	spend(st, n, writer_done(&w).n);
	effects_send(st->fx, rcbuf_new(writer_done(&w)), &s->conn->id, 1);
}

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
		unsigned v = view_of(st, l, s);

		if (is_response(st, s) && !l->apart) {
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
			effects_send(st->fx, render(st, l, v), to[v], n[v]);
}
