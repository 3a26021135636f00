#include "trunk/info.h"

#include "trunk/state.h"

bool
trunk_net_info(const struct trunk_net *net, struct mono now, size_t i,
    struct trunk_info *info)
{
	const struct trunk *t;

	if (i >= net->ntrunk)
		return false;
	t = net->trunk[i];
	*info = (struct trunk_info){ .name = trunk_name(t),
		.region = span_of(t->region),
		.state = trunk_state_name(t->state),
		.address = t->addr,
		.tls = t->proof.tls,
		.since_ms = mono_sub_ms(now, t->opened),
		.rtt_ms = t->rtt_ms,
		.streams = t->nstreams,
		.lists = t->lists.n,
		.unsent = t->unsent,
		.lines_in = t->lines_in,
		.lines_out = t->lines_out,
		.bytes_in = t->bytes_in,
		.bytes_out = t->bytes_out };
	return true;
}

const struct trunk_counts *
trunk_net_counts(const struct trunk_net *net)
{
	return &net->counts;
}

size_t
trunk_net_streams(const struct trunk_net *net)
{
	return trunk_streams_count(&net->streams);
}

size_t
trunk_net_up(const struct trunk_net *net)
{
	size_t n = 0;

	for (size_t i = 0; i < net->ntrunk; i++)
		n += net->trunk[i]->state == TRUNK_UP;
	return n;
}
