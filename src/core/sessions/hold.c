/*
 * All holds are in one queue, in the order of their ends, so a tick looks at
 * the first ones only. The option may have been lowered between two restarts;
 * then a hold lasts as long as those before it.
 *
 * Messages are kept, and not their bytes on the wire: the client that comes
 * back may have other capabilities. A message that has no room is lost, and its
 * sender is told (core/held.c).
 */
#include "core/sessions/hold.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/types/cost.h"

void
hold_init(struct core *c)
{
	TAILQ_INIT(&c->holds.queue);
	TAILQ_INIT(&c->holds.taken);
}

struct hold *
user_hold(const struct user *u)
{
	const struct session *s = LIST_FIRST(&u->sessions);

	return s == NULL ? NULL : session_hold(s);
}

/* ---- the queue ----------------------------------------------------------- */

static void
enqueue(struct step *st, struct hold *h, int64_t ms)
{
	struct holds *x = &st->core->holds;
	const struct hold *last = TAILQ_LAST(&x->queue, hold_queue);

	h->end = mono_add_ms(st->awake, ms);
	if (last != NULL && mono_cmp(last->end, h->end) > 0)
		h->end = last->end;
	TAILQ_INSERT_TAIL(&x->queue, h, link);
}

static void
dequeue(struct core *c, struct hold *h)
{
	if (c->sweep.hold == h)
		c->sweep.hold = TAILQ_NEXT(h, link);
	TAILQ_REMOVE(&c->holds.queue, h, link);
}

void
hold_begin(struct step *st, struct session *s, int64_t ms)
{
	struct hold *h = mem_zalloc(sizeof(*h));

	h->session = s;
	h->wait_entry = s->wait_entry;
	s->wait_entry = 0;
	STAILQ_INIT(&h->lines);
	enqueue(st, h, ms);
	st->core->holds.n++;
	session_get_more(s)->hold = h;
}

int64_t
hold_left_ms(const struct hold *h, struct mono awake)
{
	int64_t left = mono_sub_ms(h->end, awake);

	return left > 0 ? left : 0;
}

void
hold_renew(struct step *st, struct hold *h, int64_t ms)
{
	dequeue(st->core, h);
	enqueue(st, h, ms);
}

static void
line_free(struct hold_line *l)
{
	rcbuf_unref(l->body);
	rcbuf_unref(l->tags);
	rcbuf_unref(l->msgid);
	free(l);
}

void
hold_end(struct core *c, struct session *s)
{
	struct hold *h = s->more->hold;
	struct hold_line *l;

	while ((l = STAILQ_FIRST(&h->lines)) != NULL) {
		STAILQ_REMOVE_HEAD(&h->lines, link);
		line_free(l);
	}
	c->holds.bytes -= h->bytes;
	c->holds.n--;
	hold_untake(c, h);
	dequeue(c, h);
	s->more->hold = NULL;
	free(h);
}

void
hold_take(struct core *c, struct hold *h, struct conn_id by, uint64_t n)
{
	h->taker = by;
	h->taken_n = n;
	TAILQ_INSERT_TAIL(&c->holds.taken, h, taken);
}

void
hold_untake(struct core *c, struct hold *h)
{
	if (conn_id_is_none(h->taker))
		return;
	h->taker = (struct conn_id){ 0 };
	TAILQ_REMOVE(&c->holds.taken, h, taken);
}

struct mono
hold_due(const struct core *c)
{
	const struct hold *h = TAILQ_FIRST(&c->holds.queue);

	return h == NULL ? MONO_NEVER : h->end;
}

/* ---- what is kept -------------------------------------------------------- */

static struct rcbuf *
copy(struct span s)
{
	return s.n == 0 ? NULL : rcbuf_new(s);
}

static struct span
text_in(const struct rcbuf *b)
{
	return b == NULL ? SPAN_NONE : rcbuf_span(b);
}

static void
put(struct core *c, struct hold *h, const struct line *l, struct stamp at)
{
	struct hold_line *x = mem_zalloc(sizeof(*x));
	size_t bytes = sizeof(*x) + l->body.n + l->tags.n + l->msgid.n;

	x->at = at;
	x->body = copy(l->body);
	x->tags = copy(l->tags);
	x->msgid = copy(l->msgid);
	x->text = l->text;
	STAILQ_INSERT_TAIL(&h->lines, x, link);
	h->bytes += bytes;
	c->holds.bytes += bytes;
}

