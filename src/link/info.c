/*
 * A link is looked up by its index, and after the links come the configured
 * peers without one. There are few of them, so nothing is kept for this.
 */
#include "link/info.h"

#include "link/state.h"

/* Return the name by which the peer was dialled last, or will be next; none if
 * it is dialled by its address, or not at all. A link that goes through a
 * broker has its name on both sides. */
static struct span
host_of(const struct peer *peer, bool dials)
{
	if (peer == NULL)
		return SPAN_NONE;
	if (peer->set->broker.n > 0)
		return peer->set->broker;
	return dials && peer->set->naddress > 0
		   ? peer->set->address[peer->address].host
		   : SPAN_NONE;
}

static void
info_of_link(const struct link_net *net, struct mono now, const struct link *l,
    struct link_info *info)
{
	uint64_t pos =
	    l->pos > log_begin(&net->log) ? l->pos : log_begin(&net->log);

	*info = (struct link_info){ .name = link_name(l),
		.sid = l->o.sid,
		.state = link_state_name(l->state),
		.address = l->addr,
		.host = host_of(l->peer, l->dialled),
		.dialled = l->dialled,
		.tls = l->proof.tls,
		.since_ms =
		    mono_sub_ms(now, link_is_edge(l) ? l->helloed : l->opened),
		.rtt_ms = l->rtt_ms,
		.queued = l->unsent,
		.sent = l->bytes_out,
		.behind =
		    log_end(&net->log) > pos ? log_end(&net->log) - pos : 0,
		.entries_in = l->entries_in,
		.entries_out = l->entries_out };
	if (sid_is_none(info->sid) && l->peer != NULL)
		info->sid = l->peer->sid;
}

static bool
has_link(const struct link_net *net, const struct peer *peer)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->peer == peer)
			return true;
	return false;
}

/* Return why there is no link with the peer: the last reason, or that nobody
 * here dials, which is no fault and would else look like one. */
static struct span
why_down(const struct peer *peer)
{
	if (peer->nwhy == 0 && peer->set->broker.n > 0)
		return SPAN("the other server is not at the broker");
	if (peer->nwhy == 0 && peer->set->naddress == 0)
		return SPAN("no address: the other server has to dial");
	return span_make(peer->why, peer->nwhy);
}

bool
link_net_info(const struct link_net *net, struct mono now, size_t i,
    struct link_info *info)
{
	if (i < net->nlink) {
		info_of_link(net, now, net->link[i], info);
		return true;
	}
	i -= net->nlink;
	for (size_t k = 0; k < net->npeer; k++) {
		const struct peer *peer = &net->peer[k];

		if (has_link(net, peer) || i-- > 0)
			continue;
		*info = (struct link_info){ .name = peer->set->name,
			.sid = peer->sid,
			.host = host_of(peer, true),
			.rtt_ms = -1,
			.why = why_down(peer),
			.state = peer->dial != 0 ? "dialling" : "down" };
		return true;
	}
	return false;
}

const struct log *
link_net_log(const struct link_net *net)
{
	return &net->log;
}

const struct netmap *
link_net_map(const struct link_net *net)
{
	return &net->map;
}

const struct link_counts *
link_net_counts(const struct link_net *net)
{
	return &net->counts;
}

const struct link *
link_net_link(const struct link_net *net, size_t i)
{
	return i < net->nlink ? net->link[i] : NULL;
}
