/*
 * A core is calm when nothing is under way that its lines cannot say. The
 * order of the questions only decides which reason is told.
 */
#include "core/handover.h"

#include "core/client.h"
#include "core/postpone.h"
#include "core/postpone_lists.h"
#include "core/sessions/request.h"
#include "core/state.h"

/* Return true if the client is in the middle of something. */
static bool
is_busy(const struct session *s)
{
	const struct session_more *more = session_more(s);

	return !LIST_EMPTY(&s->requests) || s->wait_entry != 0 ||
	       s->response != NULL || s->listing != NULL || s->lag != NULL ||
	       s->draining || s->arrives || s->registration != NULL ||
	       more->judgement != NULL || more->batch != NULL;
}

static const char *
client_awaits(const struct conn *x)
{
	if (x->closing)
		return NULL;
	if (x->session->user == NULL)
		return "a client has not registered";
	return is_busy(x->session) ? "a client has something under way" : NULL;
}

static const char *
entries_await(const struct core *c)
{
	if (core_has_out(c) || c->applied_n != c->last_n || core_is_applying(c))
		return "an entry is not processed";
	if (core_is_voiding(c) || core_is_installing(c))
		return "facts are taken in";
	return NULL;
}

static const char *
shows(const struct core *c)
{
	if (!TAILQ_EMPTY(&c->flips) || postpone_any(c) || postpone_lists_any(c))
		return "clients are shown a split or heal";
	if (c->rows.phase != ROWS_REST || work_is_queued(&c->reload.item))
		return "clients are told of a new configuration";
	return NULL;
}

const char *
core_awaits(const struct core *c)
{
	const struct conn *x;
	const char *why;

	if (!c->ready)
		return "the server has not joined the network";
	if ((why = entries_await(c)) != NULL || (why = shows(c)) != NULL)
		return why;
	if (!LIST_EMPTY(&c->own_requests))
		return "a request is not answered";
	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;)
		if ((why = client_awaits(x)) != NULL)
			return why;
	return NULL;
}

/*
 * End what a client has under way. Its requests end as if their time had
 * passed, since a server that does not answer shall not cost it the connection.
 * The client may be busy with these answers until the next call. A client that
 * is busy with anything else is ended.
 */
static void
end_what_is_under_way(struct step *st, struct session *s, struct span reason)
{
	const struct request *q;
	struct request *r;
	size_t n = 0;

	LIST_FOREACH(q, &s->requests, of_owner)
		n++;
	for (size_t i = 0; i < n && (r = LIST_FIRST(&s->requests)) != NULL; i++)
		request_end(st, r, ANSWER_EXPIRED, SPAN_NONE);
	if (!s->conn->closing && (n == 0 || !LIST_EMPTY(&s->requests)))
		client_end(st, s, reason);
}

size_t
core_end_busy(struct core *c, const struct event *ev, bool all,
    struct span reason, struct effects *fx)
{
	struct conn *x;
	struct step st;
	size_t ended = 0;

	step_begin(&st, c, ev, fx);
	for (uint32_t i = 0; (x = core_next_conn(c, &i)) != NULL;) {
		if (x->closing)
			continue;
		if (x->session->user == NULL) {
			client_end(&st, x->session, reason);
		} else if (all && is_busy(x->session)) {
			end_what_is_under_way(&st, x->session, reason);
			ended += x->closing;
		}
	}
	effects_deadline(fx, ev->now);
	return ended;
}

bool
core_next_client(const struct core *c, uint32_t *i, struct conn_id *id)
{
	const struct conn *x;

	while ((x = core_next_conn(c, i)) != NULL)
		if (!x->closing && x->session->user != NULL) {
			*id = x->id;
			return true;
		}
	return false;
}

uint64_t
core_made_upto(const struct core *c)
{
	return c->last_n;
}

bool
core_is_outside(const struct core *c)
{
	return c->outside;
}
