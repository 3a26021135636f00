/*
 * A client waits for at most one thing at a time. wait_grant is the one place
 * that lets it go on, so no path can grant twice.
 */
#include "core/sessions/wait.h"

#include "core/sessions/flood.h"
#include "core/sessions/line.h"
#include "core/sessions/listing.h"
#include "core/sessions/request.h"
#include "core/sessions/response.h"
#include "core/sessions/timer.h"

static bool
is_waiting(const struct session *s)
{
	return s->wait_entry != 0 || s->arrives ||
	       session_more(s)->judgement != NULL ||
	       request_holds(s, HOLD_LINE);
}

bool
wait_is_own(const struct step *st, const struct conn *x)
{
	return request_holds(x->session, HOLD_LINE) ||
	       listing_is_full(x->session) ||
	       mono_cmp(flood_until(x), st->now) > 0;
}

void
wait_grant(struct step *st, struct conn *x)
{
	if (x->granted || x->closing || is_waiting(x->session) ||
	    listing_is_full(x->session))
		return;
	if (mono_cmp(flood_until(x), st->now) > 0) {
		/* one that ended is not waited for: see client_ended() */
		timer_set(st->core, x, x->ended ? st->now : flood_until(x));
		return;
	}
	/* in the next turn, behind whoever waits already; but each turn grants
	 * one line */
	if (work_is_spent(&st->core->work) && st->core->turn_grants) {
		timer_set(st->core, x, st->now);
		return;
	}
	st->core->turn_grants = true;
	x->granted = true;
	effects_read(st->fx, x->id, 1);
}

void
wait_next(struct step *st, struct session *s)
{
	struct response *r = s->response;

	if (s->conn == NULL || is_waiting(s))
		return;
	s->response = NULL;
	response_end(st, s, r);
	wait_grant(st, s->conn);
}

void
wait_answering(struct step *st, uint64_t n)
{
	struct session *s = st->cause.sess.k == 0
				? NULL
				: core_find_session(st->core, st->cause.sess);

	if (s != NULL && s->wait_entry == n)
		st->answering = s;
}

void
wait_applied(struct step *st, const struct entry *e, const struct part *part)
{
	struct session *s;

	if (st->cause.sess.k == 0 ||
	    (s = core_find_session(st->core, st->cause.sess)) == NULL ||
	    s->wait_entry != e->n)
		return;
	s->wait_entry = 0;
	if (s->conn != NULL)
		flood_charge_entry(st, s, e, part);
	wait_next(st, s);
}
