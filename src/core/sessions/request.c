/*
 * All requests of a kind wait equally long, so the first of each queue expires
 * first.
 *
 * A request is taken out of the table before its answer is given, so no way
 * leads to a second answer, whatever answered() does with the session.
 *
 * Rejected: leaving the requests of a session that has ended until they are
 * answered. A stranger who asks, leaves and comes again would fill the table,
 * and every answered() would have to look for its session.
 */
#include "core/sessions/request.h"

#include "core/sessions/wait.h"
#include "core/types/cost.h"
#include "core/types/mutate.h"

static struct span
key_of(const void *p)
{
	const struct request *r = p;

	return span_make(&r->token, sizeof(r->token));
}

void
request_init(struct core *c)
{
	LIST_INIT(&c->own_requests);
	for (size_t k = 0; k < REQUEST_COUNT; k++)
		TAILQ_INIT(&c->requests[k].head);
	map_init(&c->request_tokens, key_of, c->key);
}

/* ---- in the table and out of it ---------------------------------------- */

static struct request_list *
list_of(struct core *c, struct session *s)
{
	return s == NULL ? &c->own_requests : &s->requests;
}

static bool
may_begin(struct core *c, struct session *s, enum request_kind kind)
{
	const struct request_row *row = request_row(kind);
	const struct request *r;
	uint32_t n = 0;

	LIST_FOREACH(r, list_of(c, s), of_owner)
		n += r->use->kind == kind;
	return n < row->each && c->requests[kind].n < row->most;
}

struct request *
request_begin(struct step *st, struct session *s, const struct request_use *use,
    struct span what)
{
	struct core *c = st->core;
	struct request_queue *q = &c->requests[use->kind];
	struct request *r;

	if (!may_begin(c, s, use->kind))
		return NULL;
	r = pool_take(&c->request_pool);
	r->token = ++c->next_token;
	r->use = use;
	r->of_core = s == NULL;
	if (s != NULL)
		r->conn = s->conn->id;
	r->expires = mono_add_ms(st->awake, request_row(use->kind)->expires_ms);
	r->what = rcbuf_new(what);
	LIST_INSERT_HEAD(list_of(c, s), r, of_owner);
	TAILQ_INSERT_TAIL(&q->head, r, of_kind);
	q->n++;
	map_put(&c->request_tokens, r);
	return r;
}

static void
take_out(struct core *c, struct request *r)
{
	struct request_queue *q = &c->requests[r->use->kind];

	LIST_REMOVE(r, of_owner);
	TAILQ_REMOVE(&q->head, r, of_kind);
	q->n--;
	map_del(&c->request_tokens, key_of(r));
}

static void
request_free(struct core *c, struct request *r)
{
	if (r->use->free_data != NULL)
		r->use->free_data(r->data);
	rcbuf_unref(r->what);
	pool_give(&c->request_pool, r);
}

struct request *
request_find(const struct core *c, uint64_t token, enum request_kind kind)
{
	struct request *r =
	    map_find(&c->request_tokens, span_make(&token, sizeof(token)));

	return r != NULL && r->use->kind == kind ? r : NULL;
}

struct session *
request_owner(const struct core *c, const struct request *r)
{
	return r->of_core ? NULL : core_find_conn(c, r->conn)->session;
}

void
request_end(struct step *st, struct request *r, enum answer_status status,
    struct span bytes)
{
	struct session *s = request_owner(st->core, r);
	bool holds = r->use->hold == HOLD_LINE;

	take_out(st->core, r);
	if (holds)
		st->answering = s;
	r->use->answered(st, s, r, status, bytes);
	if (holds)
		wait_next(st, s);
	st->answering = NULL;
	request_free(st->core, r);
}

/* ---- asking, and the answer ---------------------------------------------- */

bool
request_ask(struct step *st, struct session *s, const struct request_use *use,
    struct span bytes, struct span what)
{
	struct request *r = request_begin(st, s, use, what);
	struct addr from = { .b = { 0 } };

