#include "node/metrics.h"

#include "base/pool.h"
#include "core/types/vector.h"
#include "wire/metric.h"

static void
clients(struct writer *w, const struct core *core)
{
	struct core_counts n = { 0 };

	core_counts(core, &n);
	metric_single(w, "ready", "gauge", "1 if the server takes clients.",
	    core_is_ready(core));
	metric_begin(w, "users", "gauge",
	    "Users that are shown, by where their server is.");
	metric_value(w, "users", "at", SPAN("here"), (int64_t)n.users_local);
	metric_value(w, "users", "at", SPAN("elsewhere"),
	    (int64_t)(n.users - n.users_local));
	metric_single(w, "users_invisible", "gauge", "Users with +i.",
	    (int64_t)n.invisible);
	metric_single(w, "opers", "gauge", "Operators of the network.",
	    (int64_t)n.opers);
	metric_begin(w, "connections", "gauge",
	    "Connections of clients, by how far they are.");
	metric_value(w, "connections", "state", SPAN("registered"),
	    (int64_t)n.sessions);
	metric_value(w, "connections", "state", SPAN("unregistered"),
	    (int64_t)n.unregistered);
	metric_single(w, "channels", "gauge", "Channels that are shown.",
	    (int64_t)n.channels);
	metric_single(w, "servers", "gauge",
	    "Servers that are visible, this one included.", (int64_t)n.servers);
	metric_single(w, "client_lines_total", "counter",
	    "Lines of clients that were read.", (int64_t)n.lines);
	metric_single(w, "messages_total", "counter",
	    "Messages for users of this server.", (int64_t)n.messages);
}

static void
pools(struct writer *w, const struct core *core)
{
	const struct pool *p;

	metric_begin(w, "objects", "gauge", "Objects in memory, by kind.");
	for (size_t i = 0; (p = core_pool(core, i)) != NULL; i++)
		metric_value(w, "objects", "pool", span_of(p->name),
		    (int64_t)p->live);
	metric_begin(w, "object_bytes", "gauge",
	    "Bytes of these objects, without what they point to.");
	for (size_t i = 0; (p = core_pool(core, i)) != NULL; i++)
		metric_value(w, "object_bytes", "pool", span_of(p->name),
		    (int64_t)(p->live * p->size));
}

/* Return the i-th server of the map that is visible; NULL if there is no more,
 * or if METRICS_ORIGINS have been returned. *at is 0 at first. */
static const struct map_server *
next_origin(const struct netmap *map, size_t *at, size_t *n)
{
	while (*at < map->n && *n < METRICS_ORIGINS) {
		const struct map_server *s = &map->v[(*at)++];

		if (s->visible == 0)
			continue;
		(*n)++;
		return s;
	}
	return NULL;
}

static int64_t
count_limbo(const struct netmap *map)
{
	int64_t n = 0;

	for (size_t i = 0; i < map->n; i++)
		n += map_server_is_in_limbo(&map->v[i]);
	return n;
}

static struct origin
run_of(const struct map_server *s)
{
	return (struct origin){ s->lsa.o.sid, s->visible };
}

static void
origins(struct writer *w, const struct link_net *net)
{
	const struct netmap *map = link_net_map(net);
	const struct log *log = link_net_log(net);
	const struct map_server *s;

	metric_single(w, "servers_in_limbo", "gauge",
	    "Servers that are visible, but cannot be reached.",
	    count_limbo(map));
	metric_begin(w, "origin_entries_total", "counter",
	    "Entries of the log that a server has made in its run.");
	for (size_t at = 0, n = 0; (s = next_origin(map, &at, &n)) != NULL;)
		metric_value(w, "origin_entries_total", "sid",
		    sid_span(&s->lsa.o.sid),
		    (int64_t)vector_get(&log->have, run_of(s)));
	metric_begin(w, "origin_lag_entries", "gauge",
	    "Entries of a server that are here and not processed yet.");
	for (size_t at = 0, n = 0; (s = next_origin(map, &at, &n)) != NULL;)
		metric_value(w, "origin_lag_entries", "sid",
		    sid_span(&s->lsa.o.sid),
		    (int64_t)(vector_get(&log->have, run_of(s)) -
			      vector_get(&log->done, run_of(s))));
	metric_single(w, "log_entries", "gauge", "Entries that the log keeps.",
	    (int64_t)(log_end(log) - log_begin(log)));
	metric_single(w, "log_bytes", "gauge", "Bytes of these entries.",
	    (int64_t)log->bytes);
}

struct link_figure {
	const char *name, *type, *help;
	int64_t (*of)(const struct link_info *);
};

static int64_t
is_up(const struct link_info *l)
{
	return span_eq(span_of(l->state), SPAN("up"));
}

