/*
 * An answer is a list of records, each with keys and values, written as JSON or
 * as text. `sessions` has a page of them: it says where the next page begins,
 * so that no answer walks over all clients.
 */
#include "gate/control.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "gate/client.h"
#include "gate/figures.h"
#include "gate/reload.h"
#include "gate/server.h"
#include "gate/trunk.h"
#include "host/asker.h"
#include "place/choose.h"
#include "wire/record.h"

#define RECORD_MAX 4096 /* bytes */
#define PAGE 256	/* places of the table of clients */

struct gate_control {
	struct gate *gate;
	struct askers *askers;
};

/* ---- requests ------------------------------------------------------------ */

/* A request: the words behind its verb are an argument, or none, and `json`. */
struct ctl_request {
	struct gate *gate;
	struct asker *asker;
	struct span argument;
	bool json;
};

static void
begin_record(struct record *r, char text[RECORD_MAX],
    const struct ctl_request *q)
{
	struct writer w;

	writer_init(&w, text, RECORD_MAX);
	record_begin(r, w, q->json);
}

static void
end_record(struct record *r, const struct ctl_request *q)
{
	asker_line(q->asker, record_end(r));
}

static size_t
count_up(const struct gate *g)
{
	const struct trunk *t;
	size_t n = 0;

	LIST_FOREACH(t, &g->trunks, link)
		n += t->state == TRUNK_IS_UP;
	return n;
}

static void
status(const struct ctl_request *q)
{
	const struct gate *g = q->gate;
	uint64_t in, out;
	struct record r;
	char text[RECORD_MAX];

	streams_bytes(g->streams, &in, &out);
	begin_record(&r, text, q);
	record_text(&r, "name", g->conf->name);
	record_text(&r, "region", g->conf->region);
	record_text(&r, "network", span_of(g->network));
	record_num(&r, "up_ms", loop_wall(g->loop).ms - g->began.ms);
	record_size(&r, "clients", g->nclients);
	record_size(&r, "waiting", g->nwaiting);
	record_size(&r, "trunks", count_up(g));
	record_size(&r, "come", g->count.clients);
	record_size(&r, "refused", g->count.refused);
	record_size(&r, "lines_in", g->count.lines_in);
	record_size(&r, "lines_out", g->count.lines_out);
	record_size(&r, "delivered", g->count.delivered);
	record_size(&r, "queued", streams_queued(g->streams));
	record_size(&r, "bytes_in", in);
	record_size(&r, "bytes_out", out);
	end_record(&r, q);
}

static const char *
state_of(const struct server_info *info)
{
	static const char *const state[] = {
		[TRUNK_IS_DIALLING] = "dialling",
		[TRUNK_IS_OPENING] = "opening",
		[TRUNK_IS_UP] = "up",
		[TRUNK_HAS_ENDED] = "down",
	};

	if (info->trunk != NULL)
		return state[info->trunk->state];
	if (info->again_ms >= 0)
		return "down";
	return info->idle ? "idle" : "looking-up";
}

/* Write what the server says of its load, if it says anything. */
static void
record_load(struct record *r, const struct trunk *t)
{
	const struct trunk_load *l = &t->load;

	if (!t->tells_load)
		return;
	record_size(r, "users", l->users);
	record_size(r, "rate", l->rate);
	record_size(r, "weight", l->weight);
	record_text(r, "flags",
	    l->draining && l->full ? SPAN("draining,full")
	    : l->draining	   ? SPAN("draining")
	    : l->full		   ? SPAN("full")
				   : SPAN_NONE);
}

static void
record_trunk(struct record *r, const struct trunk *t)
{
	const struct place_server *s = figures_of(t);

	record_text(r, "sid", span_of(t->sid.s));
	record_text(r, "name", span_of(t->name));
	record_text(r, "region", span_of(t->region));
	record_bool(r, "open", s != NULL && place_is_open(s));
	record_load(r, t);
	record_size(r, "streams", roll_count(&t->roll));
	record_size(r, "lists", map_count(&t->roll.lists));
	record_size(r, "words", t->roll.words);
	record_num(r, "rtt_ms", t->rtt_ms);
	record_size(r, "lines", t->lines);
	record_size(r, "queued",
	    t->stream != NULL ? stream_queued(t->stream) : 0);
}

