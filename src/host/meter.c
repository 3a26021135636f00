#include "host/meter.h"

#include <time.h>

#include "core/types/version.h"
#include "wire/metric.h"

/* A turn longer than 20 ms is felt: the budget of a turn is below that. */
static const int64_t bound_ns[METER_BOUNDS] = { 100000, 300000, 1000000,
	3000000, 10000000, 30000000, 100000000, 1000000000 };
static const char *const bound_name[METER_BOUNDS] = { "0.0001", "0.0003",
	"0.001", "0.003", "0.01", "0.03", "0.1", "1" };

/* A turn begins when the loop has read its clocks, behind the wait. */
static void
turn_ends(struct hook *h)
{
	struct meter *m =
	    (struct meter *)(void *)((char *)h - offsetof(struct meter, turn));
	struct timespec ts;
	int64_t ns;
	unsigned i = 0;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ns = (int64_t)ts.tv_sec * MS_PER_S * NS_PER_MS + ts.tv_nsec -
	     loop_now(m->loop).ns;
	while (i < METER_BOUNDS && ns > bound_ns[i])
		i++;
	m->turns[i]++;
	m->turns_ns += ns;
}

void
meter_start(struct meter *m, struct loop *loop)
{
	m->loop = loop;
	m->turn.turn = turn_ends;
	loop_hook_add(loop, &m->turn);
}

void
meter_stop(struct meter *m)
{
	if (m->loop != NULL)
		loop_hook_del(m->loop, &m->turn);
	m->loop = NULL;
}

static void
turns(struct writer *w, const struct meter *m)
{
	uint64_t n = 0;

	metric_begin(w, "turn_seconds", "histogram",
	    "How long the turns of the loop took.");
	for (unsigned i = 0; i < METER_BOUNDS; i++) {
		n += m->turns[i];
		metric_value(w, "turn_seconds_bucket", "le",
		    span_of(bound_name[i]), (int64_t)n);
	}
	n += m->turns[METER_BOUNDS];
	metric_value(w, "turn_seconds_bucket", "le", SPAN("+Inf"), (int64_t)n);
	metric_seconds(w, "turn_seconds_sum", NULL, SPAN_NONE, m->turns_ns);
	metric_value(w, "turn_seconds_count", NULL, SPAN_NONE, (int64_t)n);
}

void
meter_write(const struct meter *m, const struct logger *log,
    const struct streams *streams, struct writer *w)
{
	metric_begin(w, "build_info", "gauge", "1; its label is the version.");
	metric_value(w, "build_info", "version", SPAN(BANYAN_VERSION), 1);
	metric_begin(w, "events_total", "counter",
	    "Events, by the name that they have in the log.");
	for (unsigned i = 0; i < LOG_COUNT; i++)
		metric_value(w, "events_total", "event",
		    span_of(log_row_name((enum log_row)i)),
		    (int64_t)log->events[i]);
	metric_single(w, "tls_handshakes_total", "counter",
	    "TLS handshakes that succeeded.", (int64_t)m->handshakes);
	metric_single(w, "websocket_handshakes_total", "counter",
	    "WebSocket handshakes that succeeded.", (int64_t)m->upgrades);
	metric_single(w, "streams", "gauge",
	    "Connections that hold a descriptor.",
	    (int64_t)streams_count(streams));
	metric_single(w, "queued_bytes", "gauge",
	    "Bytes that wait to be sent, to all connections.",
	    (int64_t)streams_queued(streams));
	turns(w, m);
}
