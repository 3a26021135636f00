#include "daemon/broker_state.h"

#include "wire/metric.h"
#include "wire/record.h"

#define RECORD_MAX ((size_t)4096)

static size_t
count_links(const struct broker *b)
{
	size_t n = 0;

	for (unsigned i = 0; i < BUS_MEMBERS; i++)
		n += b->endpoint[i] != NULL;
	return n;
}

static size_t
count_present(const struct broker *b)
{
	size_t n = 0;

	for (unsigned i = 0; i < BUS_MEMBERS; i++)
		n += bus_is_present(b->bus, i);
	return n;
}

static void
tell_broker(const struct broker *b, struct asker *asker, bool json)
{
	const struct bus_counts *c = bus_counts(b->bus);
	char text[RECORD_MAX];
	struct pubsub_figures n;
	struct record r;
	struct writer w;

	pubsub_figures(b->pubsub, &n);
	writer_init(&w, text, sizeof(text));
	record_begin(&r, w, json);
	record_text(&r, "broker", span_of(b->url));
	record_text(&r, "state", b->up ? SPAN("up") : SPAN("down"));
	record_size(&r, "links", count_links(b));
	record_size(&r, "present", count_present(b));
	record_size(&r, "sent", c->sent);
	record_size(&r, "sent_bytes", c->sent_bytes);
	record_size(&r, "heard", c->heard);
	record_size(&r, "heard_bytes", c->heard_bytes);
	record_size(&r, "bytes", c->bytes);
	record_size(&r, "link_bytes", c->link_bytes);
	record_size(&r, "again_bytes", c->again_bytes);
	for (unsigned i = 0; i < BUS_DROP_COUNT; i++)
		record_size(&r, bus_drop_name((enum bus_drop)i), c->dropped[i]);
	record_size(&r, "unsent", n.unsent);
	record_size(&r, "dropped", n.out_dropped + n.in_dropped);
	record_size(&r, "connected", n.ups);
	record_text(&r, "why", b->up ? SPAN_NONE : span_of(n.why));
	asker_line(asker, record_end(&r));
}

void
brokers_tell(const struct brokers *bs, struct asker *asker, bool json)
{
	const struct broker *b;

	LIST_FOREACH(b, &bs->all, link)
		tell_broker(b, asker, json);
}

/* A figure of each broker. */
enum broker_figure {
	FIGURE_UP,
	FIGURE_LINKS,
	FIGURE_SENT,
	FIGURE_SENT_BYTES,
	FIGURE_HEARD,
	FIGURE_HEARD_BYTES,
	FIGURE_AGAIN_BYTES,
	FIGURE_FOREIGN,
	FIGURE_LOST,
	FIGURE_UNSENT
};

static const struct {
	const char *name, *type, *help;
} figure_rows[] = {
	[FIGURE_UP] = { "broker_up", "gauge",
	    "Whether there is a connection to the broker." },
	[FIGURE_LINKS] = { "broker_links", "gauge",
	    "Links that go through the broker." },
	[FIGURE_SENT] = { "broker_datagrams_sent_total", "counter",
	    "Datagrams that were published." },
	[FIGURE_SENT_BYTES] = { "broker_sent_bytes_total", "counter",
	    "Bytes of these." },
	[FIGURE_HEARD] = { "broker_datagrams_received_total", "counter",
	    "Datagrams that came." },
	[FIGURE_HEARD_BYTES] = { "broker_received_bytes_total", "counter",
	    "Bytes of these." },
	[FIGURE_AGAIN_BYTES] = { "broker_again_bytes_total", "counter",
	    "Bytes of links that were published again." },
	[FIGURE_FOREIGN] = { "broker_foreign_total", "counter",
	    "Datagrams that no member made for this server." },
	[FIGURE_LOST] = { "broker_lost_total", "counter",
	    "Messages that were dropped here, since too much waited." },
	[FIGURE_UNSENT] = { "broker_unsent_bytes", "gauge",
	    "Bytes that wait to be published." },
};

static uint64_t
figure_of(const struct broker *b, enum broker_figure f)
{
	const struct bus_counts *c = bus_counts(b->bus);
	struct pubsub_figures n;

	pubsub_figures(b->pubsub, &n);
	switch (f) {
	case FIGURE_UP:
		return b->up;
	case FIGURE_LINKS:
		return count_links(b);
	case FIGURE_SENT:
		return c->sent;
	case FIGURE_SENT_BYTES:
		return c->sent_bytes;
	case FIGURE_HEARD:
		return c->heard;
	case FIGURE_HEARD_BYTES:
		return c->heard_bytes;
	case FIGURE_AGAIN_BYTES:
		return c->again_bytes;
	case FIGURE_FOREIGN:
		return broker_foreign(b);
	case FIGURE_LOST:
		return n.out_dropped + n.in_dropped;
	case FIGURE_UNSENT:
		return n.unsent;
	}
	return 0;
}

void
brokers_figures(const struct brokers *bs, struct writer *w)
{
	const size_t n = sizeof(figure_rows) / sizeof(figure_rows[0]);
	const struct broker *b;

	for (size_t i = 0; i < n && !LIST_EMPTY(&bs->all); i++) {
		metric_begin(w, figure_rows[i].name, figure_rows[i].type,
		    figure_rows[i].help);
		LIST_FOREACH(b, &bs->all, link)
			metric_value(w, figure_rows[i].name, "broker",
			    span_of(b->url),
			    (int64_t)figure_of(b, (enum broker_figure)i));
	}
}
