/*
 * A model of the channels that a user joins at registration (module autojoin).
 * When the first lines have come, the client is on each of these channels, or
 * was told why not, and it is on no other one. A channel with a mode that lets
 * in nobody like the client has not let it in, and a channel whose modes let it
 * in has not refused it.
 */
#include "run.h"

#include "core/facts/chan_name.h"
#include "core/state.h"
#include "lib/net.h"
#include "link/info.h"
#include "link/net.h"

static const char *const channels[] = { "#b", "#c" };

const char *
autojoin_draw(struct world *w, unsigned server)
{
	static const char *const values[] = { "", "#b", "#b | #c" };

	w->autojoins[server] = (unsigned)(w->opt->seed + server) % 3;
	return values[w->autojoins[server]];
}

/* Return true if nothing of the JOIN waits for a turn, or is half told. */
static bool
is_done(const struct world *w, const struct person *p)
{
	const struct node *node = w->net->node[p->node].node;
	const struct conn *x = core_find_conn(node_core(node), p->c->id);

	return x != NULL && !x->closing && !x->session->arrives &&
	       log_is_drained(link_net_log(node_links(node))) &&
	       !person_waits(p, node_core(node)) &&
	       !person_waits_for_masks(w, p);
}

static void
look_at_joined(struct world *w, const struct person *p, const char *chan)
{
	w->result->reached[REACH_AUTOJOINED]++;
	if (door_is_shut(w, p, chan))
		net_fail(w->net,
		    "u%u joins %s at registration, which is shut to the client",
		    p->id, chan);
}

/* Return true if the name is the former one of a channel, so that FAIL tells
 * of it. */
static bool
is_former(const struct world *w, const struct person *p, const char *chan)
{
	const struct core *core = node_core(w->net->node[p->node].node);

	return chan_name_goal(&core->facts, span_of(chan)).is_other;
}

static void
look_at_missing(struct world *w, const struct person *p, const char *chan)
{
	w->result->reached[REACH_AUTOJOIN_REFUSED]++;
	if (door_fate(w, p, chan) == TRIED_DONE)
		net_fail(w->net,
		    "u%u does not join %s at registration, and may do so",
		    p->id, chan);
}

static void
look(void *ctx, int64_t id)
{
	struct world *w = ctx;
	const struct person *p = &w->person[id];
	unsigned n = w->autojoins[p->node], joined = 0, former = 0;

	if (!person_is_open(p) || !is_done(w, p))
		return;
	for (unsigned i = 0; i < n; i++)
		if (ref_chan(&p->ref, span_of(channels[i])) != NULL) {
			look_at_joined(w, p, channels[i]);
			joined++;
		} else {
			look_at_missing(w, p, channels[i]);
			former += is_former(w, p, channels[i]);
		}
	/* 470 tells of another channel, or another name */
	if (joined + former + p->ref.errors - p->errors_before < n)
		net_fail(w->net,
		    "u%u joins %u channels at registration in place of %u, "
		    "and nothing says why",
		    p->id, joined, n);
	if (p->ref.nchans > joined + p->ref.sent_on)
		net_fail(w->net,
		    "u%u is on %zu channels after registration in place of %u",
		    p->id, p->ref.nchans, joined);
}

void
autojoin_registered(struct world *w, struct person *p)
{
	p->errors_before = p->ref.errors;
	if (w->plan->modules && !w->opt->quick && !p->back)
		net_call(w->net, w->net->now, look, w, p->id);
}