static int64_t
queued(const struct link_info *l)
{
	return (int64_t)l->queued;
}

static int64_t
behind(const struct link_info *l)
{
	return (int64_t)l->behind;
}

static int64_t
sent(const struct link_info *l)
{
	return (int64_t)l->sent;
}

static const struct link_figure link_figure[] = {
	{ "link_up", "gauge", "1 if the link is up.", is_up },
	{ "link_queued_bytes", "gauge", "Bytes that wait to be sent.", queued },
	{ "link_lag_entries", "gauge",
	    "Entries of the log that are not sent to the peer yet.", behind },
	{ "link_sent_bytes_total", "counter",
	    "Bytes that were sent since the link opened.", sent },
};

/* Return true if no earlier link has this name: two series must not be the
 * same. */
static bool
is_first(const struct link_net *net, struct mono now, size_t i,
    struct span name)
{
	struct link_info l;

	for (size_t k = 0; k < i; k++)
		if (link_net_info(net, now, k, &l) && span_eq(l.name, name))
			return false;
	return name.n > 0;
}

static void
links(struct writer *w, const struct link_net *net, struct mono now)
{
	struct link_info l;

	for (size_t k = 0; k < sizeof(link_figure) / sizeof(link_figure[0]);
	     k++) {
		const struct link_figure *f = &link_figure[k];

		metric_begin(w, f->name, f->type, f->help);
		for (size_t i = 0; link_net_info(net, now, i, &l); i++)
			if (is_first(net, now, i, l.name))
				metric_value(w, f->name, "peer", l.name,
				    f->of(&l));
	}
	metric_begin(w, "link_round_trip_seconds", "gauge",
	    "The time from a BEAT to its answer.");
	for (size_t i = 0; link_net_info(net, now, i, &l); i++)
		if (l.rtt_ms >= 0 && is_first(net, now, i, l.name))
			metric_seconds(w, "link_round_trip_seconds", "peer",
			    l.name, l.rtt_ms * NS_PER_MS);
}

static void
snapshots(struct writer *w, const struct link_net *net)
{
	const struct link_counts *n = link_net_counts(net);

	metric_begin(w, "snapshots_total", "counter",
	    "Snapshots that were sent and taken.");
	metric_value(w, "snapshots_total", "way", SPAN("out"),
	    (int64_t)n->snaps_out);
	metric_value(w, "snapshots_total", "way", SPAN("in"),
	    (int64_t)n->snaps_in);
	metric_single(w, "jumped_entries_total", "counter",
	    "Entries whose messages are lost, since a snapshot stands for "
	    "them.",
	    (int64_t)n->jumped);
}

static void
trunks(struct writer *w, const struct trunk_net *net, struct mono now)
{
	const struct trunk_counts *n = trunk_net_counts(net);
	size_t lists = 0, unsent = 0;
	struct trunk_info t;

	for (size_t i = 0; trunk_net_info(net, now, i, &t); i++) {
		lists += t.lists;
		unsent += t.unsent;
	}
	metric_single(w, "trunks", "gauge", "Trunks of gates that are up.",
	    (int64_t)trunk_net_up(net));
	metric_single(w, "trunk_streams", "gauge", "Clients on trunks.",
	    (int64_t)trunk_net_streams(net));
	metric_single(w, "trunk_lists", "gauge",
	    "Lists of clients that gates know.", (int64_t)lists);
	metric_single(w, "trunk_queued_bytes", "gauge",
	    "Bytes that wait to be sent to gates.", (int64_t)unsent);
	metric_begin(w, "trunk_lines_total", "counter",
	    "Lines that crossed trunks.");
	metric_value(w, "trunk_lines_total", "way", SPAN("out"),
	    (int64_t)n->lines_out);
	metric_value(w, "trunk_lines_total", "way", SPAN("in"),
	    (int64_t)n->lines_in);
	metric_begin(w, "trunk_bytes_total", "counter",
	    "Bytes that crossed trunks.");
	metric_value(w, "trunk_bytes_total", "way", SPAN("out"),
	    (int64_t)n->bytes_out);
	metric_value(w, "trunk_bytes_total", "way", SPAN("in"),
	    (int64_t)n->bytes_in);
	metric_single(w, "trunk_lists_total", "counter",
	    "Lists that gates were told.", (int64_t)n->lists);
}

void
metrics_of_node(struct writer *w, const struct core *core,
    const struct link_net *net, const struct trunk_net *gates, struct mono now)
{
	clients(w, core);
	pools(w, core);
	origins(w, net);
	links(w, net, now);
	trunks(w, gates, now);
	snapshots(w, net);
}
