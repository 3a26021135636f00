/*
 * A connection carries one request line and the lines of its answer. The daemon
 * answers `stop` and `reload` itself; every other request is a question to the
 * node (EV_CONTROL). The number of connections at a time is bounded.
 */
#include "daemon/control.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/pump.h"
#include "daemon/reload.h"
#include "net/unix.h"

#define ASKERS_MAX 16
#define REQUEST_MAX 4096 /* bytes */
#define ANSWER_MAX ((size_t)16 * 1024 * 1024)
#define PROBLEMS_MAX 100 /* of a report; the log has them all */

struct asker {
	struct control *control;
	struct stream *stream;
	uint64_t token;
	bool asked;
	uint64_t reload; /* the reading that it waits for; 0: none */
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
asker_free(struct asker *a)
{
	LIST_REMOVE(a, link);
	a->control->naskers--;
	free(a);
}

static void
finish(struct asker *a, struct span line)
{
	stream_send_bytes(a->stream, line);
	stream_send_bytes(a->stream, SPAN("\n"));
	stream_close(a->stream, true);
	asker_free(a);
}

static void
ask(struct asker *a, struct span line)
{
	struct banyand *bd = a->control->banyand;
	struct event ev = { .kind = EV_CONTROL };
	struct span rest = line, verb = span_word(&rest);

	a->asked = true;
	if (span_eq(verb, SPAN("stop"))) {
		finish(a, SPAN("ok stopping"));
		banyand_stop(bd, SPAN("Server stopped by its operator"));
		return;
	}
	if (span_eq(verb, SPAN("reload"))) {
		a->reload = reload_ask(bd);
		if (a->reload == 0)
			finish(a, SPAN("error the server is stopping"));
		return;
	}
	ev.u.control.token = a->token;
	ev.u.control.line = line;
	pump_event(bd, &ev);
}

static size_t
asker_consume(void *ctx, struct span unread, bool eof)
{
	struct asker *a = ctx;
	size_t end = span_find(unread, '\n');

	if (a->asked)
		return unread.n;
	if (end == unread.n) {
		if (unread.n > REQUEST_MAX || eof) {
			finish(a, SPAN("error expected a request of one line"));
			return unread.n;
		}
		return 0;
	}
	ask(a, span_head(unread, end));
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
	struct control *c = ctx;
	struct asker *a = mem_zalloc(sizeof(*a));
	struct stream_conf sc = { .ops = &asker_ops,
		.ctx = a,
		.limits = { ANSWER_MAX, REQUEST_MAX + 1, false } };

	(void)peer;
	a->control = c;
	a->token = ++c->next_token;
	LIST_INSERT_HEAD(&c->askers, a, link);
	c->naskers++;
	a->stream = stream_accept(c->banyand->streams, fd, &sc);
	if (a->stream == NULL)
		asker_free(a);
	else if (c->naskers > ASKERS_MAX)
		finish(a, SPAN("error too many requests at once"));
}

static void
starved(void *ctx, int err)
{
	struct control *c = ctx;

	logger_with(&c->banyand->log, LOG_OUT_OF_FDS,
	    { "why", span_of(strerror(err)) }, { "for", SPAN("control") });
}

static const struct listen_ops control_ops = {
	.accepted = accepted,
	.starved = starved,
};

struct control *
control_new(struct banyand *bd, char why[LISTEN_WHY_LEN])
{
	struct control *c = mem_zalloc(sizeof(*c));
	char *path = span_dup(bd->conf->control);

	c->banyand = bd;
	LIST_INIT(&c->askers);
	c->listener = unix_listen(bd->loop, path, &control_ops, c, why);
	free(path);
	if (c->listener == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
control_free(struct control *c)
{
	struct asker *a;

	if (c == NULL)
		return;
	listen_free(c->listener);
	while ((a = LIST_FIRST(&c->askers)) != NULL) {
		stream_close(a->stream, false);
		asker_free(a);
	}
	free(c);
}

static void
send_problem(struct asker *a, struct span text)
{
	stream_send_bytes(a->stream, SPAN("problem "));
	stream_send_bytes(a->stream, text);
	stream_send_bytes(a->stream, SPAN("\n"));
}

static void
send_problems(struct asker *a, const struct conf_report *r)
{
	char text[REPORT_TEXT + 4200]; /* with a path */
	struct writer w;

	for (size_t i = 0; i < r->n && i < PROBLEMS_MAX; i++) {
		writer_init(&w, text, sizeof(text));
		conf_problem_build(&w, &r->v[i]);
		send_problem(a, writer_done(&w));
	}
	if (r->n > PROBLEMS_MAX)
		send_problem(a, SPAN("the log has the other problems"));
}

void
control_reloaded(struct control *c, uint64_t n, bool ok,
    const struct conf_report *r)
{
	struct asker *a, *next;

	for (a = LIST_FIRST(&c->askers); a != NULL; a = next) {
		next = LIST_NEXT(a, link);
		if (a->reload == 0 || a->reload > n)
			continue;
		if (r != NULL)
			send_problems(a, r);
		finish(a, r == NULL ? SPAN("error the server is stopping")
			  : ok	    ? SPAN("ok configuration read again")
				    : SPAN("error the old configuration "
						"stays in use"));
	}
}

void
control_line(struct control *c, uint64_t token, struct span line, bool last)
{
	struct asker *a;

	if (c == NULL)
		return;
	LIST_FOREACH(a, &c->askers, link)
		if (a->token == token)
			break;
	if (a == NULL)
		return;
	if (last && line.n == 0) {
		stream_close(a->stream, true);
		asker_free(a);
	} else if (last)
		finish(a, line);
	else {
		stream_send_bytes(a->stream, line);
		stream_send_bytes(a->stream, SPAN("\n"));
	}
}
