/*
 * A view is four bits: time tag, message tags, the alternative body, batch
 * tag. Sixteen buffers at most, made when the first receiver of that view is
 * seen. Receivers are marked with a serial number instead of being searched
 * for, so collecting the peers of a user costs one visit per membership.
 *
 * A session whose command is labelled gets its lines into its response; they
 * leave when the command is done, in one batch (labeled-response.md).
 */
#include "core/line.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/listing.h"
#include "wire/isotime.h"
#include "wire/utf8.h"

#define TAGS_MAX 8191 /* message-tags.md, "Size limit" */
#define RENDER_MAX (TAGS_MAX + LINE_BODY_MAX + 2)

enum view_bit {
	VIEW_TIME = 1,
	VIEW_TAGS = 2,
	VIEW_ALT = 4,
	VIEW_BATCH = 8,
	VIEWS = 16
};

struct span
server_name(const struct core *c, struct sid sid)
{
	const struct server *s;

	if (c->settings != NULL && sid_cmp(sid, c->self.sid) == 0)
		return c->settings->name;
	s = facts_find_server(&c->facts, sid);
	return s == NULL ? SPAN("*") : rcbuf_span(s->name);
}

struct span
server_about(const struct core *c, const struct server *s)
{
	if (s == NULL || s->description == NULL || s->description->n == 0)
		return c->settings->network;
	return rcbuf_span(s->description);
}

struct span
user_source(struct step *st, const struct user *u)
{
	struct writer w;

	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_span(&w,
	    u->nick != NULL ? rcbuf_span(u->nick) : uid_span(&u->uid));
	writer_char(&w, '!');
	writer_span(&w, ident_username(u->ident));
	writer_char(&w, '@');
	writer_span(&w, ident_host(u->ident));
	return writer_done(&w);
}

const struct user *
by_find(const struct step *st, const struct by *by)
{
	const struct session *s = st->answering;

	if (uid_is_none(by->uid))
		return NULL;
	/* mostly the command that runs is his */
	if (s != NULL && s->user != NULL && !s->user->gone &&
	    uid_cmp(s->user->uid, by->uid) == 0)
		return s->user;
	return facts_find_uid(st->facts, by->uid);
}

struct span
by_source(struct step *st, const struct by *by)
{
	const struct user *u = by_find(st, by);

	if (!uid_is_none(by->uid)) {
		if (u != NULL && u->shown)
			return user_source(st, u);
		if (u != NULL)
			return server_name(st->core, u->home);
	} else if (!sid_is_none(by->sid) &&
		   facts_find_server(st->facts, by->sid) != NULL)
		return server_name(st->core, by->sid);
	/* who is not known any more: the server whose entry this is */
	return server_name(st->core, st->o.sid);
}

void
body_begin(struct step *st, struct writer *w, struct span source)
{
	writer_init_arena(w, st->arena, RENDER_MAX);
	writer_char(w, ':');
	writer_span(w, source);
	writer_char(w, ' ');
}

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
	char buf[RENDER_MAX];
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

/* ---- responses --------------------------------------------------------- */

void
response_begin(struct session *s, struct span label)
{
	s->response = mem_zalloc(sizeof(*s->response));
	if (label.n > 0)
		s->response->label = rcbuf_new(label);
}

void
response_collect(struct step *st, struct session *s)
{
	if (s != NULL && st->answering == s && s->response == NULL)
		response_begin(s, SPAN_NONE);
}

static void
response_clear(struct response *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		rcbuf_unref(r->line[i]);
	r->n = 0;
	r->bytes = 0;
}

void
response_free(struct response *r)
{
	if (r == NULL)
		return;
	response_clear(r);
	free(r->line);
	rcbuf_unref(r->label);
	free(r);
}

static void
response_add(struct response *r, struct rcbuf *line)
{
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 4 : r->cap * 2;
		r->line = mem_array(r->line, r->cap, sizeof(*r->line));
	}
	r->bytes += line->n;
	r->line[r->n++] = line;
}

/* The line with one more tag in front. */
static void
send_tagged(struct step *st, const struct session *s, struct span key,
    struct span value, struct span line)
{
	struct writer w;

	writer_init_arena(&w, st->arena, RENDER_MAX + key.n + value.n + 2);
	writer_char(&w, '@');
	writer_span(&w, key);
	writer_span(&w, value);
	if (line.n > 0 && line.p[0] == '@') {
		writer_char(&w, ';');
		writer_span(&w, span_tail(line, 1));
	} else {
		writer_char(&w, ' ');
		writer_span(&w, line);
	}
	effects_send(st->fx, rcbuf_new(writer_done(&w)), &s->conn->id, 1);
}

/* A line of the server about batches and labels: no time, no ids. */
static void
write_server_line(struct step *st, struct writer *w, const char *verb)
{
	body_begin(st, w, st->core->settings->name);
	writer_str(w, verb);
}

static struct span
ref_text(struct step *st, uint64_t ref)
{
	struct writer w;

	writer_init_arena(&w, st->arena, 32);
	writer_hex(&w, span_make(&ref, sizeof(ref)));
	return writer_done(&w);
}

static struct span
batch_ref(struct step *st)
{
	return ref_text(st, rng_u64(&st->core->rng));
}

static void
response_open(struct step *st, const struct session *s, struct response *r)
{
	struct writer w;

	if (r->open || r->label == NULL)
		return;
	r->open = true;
	r->batch = rng_u64(&st->core->rng);
	write_server_line(st, &w, "BATCH +");
	writer_span(&w, ref_text(st, r->batch));
	writer_str(&w, " labeled-response\r\n");
	send_tagged(st, s, SPAN("label="), rcbuf_span(r->label),
	    writer_done(&w));
}

