/*
 * A server that is READY is shown to users. So it must first know what the
 * others knew when it came: all that the SYNC of its first neighbour says
 * (link-protocol.md, 9.14). If that link ends too early, another link that is
 * up takes its place. A server without links waits for one until alone_at.
 */
#include "link/forgetting/ready.h"

#include "link/forgetting/forget.h"
#include "link/state.h"

/* Return true if this server is alone, or has caught up with its first
 * neighbour. It waits for a link in SYNCING: that link comes up, or is closed
 * for silence. */
static bool
is_time_for_ready(const struct link_step *st)
{
	const struct link_net *net = st->net;

	if (net->set == NULL || core_is_ready(net->core))
		return false;
	if (!conn_id_is_none(net->first))
		return mutated(net, MUT_READY_AT_ONCE) ||
		       forget_is_processed(net, &net->first_has);
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->state == LINK_SYNCING &&
		    !mutated(net, MUT_READY_SYNCING))
			return false;
	return mono_cmp(net->alone_at, event_awake(st->ev)) <= 0;
}

/* Choose a first neighbour if there is none, as the former one is gone. */
static void
choose_first(struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (conn_id_is_none(net->first) &&
		    net->link[i]->state == LINK_UP) {
			net->first = net->link[i]->conn;
			vector_copy(&net->first_has, &net->link[i]->ph);
		}
}

bool
ready_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct vector known = { 0 };

	choose_first(net);
	if (!is_time_for_ready(st))
		return false;
	core_make_ready(net->core, st->ev, st->fx);
	log_covered_all(&net->log, &known);
	core_know(net->core, st->ev, &known, st->fx);
	vector_fini(&known);
	return true;
}
