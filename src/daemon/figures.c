/*
 * The core bounds how many requests there are, and a server has few ports. So
 * each answer is made whole.
 */
#include "daemon/figures.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "core/core.h"
#include "daemon/endpoint.h"
#include "daemon/names.h"
#include "daemon/port.h"

#define ANSWER_MAX ((size_t)64 * 1024)

struct figures {
	uint64_t token;
	char letter;
	struct conn_id client; /* of l and L */
	STAILQ_ENTRY(figures) link;
};

/* Write a number between two texts. */
static void
count(struct writer *w, const char *before, uint64_t n, const char *behind)
{
	writer_str(w, before);
	writer_u64(w, n);
	writer_str(w, behind);
}

static void
ports(struct banyand *bd, struct writer *w)
{
	const struct port *p;

	LIST_FOREACH(p, &bd->ports, link) {
		writer_u64(w, listen_port(p->listener));
		writer_char(w, ' ');
		addr_build_word(w, &p->conf.address);
		count(w, " ", p->nclients, " ");
		writer_span(w, port_for(p));
		writer_str(w, p->conf.tls ? ", TLS" : "");
		writer_str(w, p->conf.websocket ? ", WebSocket" : "");
		writer_str(w, p->conf.proxies.n > 0 ? ", proxies" : "");
		writer_char(w, '\n');
	}
}

static void
traffic(struct banyand *bd, struct writer *w)
{
	struct core_counts c = { 0 };
	uint64_t in, out;

	core_counts(node_core(bd->node), &c);
	streams_bytes(bd->streams, &in, &out);
	count(w, "connections: ", c.opened, " of clients were taken");
	count(w, ", ", bd->log.events[LOG_ACCEPT_REFUSED], " were refused");
	count(w, "; ", streams_count(bd->streams),
	    " of all kinds are there now\n");
	count(w, "TLS: ", bd->meter.handshakes, " handshakes succeeded");
	count(w, ", ", bd->log.events[LOG_TLS_FAILED], " failed\n");
	count(w, "WebSocket: ", bd->meter.upgrades, " handshakes succeeded");
	count(w, ", ", bd->log.events[LOG_WEBSOCKET_FAILED], " failed\n");
	count(w, "lines: ", c.lines, " of clients");
	count(w, ", ", c.messages, " messages to users here\n");
	count(w, "bytes: ", in, " in");
	count(w, ", ", out, " out");
	count(w, "; ", streams_queued(bd->streams), " wait to be sent\n");
}

static void
dns(struct banyand *bd, struct writer *w)
{
	struct resolver_figures f;

	names_figures(bd->names, &f);
	count(w, "servers: ", f.servers,
	    f.dead ? ", none of which answers\n" : "\n");
	count(w, "lookups: ", f.lookups, "");
	count(w, ", ", f.cached, " of these answered by the cache\n");
	count(w, "queries: ", f.queries, " were made");
	count(w, ", ", f.failed, " failed");
	count(w, ", ", f.under_way, " are under way\n");
	count(w, "cache: ", f.kept, " answers");
	count(w, " of at most ", RESOLVER_CACHE_MAX, "\n");
}

/* The client may have gone. */
static void
client(struct banyand *bd, struct writer *w, struct conn_id id)
{
	const struct endpoint *ep = endpoint_find(bd, id);

	if (ep == NULL || ep->stream == NULL)
		return;
	count(w, "queues: ", stream_queued(ep->stream),
	    " bytes wait to be sent");
	count(w, ", ", stream_unread(ep->stream), " are not read yet\n");
	count(w, "memory: ", sizeof(*ep) + stream_bytes(ep->stream),
	    " bytes of its connection, without these\n");
}

static void
answer(struct banyand *bd, const struct figures *f)
{
	struct arena *arena = arena_new(1024);
	struct writer w;

	writer_init_arena(&w, arena, ANSWER_MAX);
	if (f->letter == 'P')
		ports(bd, &w);
	else if (f->letter == 't')
		traffic(bd, &w);
	else if (f->letter == 'l' || f->letter == 'L')
		client(bd, &w, f->client);
	else if (f->letter == 'n')
		dns(bd, &w);
	banyand_answer(bd, f->token, REQUEST_FIGURES, ANSWER_OK,
	    writer_done(&w));
	arena_free(arena);
}

static void
due(struct timer *t)
{
	struct banyand *bd =
	    (struct banyand *)(void *)((char *)t -
				       offsetof(struct banyand, figures.timer));
	struct figures *f;

	while ((f = STAILQ_FIRST(&bd->figures.queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&bd->figures.queue, link);
		answer(bd, f);
		free(f);
	}
}

void
figures_ask(struct banyand *bd, uint64_t token, struct span bytes)
{
	struct figures *f = mem_zalloc(sizeof(*f));
	struct span letter = span_word(&bytes);
	uint64_t slot = 0, gen = 0;

	f->token = token;
	f->letter = letter.p[0];
	(void)span_u64(span_word(&bytes), &slot);
	(void)span_u64(span_word(&bytes), &gen);
	f->client = (struct conn_id){ (uint32_t)slot, (uint32_t)gen };
	STAILQ_INSERT_TAIL(&bd->figures.queue, f, link);
	bd->figures.timer.fire = due;
	loop_timer_set(bd->loop, &bd->figures.timer, loop_now(bd->loop));
}

void
figures_fini(struct banyand *bd)
{
	struct figures *f;

	while ((f = STAILQ_FIRST(&bd->figures.queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&bd->figures.queue, link);
		free(f);
	}
	if (bd->loop != NULL)
		loop_timer_clear(bd->loop, &bd->figures.timer);
}