/* The reference to the line moves. */
static void
response_send(struct step *st, struct session *s, struct response *r,
    struct rcbuf *line)
{
	response_open(st, s, r);
	st->bytes += line->n;
	if (!r->open) {
		effects_send(st->fx, line, &s->conn->id, 1);
		return;
	}
	send_tagged(st, s, SPAN("batch="), ref_text(st, r->batch),
	    rcbuf_span(line));
	rcbuf_unref(line);
}

void
response_flush(struct step *st, struct session *s, struct response *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		response_send(st, s, r, r->line[i]);
	r->n = 0;
	r->bytes = r->spent = 0;
}

void
response_close(struct step *st, struct session *s, struct response *r)
{
	struct writer w;

	if (st != NULL && r->open) {
		write_server_line(st, &w, "BATCH -");
		writer_span(&w, ref_text(st, r->batch));
		writer_str(&w, "\r\n");
		effects_send(st->fx, rcbuf_new(writer_done(&w)), &s->conn->id,
		    1);
	}
	response_free(r);
}

/* Of a response that waits: listing->at is the first line not sent. */
static bool
response_piece(struct step *st, struct session *s, struct listing *l)
{
	struct response *r = l->response;

	while (l->at < r->n && listing_has_room(st)) {
		response_send(st, s, r, r->line[l->at]);
		r->line[l->at++] = NULL;
	}
	if (l->at < r->n)
		return false;
	r->n = 0;
	return true;
}

/* A label alone, on a line that says nothing or all of it. */
static void
response_short(struct step *st, struct session *s, struct response *r)
{
	struct span label = rcbuf_span(r->label);
	struct writer w;

	if (r->n == 0) {
		write_server_line(st, &w, "ACK\r\n");
		send_tagged(st, s, SPAN("label="), label, writer_done(&w));
	} else
		send_tagged(st, s, SPAN("label="), label,
		    rcbuf_span(r->line[0]));
	response_free(r);
}

/* What was collected leaves at once, or as it is read if it is long. But not
 * what tells of changes: lines that others cause later would overtake it. */
void
response_end(struct step *st, struct session *s, struct response *r)
{
	if (r == NULL)
		return;
	if (r->holds > 0) {
		response_flush(st, s, r);
	} else if (r->label != NULL && r->n <= 1) {
		response_short(st, s, r);
	} else if (listing_spend(st, s,
		       r->bytes > r->spent ? r->bytes - r->spent : 0) ||
		   r->told) {
		response_flush(st, s, r);
		response_close(st, s, r);
	} else
		listing_start(st, s,
		    &(struct listing){ .piece = response_piece,
			.response = r,
			.collected = true });
}

/* ---- batches ----------------------------------------------------------- */

void
batch_begin(struct step *st, struct span type)
{
	st->batch = (struct step_batch){
		.ref = batch_ref(st), .type = type, .mark = ++st->core->mark
	};
}

static void
batch_open(struct step *st, struct session *s)
{
	struct step_batch *b = &st->batch;
	struct session **more;
	struct writer w;

	if (s->batch_mark == b->mark)
		return;
	s->batch_mark = b->mark;
	if (b->n == b->cap) {
		b->cap = b->cap == 0 ? 16 : b->cap * 2;
		more = arena_alloc(st->arena, b->cap * sizeof(*more));
		if (b->n > 0)
			memcpy(more, b->opened, b->n * sizeof(*more));
		b->opened = more;
	}
	b->opened[b->n++] = s;
	write_server_line(st, &w, "BATCH +");
	writer_span(&w, b->ref);
	writer_char(&w, ' ');
	writer_span(&w, b->type);
	writer_str(&w, "\r\n");
	effects_send(st->fx, rcbuf_new(writer_done(&w)), &s->conn->id, 1);
}

void
batch_end(struct step *st)
{
	struct step_batch *b = &st->batch;
	struct writer w;

	write_server_line(st, &w, "BATCH -");
	writer_span(&w, b->ref);
	writer_str(&w, "\r\n");
	for (size_t i = 0; i < b->n; i++)
		effects_send(st->fx, rcbuf_new(writer_done(&w)),
		    &b->opened[i]->conn->id, 1);
	*b = (struct step_batch){ 0 };
}

/* ---- sending ----------------------------------------------------------- */

/* Not what others do while a command waits for its entry. */
static bool
is_response(const struct step *st, const struct session *s)
{
	return st->answering == s && s->response != NULL;
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
		st->bytes += buf->n;
		response_add(s->response, buf);
		return;
	}
	if (view & VIEW_BATCH)
		batch_open(st, s);
	buf = render(st, l, view);
	st->bytes += buf->n;
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
	writer_init_arena(&w, st->arena, n * RENDER_MAX);
	for (size_t i = 0; i < n; i++)
		render_to(&w, st, &l[i], view_of(st, &l[i], s));
	st->bytes += writer_done(&w).n;
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
	if (c->naudience == c->capaudience) {
		c->capaudience = c->capaudience == 0 ? 64 : c->capaudience * 2;
		c->audience = mem_array(c->audience, c->capaudience,
		    sizeof(*c->audience));
	}
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
		/* there are few views of a line, mostly one */
		if (n[v] == 0)
			to[v] = arena_alloc(st->arena,
			    (c->naudience - i) * sizeof(**to));
		to[v][n[v]++] = s->conn->id;
	}
	for (unsigned v = 0; v < VIEWS; v++)
		if (n[v] > 0)
			effects_send(st->fx, render(st, l, v), to[v], n[v]);
}
