/*
 * A connection carries one request line and the lines of its answer. The daemon
 * answers `stop`, `reload`, `backup` and `tail` itself. Every other request is
 * a question to the node (EV_CONTROL). The number of connections at a time is
 * bounded.
 *
 * `tail [LEVEL] [json]` has no end: each event of the level, or a higher one,
 * is a line as in the log. A reader that leaves TAIL_QUEUE bytes unread is told
 * so and cut off.
 */
#include "daemon/control.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/keeper.h"
#include "daemon/pump.h"
#include "daemon/reload.h"
#include "daemon/restart.h"
#include "net/unix.h"

#define ASKERS_MAX 16
#define REQUEST_MAX 4096 /* bytes */
#define ANSWER_MAX ((size_t)16 * 1024 * 1024)
#define TAILS_MAX 8
#define TAIL_QUEUE ((size_t)64 * 1024) /* bytes */
#define PROBLEMS_MAX 100	       /* of a report; the log has them all */

struct asker {
	struct control *control;
	struct stream *stream;
	uint64_t token;
	bool asked;
	uint64_t reload; /* the reading that it waits for; 0: none */
	bool tails, json;
	enum log_level level; /* of the events that it is told */
	bool restart;	      /* it waits for the server to start again */
	LIST_ENTRY(asker) link;
};

struct control {
	struct banyand *banyand;
	struct listener *listener;
	LIST_HEAD(, asker) askers;
	unsigned naskers;
	uint64_t next_token;
};

static void
asker_free(struct asker *asker)
{
	LIST_REMOVE(asker, link);
	asker->control->naskers--;
	free(asker);
}

static void
finish(struct asker *asker, struct span line)
{
	stream_send_bytes(asker->stream, line);
	stream_send_bytes(asker->stream, SPAN("\n"));
	stream_close(asker->stream, true);
	asker_free(asker);
}

static size_t
count_tails(const struct control *control)
{
	const struct asker *asker;
	size_t n = 0;

	LIST_FOREACH(asker, &control->askers, link)
		n += asker->tails;
	return n;
}

static void
tail(struct asker *asker, struct span rest)
{
	struct span word = span_word(&rest);

	asker->level = LOGL_INFO;
	if (word.n > 0 && logger_level(word, &asker->level))
		word = span_word(&rest);
	asker->json = span_eq(word, SPAN("json"));
	if ((word.n > 0 && !asker->json) || rest.n > 0)
		finish(asker,
		    SPAN("error expected a level: debug, info, notice, warn "
			 "or error"));
	else if (count_tails(asker->control) >= TAILS_MAX)
		finish(asker, SPAN("error too many tails at once"));
	else
		asker->tails = true;
}

static void
tell(struct asker *asker, const struct log_event *e)
{
	char buf[LOG_LINE_MAX];

	if (stream_queued(asker->stream) > TAIL_QUEUE)
		finish(asker,
		    SPAN("error cut off: the events are not read as fast as "
			 "they come"));
	else
		stream_send_bytes(asker->stream,
		    logger_line(buf, asker->json, e));
}

void
control_event(struct control *control, const struct log_event *e)
{
	struct asker *asker, *next;

	if (control == NULL)
		return;
	for (asker = LIST_FIRST(&control->askers); asker != NULL;
	     asker = next) {
		next = LIST_NEXT(asker, link);
		if (asker->tails && log_row_level(e->row) >= asker->level)
			tell(asker, e);
	}
}

static void
ask(struct asker *asker, struct span line)
{
	struct banyand *bd = asker->control->banyand;
	struct event ev = { .kind = EV_CONTROL };
	struct span rest = line, verb = span_word(&rest);

	asker->asked = true;
	if (span_eq(verb, SPAN("stop"))) {
		finish(asker, SPAN("ok stopping"));
		banyand_stop(bd, SPAN("Server stopped by its operator"));
		return;
	}
	if (span_eq(verb, SPAN("restart"))) {
		asker->restart = true;
		restart_ask(bd,
		    SPAN("Server is starting again, please come back"));
		if (bd->stopping)
			finish(asker, SPAN("error the server is stopping"));
		return;
	}
	if (span_eq(verb, SPAN("reload"))) {
		asker->reload = reload_ask(bd);
		if (asker->reload == 0)
			finish(asker, SPAN("error the server is stopping"));
		return;
	}
	if (span_eq(verb, SPAN("backup"))) {
		/* a path may have spaces */
		keeper_backup(bd->keeper, asker->token, span_tail(rest, 1));
		return;
	}
	if (span_eq(verb, SPAN("tail"))) {
		tail(asker, rest);
		return;
	}
	ev.u.control.token = asker->token;
	ev.u.control.line = line;
	pump_event(bd, &ev);
}

static size_t
asker_consume(void *ctx, struct span unread, bool eof)
{
	struct asker *asker = ctx;
	size_t end = span_find(unread, '\n');

	if (asker->asked)
		return unread.n;
	if (end == unread.n) {
		if (unread.n > REQUEST_MAX || eof) {
			finish(asker,
			    SPAN("error expected a request of one line"));
			return unread.n;
		}
		return 0;
	}
	ask(asker, span_head(unread, end));
	return unread.n;
}