static void
servers(const struct ctl_request *q)
{
	struct server_info info;
	const struct trunk *t;
	struct record r;
	char text[RECORD_MAX];

	for (size_t i = 0; server_info(q->gate, i, &info); i++) {
		begin_record(&r, text, q);
		record_text(&r, "host", info.host);
		record_addr(&r, "address", &info.addr);
		record_size(&r, "port", info.port);
		record_text(&r, "state", span_of(state_of(&info)));
		record_num(&r, "again_ms", info.again_ms);
		record_text(&r, "from",
		    info.learned ? SPAN("servers") : SPAN("configuration"));
		record_size(&r, "told_by", info.namers);
		if (info.trunk != NULL)
			record_trunk(&r, info.trunk);
		else {
			record_text(&r, "sid", info.sid);
			record_text(&r, "name", info.name);
		}
		end_record(&r, q);
	}
	LIST_FOREACH(t, &q->gate->trunks, link) {
		if (t->server != NULL || t->state == TRUNK_HAS_ENDED)
			continue;
		begin_record(&r, text, q);
		record_addr(&r, "address", &t->addr);
		record_text(&r, "state", SPAN("leaving"));
		record_trunk(&r, t);
		end_record(&r, q);
	}
}

/* Write how clients were placed; costs are those of choices for which a server
 * has told some, in thousandths of a line an hour. */
static void
record_choices(struct record *r, const struct gate *g)
{
	record_text(r, "strategy",
	    place_strategy_word((enum place_strategy)g->conf->strategy));
	record_size(r, "home", g->placed.home);
	record_size(r, "best", g->placed.best);
	record_size(r, "over", g->placed.over);
	record_size(r, "full", g->placed.full);
	record_size(r, "asked", g->placed.asked);
	record_size(r, "answered", g->placed.answered);
	record_size(r, "late", g->placed.late);
	record_size(r, "known", g->placed.known);
	record_size(r, "cost", g->placed.cost);
	record_size(r, "cost_nearest", g->placed.cost_nearest);
	record_size(r, "cost_any", g->placed.cost_any);
}

static void
placement(const struct ctl_request *q)
{
	const struct gate *g = q->gate;
	const struct place_server *s;
	const struct trunk *t;
	struct place_sum sum;
	struct record r;
	char text[RECORD_MAX];

	begin_record(&r, text, q);
	record_choices(&r, g);
	end_record(&r, q);
	place_sum_init(&sum, &g->net, PLACE_RATE_UNKNOWN);
	for (size_t i = 0; i < g->net.n; i++) {
		s = &g->net.v[i];
		t = figures_trunk(g, s->sid);
		begin_record(&r, text, q);
		record_text(&r, "sid", span_of(s->sid.s));
		record_text(&r, "name", span_of(t->name));
		record_bool(&r, "open", place_is_open(s));
		record_size(&r, "users", s->users);
		record_size(&r, "rate", s->rate);
		record_size(&r, "weight", s->weight);
		record_size(&r, "sent", t->roll.last);
		record_size(&r, "reserved", place_sent_users(&s->sent));
		record_num(&r, "fill",
		    place_is_open(s) ? (int64_t)place_fill(&sum, s) : -1);
		end_record(&r, q);
	}
}

static void
session(const struct ctl_request *q, const struct client *x)
{
	struct mono now = loop_now(q->gate->loop);
	struct record r;
	char text[RECORD_MAX];

	begin_record(&r, text, q);
	record_addr(&r, "address", &x->addr);
	record_size(&r, "port", x->port);
	record_bool(&r, "tls", x->tls || x->proxied_tls);
	record_text(&r, "server",
	    x->trunk != NULL ? span_of(x->trunk->name) : SPAN_NONE);
	record_size(&r, "stream", x->seat != NULL ? x->seat->s : 0);
	record_num(&r, "since_ms", x->open ? mono_sub_ms(now, x->since) : -1);
	record_size(&r, "lines", x->c);
	record_size(&r, "granted", x->granted);
	record_size(&r, "unread", stream_unread(x->stream));
	record_size(&r, "queued", stream_queued(x->stream));
	end_record(&r, q);
}

