/*
 * Only this server makes runs, entries and link states of its sid. If a peer
 * knows a greater run of it, then another server runs under its sid, or this
 * server has lost its state. This server closes that link and takes nothing
 * over.
 *
 * While the other server is on the network, this one is refused with `copy`,
 * and people must decide which of the two is stopped. Once the other one is
 * gone, this one is refused with `inc`, and comes back by itself under a
 * greater inc (doc/decisions/0004).
 */
#include "link/trust/sid_collision.h"

#include "link/link.h"
#include "link/map/doubt.h"
#include "link/msg/msg.h"
#include "link/state.h"

bool
sid_collision_in_origin(const struct link_net *net, struct origin o, uint64_t n)
{
	if (sid_cmp(o.sid, net->self.sid) != 0)
		return false;
	return o.inc > net->self.inc ||
	       (o.inc == net->self.inc &&
		   n > vector_get(&net->log.have, net->self) +
			   SID_COLLISION_AHEAD);
}

bool
sid_collision_in_vector(const struct link_net *net, const struct vector *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (sid_collision_in_origin(net, x->v[i].o, x->v[i].n))
			return true;
	return false;
}

bool
sid_collision_in_lsa(const struct link_net *net, const struct lsa *lsa)
{
	return sid_cmp(lsa->o.sid, net->self.sid) == 0 &&
	       lsa->o.inc > net->self.inc;
}

void
sid_collision_refuse(const struct link_step *st, struct link *l)
{
	effects_logf(st->fx, LOG_OWN_SID_AHEAD, { "server", link_name(l) });
	link_refuse(st, l, "own-inc",
	    "the peer knows more of this server than it has done");
}

/*
 * A peer that links and then refuses this server, again and again, would make
 * two NOTICEs to each client each time. So clients are told that the server is
 * back when a link has been up for some time, which doubles each time that they
 * are told of the opposite.
 */
#define INSIDE_MS (10 * MS_PER_S)
#define INSIDE_MAX_MS (640 * MS_PER_S)
#define INSIDE_FORGIVEN_MS (3600 * MS_PER_S) /* the time is short again then */

void
sid_collision_outside(const struct link_step *st)
{
	struct link_net *net = st->net;

	if (net->outside ||
	    (net_has_edge(net) && !mutated(net, MUT_OUTSIDE_LINKED)))
		return;
	net->outside = true;
	net->outside_ms = net->outside_ms == 0 ? INSIDE_MS
			  : net->outside_ms < INSIDE_MAX_MS
			      ? 2 * net->outside_ms
			      : INSIDE_MAX_MS;
	core_outside(net->core, st->ev, true, st->fx);
}

/* Return for how long the link that is up for the longest has been up, or
 * -1. */
static int64_t
up_for(const struct link_step *st)
{
	int64_t ms, most = -1;

	for (size_t i = 0; i < st->net->nlink; i++) {
		const struct link *l = st->net->link[i];

		ms = mono_sub_ms(st->ev->now, l->helloed);
		if (l->state == LINK_UP && ms > most)
			most = ms;
	}
	return most;
}

void
sid_collision_inside(const struct link_step *st)
{
	struct link_net *net = st->net;
	int64_t ms = net->outside_ms == 0 ? -1 : up_for(st);

	if (ms >= INSIDE_FORGIVEN_MS)
		net->outside_ms = 0;
	if (mutated(net, MUT_INSIDE_AT_ONCE) && ms >= 0)
		ms = net->outside_ms;
	if (!net->outside || ms < net->outside_ms)
		return;
	net->outside = false;
	core_outside(net->core, st->ev, false, st->fx);
}

/* Tell the newer run, and its operator, at most once in this time: the older
 * run and its peers dial again and again. */
#define COPY_TOLD_MS (INT64_C(3) * MS_PER_S)

void
sid_collision_tell(const struct link_step *st, const struct link *refused,
    struct sid sid)
{
	struct link_net *net = st->net;
	struct writer w;

	if (mono_cmp(net->copy_told, st->ev->now) > 0 ||
	    mutated(net, MUT_COPY_UNTOLD))
		return;
	net->copy_told = mono_add_ms(st->ev->now, COPY_TOLD_MS);
	writer_init_arena(&w, st->fx->arena, LINK_REASON_MAX);
	writer_str(&w, "COPY ");
	writer_span(&w, link_address(st, refused));
	(void)question_ask(st, sid, writer_done(&w));
}

bool
sid_collision_asked(const struct link_step *st, const struct question *q)
{
	struct link_net *net = st->net;
	struct question done = question_reply(q);
	struct span rest = q->text;

	if (!span_eq(span_word(&rest), SPAN("COPY")))
		return false;
	if (mono_cmp(net->copy_heard, st->ev->now) <= 0)
		effects_logf(st->fx, LOG_OWN_SID_TWICE,
		    { "address", span_word(&rest) },
		    { "with", sid_span(&q->asker) });
	net->copy_heard = mono_add_ms(st->ev->now, COPY_TOLD_MS);
	done_pass(st, &done);
	return true;
}

void
sid_collision_told(const struct link_step *st, uint64_t inc)
{
	const struct link_net *net = st->net;

	if (inc < net->self.inc || net_has_edge(net))
		return;
	if (doubt_inc_is_ahead(st, inc)) {
		effects_log(st->fx, LOG_OWN_INC_AHEAD, NULL, 0);
		return;
	}
	effects_renew(st->fx, (uint32_t)inc,
	    SPAN("This server begins anew: another one ran under its name"));
}