static void
asker_closed(void *ctx, enum stream_end end, struct span why)
{
	(void)end;
	(void)why;
	asker_free(ctx);
}

static const struct stream_ops asker_ops = {
	.consume = asker_consume,
	.closed = asker_closed,
};

static void
accepted(void *ctx, int fd, const struct sockaddr_storage *peer)
{
	struct control *control = ctx;
	struct asker *asker = mem_zalloc(sizeof(*asker));
	struct stream_conf sc = { .ops = &asker_ops,
		.ctx = asker,
		.limits = { ANSWER_MAX, REQUEST_MAX + 1, false } };

	(void)peer;
	asker->control = control;
	asker->token = ++control->next_token;
	LIST_INSERT_HEAD(&control->askers, asker, link);
	control->naskers++;
	asker->stream = stream_accept(control->banyand->streams, fd, &sc);
	if (asker->stream == NULL)
		asker_free(asker);
	else if (control->naskers > ASKERS_MAX)
		finish(asker, SPAN("error too many requests at once"));
}

static void
starved(void *ctx, int err)
{
	struct control *control = ctx;

	logger_with(&control->banyand->log, LOG_OUT_OF_FDS,
	    { "why", span_of(strerror(err)) }, { "for", SPAN("control") });
}

static const struct listen_ops control_ops = {
	.accepted = accepted,
	.starved = starved,
};

struct control *
control_new(struct banyand *bd, char why[LISTEN_WHY_LEN])
{
	struct control *control = mem_zalloc(sizeof(*control));
	char *path = span_dup(bd->conf->control);

	control->banyand = bd;
	LIST_INIT(&control->askers);
	control->listener =
	    unix_listen(bd->loop, path, &control_ops, control, why);
	free(path);
	if (control->listener == NULL) {
		free(control);
		return NULL;
	}
	return control;
}

void
control_free(struct control *control)
{
	struct asker *asker;

	if (control == NULL)
		return;
	listen_free(control->listener);
	while ((asker = LIST_FIRST(&control->askers)) != NULL) {
		stream_close(asker->stream, false);
		asker_free(asker);
	}
	free(control);
}

static void
send_problem(struct asker *asker, struct span text)
{
	stream_send_bytes(asker->stream, SPAN("problem "));
	stream_send_bytes(asker->stream, text);
	stream_send_bytes(asker->stream, SPAN("\n"));
}

static void
send_problems(struct asker *asker, const struct conf_report *r)
{
	char text[REPORT_LINE];
	struct writer w;

	for (size_t i = 0; i < r->n && i < PROBLEMS_MAX; i++) {
		writer_init(&w, text, sizeof(text));
		conf_problem_build(&w, &r->v[i]);
		send_problem(asker, writer_done(&w));
	}
	if (r->n > PROBLEMS_MAX)
		send_problem(asker, SPAN("the log has the other problems"));
}

void
control_reloaded(struct control *control, uint64_t reload, bool ok,
    const struct conf_report *r)
{
	struct asker *asker, *next;

	for (asker = LIST_FIRST(&control->askers); asker != NULL;
	     asker = next) {
		next = LIST_NEXT(asker, link);
		if (asker->reload == 0 || asker->reload > reload)
			continue;
		if (r != NULL)
			send_problems(asker, r);
		finish(asker, r == NULL ? SPAN("error the server is stopping")
			      : ok	? SPAN("ok configuration read again")
					: SPAN("error the old configuration "
						    "stays in use"));
	}
}

static void
answer_restart(struct asker *asker, const char *why, struct span done)
{
	char text[256];
	struct writer w;

	if (why != NULL) {
		send_problem(asker, span_of(why));
		finish(asker, SPAN("error the server does not start again"));
		return;
	}
	writer_init(&w, text, sizeof(text));
	writer_str(&w, "ok starting again; ");
	writer_span(&w,
	    done.n > 0 ? done : SPAN("all clients are told to come back"));
	finish(asker, writer_done(&w));
}

void
control_restarted(struct control *control, const char *why, struct span done)
{
	struct asker *asker, *next;

	for (asker = LIST_FIRST(&control->askers); asker != NULL;
	     asker = next) {
		next = LIST_NEXT(asker, link);
		if (asker->restart)
			answer_restart(asker, why, done);
	}
}

void
control_line(struct control *control, uint64_t token, struct span line,
    bool last)
{
	struct asker *asker;

	if (control == NULL)
		return;
	LIST_FOREACH(asker, &control->askers, link)
		if (asker->token == token)
			break;
	if (asker == NULL)
		return;
	if (last && line.n == 0) {
		stream_close(asker->stream, true);
		asker_free(asker);
	} else if (last)
		finish(asker, line);
	else {
		stream_send_bytes(asker->stream, line);
		stream_send_bytes(asker->stream, SPAN("\n"));
	}
}