	if (r == NULL)
		return false;
	if (s != NULL)
		from = s->conn->addr;
	effects_ask(st->fx, r->token, use->kind, &from, bytes);
	return true;
}

void
request_answered(struct step *st, const struct event *ev)
{
	struct request *r =
	    request_find(st->core, ev->u.answered.token, ev->u.answered.kind);

	if (r != NULL)
		request_end(st, r, ev->u.answered.status, ev->u.answered.bytes);
}

void
request_tick(struct step *st, int64_t reserve)
{
	struct core *c = st->core;
	struct request *r;

	for (size_t k = 0; k < REQUEST_COUNT; k++)
		while (c->work.left > reserve &&
		       (r = TAILQ_FIRST(&c->requests[k].head)) != NULL &&
		       mono_cmp(r->expires, st->awake) <= 0) {
			step_spend(st, COST_TIMER);
			request_end(st, r, ANSWER_EXPIRED, SPAN_NONE);
		}
}

struct mono
request_next(const struct core *c)
{
	struct mono next = MONO_NEVER;
	const struct request *r;

	for (size_t k = 0; k < REQUEST_COUNT; k++)
		if ((r = TAILQ_FIRST(&c->requests[k].head)) != NULL)
			next = mono_min(next, r->expires);
	return next;
}

/* ---- the owner ----------------------------------------------------------- */

bool
request_holds(const struct session *s, enum request_hold hold)
{
	const struct request *r;

	LIST_FOREACH(r, &s->requests, of_owner)
		if (r->use->hold == hold)
			return true;
	return false;
}

void
request_drop(struct core *c, struct session *s)
{
	struct request *r;

	while ((r = LIST_FIRST(&s->requests)) != NULL &&
	       !core_mutated(&c->facts, REQUESTS_KEPT)) {
		take_out(c, r);
		request_free(c, r);
	}
}

void
request_fini(struct core *c)
{
	struct request *r;

	for (size_t k = 0; k < REQUEST_COUNT; k++)
		while ((r = TAILQ_FIRST(&c->requests[k].head)) != NULL) {
			take_out(c, r);
			request_free(c, r);
		}
	map_fini(&c->request_tokens);
}

/* ---- what must hold ------------------------------------------------------ */

static bool
is_of_owner(const struct core *c, const struct request *r)
{
	const struct conn *x = core_find_conn(c, r->conn);
	const struct request_list *list = &c->own_requests;
	const struct request *o;

	if (!r->of_core && (x == NULL || x->closing))
		return false;
	if (!r->of_core)
		list = &x->session->requests;
	LIST_FOREACH(o, list, of_owner)
		if (o == r)
			return true;
	return false;
}

static const char *
check_kind(const struct core *c, enum request_kind kind)
{
	const struct request *r, *before = NULL;
	uint32_t n = 0;

	TAILQ_FOREACH(r, &c->requests[kind].head, of_kind) {
		if (!is_of_owner(c, r))
			return "C17: a request without a living owner";
		if (r->use->kind != kind ||
		    map_find(&c->request_tokens, key_of(r)) != r)
			return "C17: a request in the wrong place";
		if (before != NULL && mono_cmp(before->expires, r->expires) > 0)
			return "C17: requests out of order";
		before = r;
		n++;
	}
	if (n != c->requests[kind].n || n > request_row(kind)->most)
		return "C17: requests miscounted";
	return NULL;
}

const char *
request_check(const struct core *c)
{
	const char *why = NULL;
	size_t n = 0;

	for (size_t k = 0; k < REQUEST_COUNT && why == NULL; k++) {
		why = check_kind(c, (enum request_kind)k);
		n += c->requests[k].n;
	}
	if (why == NULL && n != map_count(&c->request_tokens))
		why = "C17: requests miscounted";
	return why;
}
