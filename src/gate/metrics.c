#include "gate/metrics.h"

#include "gate/server.h"
#include "gate/trunk.h"
#include "wire/metric.h"

#define SERIES_MAX 300 /* bytes of the label of a server */

/* ---- the whole gate ------------------------------------------------------ */

/* The trunks that are up, and what they have together. */
struct sums {
	size_t up, streams, lists, queued;
};

static struct sums
sums_of(const struct gate *g)
{
	struct sums n = { 0 };
	const struct trunk *t;

	LIST_FOREACH(t, &g->trunks, link) {
		n.streams += roll_count(&t->roll);
		if (t->state != TRUNK_IS_UP)
			continue;
		n.up++;
		n.lists += map_count(&t->roll.lists);
		n.queued += t->stream != NULL ? stream_queued(t->stream) : 0;
	}
	return n;
}

static bool
takes_clients(const struct gate *g, const struct sums *n)
{
	return !g->stopping && n->up > 0;
}

static void
clients(const struct gate *g, const struct sums *n, struct writer *w)
{
	metric_single(w, "ready", "gauge", "1 if the gate takes clients.",
	    takes_clients(g, n));
	metric_begin(w, "connections", "gauge",
	    "Connections of clients, by how far they are.");
	metric_value(w, "connections", "state", SPAN("placed"),
	    (int64_t)n->streams);
	metric_value(w, "connections", "state", SPAN("waiting"),
	    (int64_t)g->nwaiting);
	metric_value(w, "connections", "state", SPAN("handshake"),
	    (int64_t)g->nclients - (int64_t)n->streams - (int64_t)g->nwaiting);
	metric_single(w, "clients_total", "counter",
	    "Clients that have connected.", (int64_t)g->count.clients);
	metric_single(w, "clients_refused_total", "counter",
	    "Clients that the limits of the gate have refused.",
	    (int64_t)g->count.refused);
	metric_single(w, "client_lines_total", "counter",
	    "Lines of clients that were read.", (int64_t)g->count.lines_in);
	metric_single(w, "delivered_lines_total", "counter",
	    "Lines that clients were sent, each for each of them.",
	    (int64_t)g->count.delivered);
}

static void
trunks(const struct gate *g, const struct sums *n, struct writer *w)
{
	uint64_t in, out;

	metric_single(w, "trunks", "gauge", "Trunks that are up.",
	    (int64_t)n->up);
	metric_single(w, "trunk_streams", "gauge", "Clients on trunks.",
	    (int64_t)n->streams);
	metric_single(w, "trunk_lists", "gauge",
	    "Lists of clients that servers have told.", (int64_t)n->lists);
	metric_single(w, "trunk_queued_bytes", "gauge",
	    "Bytes that wait to be sent to servers.", (int64_t)n->queued);
	metric_single(w, "trunk_delivery_lines_total", "counter",
	    "Lines for clients that crossed trunks, one for all clients of a "
	    "list.",
	    (int64_t)g->count.lines_out);
	streams_bytes(g->streams, &in, &out);
	metric_begin(w, "bytes_total", "counter", "Bytes of all connections.");
	metric_value(w, "bytes_total", "way", SPAN("in"), (int64_t)in);
	metric_value(w, "bytes_total", "way", SPAN("out"), (int64_t)out);
}

/* ---- each server --------------------------------------------------------- */

static int64_t
is_up(const struct server_info *s)
{
	return s->trunk != NULL && s->trunk->state == TRUNK_IS_UP;
}

static int64_t
streams_at(const struct server_info *s)
{
	return s->trunk != NULL ? (int64_t)roll_count(&s->trunk->roll) : 0;
}

static const struct server_figure {
	const char *name, *help;
	int64_t (*of)(const struct server_info *);
} server_figure[] = {
	{ "server_up", "1 if there is a trunk to the server.", is_up },
	{ "server_clients", "Clients of this gate that the server has.",
	    streams_at },
};

/* Return a name of a server that no other one has: its address as it is
 * configured, or the sid of a learned one. */
static struct span
label_of(const struct server_info *s, char text[SERIES_MAX])
{
	struct writer w;

	if (s->learned)
		return s->sid;
	writer_init(&w, text, SERIES_MAX);
	if (s->host.n > 0)
		writer_span(&w, s->host);
	else
		addr_build(&w, &s->addr);
	if (s->port != 0) {
		writer_char(&w, ' ');
		writer_u64(&w, s->port);
	}
	return writer_done(&w);
}

static void
servers(const struct gate *g, struct writer *w)
{
	char text[SERIES_MAX];
	struct server_info s;

	for (size_t k = 0; k < sizeof(server_figure) / sizeof(server_figure[0]);
	     k++) {
		const struct server_figure *f = &server_figure[k];

		metric_begin(w, f->name, "gauge", f->help);
		for (size_t i = 0; server_info(g, i, &s); i++)
			metric_value(w, f->name, "server", label_of(&s, text),
			    f->of(&s));
	}
	metric_begin(w, "server_round_trip_seconds", "gauge",
	    "The time from a BEAT to its answer.");
	for (size_t i = 0; server_info(g, i, &s); i++)
		if (is_up(&s) && s.trunk->rtt_ms >= 0)
			metric_seconds(w, "server_round_trip_seconds", "server",
			    label_of(&s, text), s.trunk->rtt_ms * NS_PER_MS);
}

static bool
is_ready(void *ctx)
{
	const struct gate *g = ctx;
	const struct sums n = sums_of(g);

	return takes_clients(g, &n);
}

static void
write_figures(void *ctx, struct writer *w)
{
	const struct gate *g = ctx;
	const struct sums n = sums_of(g);

	clients(g, &n, w);
	trunks(g, &n, w);
	servers(g, w);
	meter_write(&g->meter, &g->log, g->streams, w);
}

static const struct pages_ops ops = { is_ready, write_figures };

void
metrics_init(struct gate *g)
{
	pages_init(&g->pages, g->streams, g->loop, &ops, g);
}