/* Return how many bytes the message takes. */
static size_t
size_of(const struct line *l)
{
	size_t each = sizeof(struct hold_line), n;

	n = each + l->body.n + l->tags.n + l->msgid.n;
	for (size_t i = 0; l->batch != NULL && i < l->batch->n; i++)
		n += each + l->batch->line[i].body.n + l->batch->tags.n;
	return n;
}

bool
hold_keep_from(struct core *c, struct hold *h, const struct line *l,
    struct stamp at)
{
	const struct line_batch *b = l->batch;
	struct line x = *l;
	size_t n = size_of(l);

	if (h->bytes + n > HOLD_BYTES || c->holds.bytes + n > HOLD_BYTES_ALL)
		return false;
	if (b == NULL) {
		put(c, h, l, at);
		return true;
	}
	/* a message of several lines comes as for clients without such
	 * batches */
	for (size_t i = 0; i < b->n; i++) {
		x.body = b->line[i].body;
		if (x.body.n == l->text)
			continue;
		put(c, h, &x, at);
		x.tags = b->tags;
		x.msgid = SPAN_NONE;
	}
	return true;
}

bool
hold_keep(struct step *st, struct hold *h, const struct line *l)
{
	return hold_keep_from(st->core, h, l,
	    (struct stamp){ step_time(st).ms });
}

void
hold_give(struct step *st, const struct hold *h, struct session *s)
{
	struct stamp stamp = st->stamp;
	const struct hold_line *x;

	STAILQ_FOREACH(x, &h->lines, link) {
		st->stamp = x->at;
		line_send(st, s,
		    &(struct line){ .body = text_in(x->body),
			.tags = text_in(x->tags),
			.msgid = text_in(x->msgid),
			.text = x->text,
			.apart = true });
	}
	st->stamp = stamp;
}

/* ---- what must hold ------------------------------------------------------ */

static bool
is_whole(const struct core *c, const struct hold *h)
{
	const struct session *s = h->session, *x;

	if (s->conn != NULL || s->user == NULL || s->registration != NULL ||
	    session_hold(s) != h || s->response != NULL || s->listing != NULL ||
	    s->lag != NULL || !LIST_EMPTY(&s->requests) ||
	    session_more(s)->batch != NULL || !core_is_home(c, s->user))
		return false;
	LIST_FOREACH(x, &s->user->sessions, user_link)
		if (x == s)
			return true;
	return false;
}

static const char *
check_taken(const struct core *c, const struct hold *h)
{
	const struct conn *x = core_find_conn(c, h->taker);

	if (h->taken_n <= c->applied_n)
		return "C29: a held session that waits for an entry of before";
	if (x != NULL && !x->closing && x->session->wait_entry != h->taken_n)
		return "C29: a client that takes a session without its entry";
	return NULL;
}

const char *
hold_check(const struct core *c)
{
	const struct hold *h, *before = NULL;
	size_t n = 0, bytes = 0, taken = 0;
	const char *why;

	TAILQ_FOREACH(h, &c->holds.queue, link) {
		if (!is_whole(c, h))
			return "C28: a held session that is not one";
		if (before != NULL && mono_cmp(before->end, h->end) > 0)
			return "C28: held sessions out of order";
		if (h->bytes > HOLD_BYTES)
			return "C28: too much is kept for a session";
		if (!conn_id_is_none(h->taker) &&
		    (why = check_taken(c, h)) != NULL)
			return why;
		taken += !conn_id_is_none(h->taker);
		bytes += h->bytes;
		before = h;
		n++;
	}
	if (n != c->holds.n || bytes != c->holds.bytes ||
	    n + c->nconn != pool_live(&c->session_pool))
		return "C28: held sessions miscounted";
	TAILQ_FOREACH(h, &c->holds.taken, taken)
		taken--;
	return taken == 0 ? NULL : "C29: takers of sessions miscounted";
}
