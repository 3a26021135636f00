/*
 * Who is READY is seen, so it must first know what the others knew when it
 * came: have covers the SYNC of its first neighbour (doc/link-protocol.md, part
 * 9). If that link goes before, the next one that is up takes its place. Alone,
 * a server waits for links until alone_at.
 */
#include "link/ready.h"

#include "link/forget.h"
#include "link/state.h"

/* Alone, or caught up with the first neighbour? A link that is about to sync
 * is waited for: it will, or die of silence. */
static bool
is_time_for_ready(const struct link_step *st)
{
	const struct link_net *net = st->net;

	if (net->set == NULL || core_is_ready(net->core))
		return false;
	if (!conn_id_is_none(net->first))
		return mutated(net, MUT_READY_AT_ONCE) ||
		       forget_covers(net, &net->first_has);
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->state == LINK_SYNCING)
			return false;
	return mono_cmp(net->alone_at, event_awake(st->ev)) <= 0;
}

/* The first neighbour is gone before we had it all: another one will do. */
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

	choose_first(net);
	if (!is_time_for_ready(st))
		return false;
	core_make_ready(net->core, st->ev, st->fx);
	return true;
}