static void
sessions(const struct ctl_request *q)
{
	const struct places *p = &q->gate->places;
	uint64_t at = 0;
	char text[32];
	struct writer w;

	if (q->argument.n > 0 && !span_u64(q->argument, &at)) {
		asker_line(q->asker, SPAN("error expected where to begin"));
		return;
	}
	for (uint64_t end = at + PAGE; at < p->n && at < end; at++)
		if (p->v[at] != NULL)
			session(q, p->v[at]);
	if (at >= p->n)
		return;
	writer_init(&w, text, sizeof(text));
	writer_str(&w, "more ");
	writer_u64(&w, at);
	asker_line(q->asker, writer_done(&w));
}

static const struct answer_row {
	struct span verb;
	void (*answer)(const struct ctl_request *);
} answer_row[] = {
	{ SPAN_INIT("status"), status },
	{ SPAN_INIT("servers"), servers },
	{ SPAN_INIT("placement"), placement },
	{ SPAN_INIT("sessions"), sessions },
};

static void
answer(struct gate *g, struct asker *asker, struct span verb, struct span rest)
{
	struct ctl_request q = { g, asker, SPAN_NONE, false };
	struct span word = span_word(&rest);

	if (word.n > 0 && !span_eq(word, SPAN("json"))) {
		q.argument = word;
		word = span_word(&rest);
	}
	q.json = span_eq(word, SPAN("json"));
	for (size_t i = 0; i < sizeof(answer_row) / sizeof(answer_row[0]); i++)
		if (span_eq(verb, answer_row[i].verb)) {
			answer_row[i].answer(&q);
			asker_finish(asker, SPAN_NONE);
			return;
		}
	asker_finish(asker, SPAN("error a gate does not know this command"));
}

static void
reload(struct gate *g, struct asker *asker)
{
	struct conf_report report;
	bool ok;

	if (g->stopping) {
		asker_finish(asker, SPAN("error the gate is stopping"));
		return;
	}
	conf_report_init(&report);
	ok = gate_reload(g, &report);
	asker_problems(asker, &report);
	asker_finish(asker, ok ? SPAN("ok configuration read again")
			       : SPAN("error the old configuration stays in "
				      "use"));
	conf_report_fini(&report);
}

static void
asked(void *ctx, struct asker *asker, struct span line)
{
	struct gate *g = ((struct gate_control *)ctx)->gate;
	struct span rest = line, verb = span_word(&rest);

	if (span_eq(verb, SPAN("stop"))) {
		asker_finish(asker, SPAN("ok stopping"));
		gate_stop(g, SPAN("The gate was stopped by its operator"));
	} else if (span_eq(verb, SPAN("reload")))
		reload(g, asker);
	else if (span_eq(verb, SPAN("tail")))
		asker_tail(asker, rest);
	else
		answer(g, asker, verb, rest);
}

static void
starved(void *ctx, int err)
{
	struct gate_control *c = ctx;

	logger_with(&c->gate->log, LOG_OUT_OF_FDS,
	    { "why", span_of(strerror(err)) }, { "for", SPAN("control") });
}

static const struct asker_ops asker_ops = { asked, starved };

struct gate_control *
gate_control_new(struct gate *g, char why[LISTEN_WHY_LEN])
{
	struct gate_control *c = mem_zalloc(sizeof(*c));
	const struct askers_conf conf = { .loop = g->loop,
		.streams = g->streams,
		.path = g->conf->control,
		.ops = &asker_ops,
		.ctx = c };

	c->gate = g;
	c->askers = askers_new(&conf, why);
	if (c->askers != NULL)
		return c;
	free(c);
	return NULL;
}

void
gate_control_free(struct gate_control *c)
{
	if (c == NULL)
		return;
	askers_free(c->askers);
	free(c);
}

void
gate_control_event(struct gate_control *c, const struct log_event *e)
{
	if (c != NULL)
		askers_event(c->askers, e);
}
