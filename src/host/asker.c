#include "host/asker.h"

#include <stdlib.h>

#include "base/mem.h"
#include "net/unix.h"

#define ASKERS_MAX 16
#define REQUEST_MAX 4096 /* bytes */
#define ANSWER_MAX ((size_t)16 * 1024 * 1024)
#define TAILS_MAX 8
#define TAIL_QUEUE ((size_t)64 * 1024) /* bytes */
#define PROBLEMS_MAX 100	       /* of a report; the log has them all */

struct askers {
	struct streams *streams;
	const struct asker_ops *ops;
	void *ctx;
	struct listener *listener;
	LIST_HEAD(, asker) all;
	unsigned n;
	uint64_t next_token;
};

static void
asker_free(struct asker *asker)
{
	LIST_REMOVE(asker, link);
	asker->askers->n--;
	free(asker);
}

void
asker_line(struct asker *asker, struct span line)
{
	stream_send_bytes(asker->stream, line);
	stream_send_bytes(asker->stream, SPAN("\n"));
}

void
asker_finish(struct asker *asker, struct span line)
{
	if (line.n > 0)
		asker_line(asker, line);
	stream_close(asker->stream, true);
	asker_free(asker);
}

/* ---- events ---------------------------------------------------------- */

static size_t
count_tails(const struct askers *askers)
{
	const struct asker *asker;
	size_t n = 0;

	LIST_FOREACH(asker, &askers->all, link)
		n += asker->tails;
	return n;
}

void
asker_tail(struct asker *asker, struct span rest)
{
	struct span word = span_word(&rest);

	asker->level = LOGL_INFO;
	if (word.n > 0 && logger_level(word, &asker->level))
		word = span_word(&rest);
	asker->json = span_eq(word, SPAN("json"));
	if ((word.n > 0 && !asker->json) || rest.n > 0)
		asker_finish(asker,
		    SPAN("error expected a level: debug, info, notice, warn "
			 "or error"));
	else if (count_tails(asker->askers) >= TAILS_MAX)
		asker_finish(asker, SPAN("error too many tails at once"));
	else
		asker->tails = true;
}

static void
tell(struct asker *asker, const struct log_event *e)
{
	char buf[LOG_LINE_MAX];

	if (stream_queued(asker->stream) > TAIL_QUEUE)
		asker_finish(asker,
		    SPAN("error cut off: the events are not read as fast as "
			 "they come"));
	else
		stream_send_bytes(asker->stream,
		    logger_line(buf, asker->json, e));
}

void
askers_event(struct askers *askers, const struct log_event *e)
{
	struct asker *asker, *next;

	for (asker = LIST_FIRST(&askers->all); asker != NULL; asker = next) {
		next = LIST_NEXT(asker, link);
		if (asker->tails && log_row_level(e->row) >= asker->level)
			tell(asker, e);
	}
}

/* ---- requests -------------------------------------------------------- */

static size_t
consume(void *ctx, struct span unread, bool eof)
{
	struct asker *asker = ctx;
	struct askers *askers = asker->askers;
	size_t end = span_find(unread, '\n');

	if (asker->asked)
		return unread.n;
	if (end == unread.n) {
		if (unread.n > REQUEST_MAX || eof) {
			asker_finish(asker,
			    SPAN("error expected a request of one line"));
			return unread.n;
		}
		return 0;
	}
	asker->asked = true;
	askers->ops->asked(askers->ctx, asker, span_head(unread, end));
	return unread.n;
}

static void
closed(void *ctx, enum stream_end end, struct span why)
{
	(void)end;
	(void)why;
	asker_free(ctx);
}

static const struct stream_ops stream_ops = {
	.consume = consume,
	.closed = closed,
};

static void
accepted(void *ctx, int fd, const struct sockaddr_storage *peer)
{
	struct askers *askers = ctx;
	struct asker *asker = mem_zalloc(sizeof(*asker));
	struct stream_conf sc = { .ops = &stream_ops,
		.ctx = asker,
		.limits = { ANSWER_MAX, REQUEST_MAX + 1, false } };

	(void)peer;
	asker->askers = askers;
	asker->token = ++askers->next_token;
	LIST_INSERT_HEAD(&askers->all, asker, link);
	askers->n++;
	asker->stream = stream_accept(askers->streams, fd, &sc);
	if (asker->stream == NULL)
		asker_free(asker);
	else if (askers->n > ASKERS_MAX)
		asker_finish(asker, SPAN("error too many requests at once"));
}

static void
starved(void *ctx, int err)
{
	struct askers *askers = ctx;

	askers->ops->starved(askers->ctx, err);
}

static const struct listen_ops listen_ops = {
	.accepted = accepted,
	.starved = starved,
};

struct askers *
askers_new(const struct askers_conf *conf, char why[LISTEN_WHY_LEN])
{
	struct askers *askers = mem_zalloc(sizeof(*askers));
	char *path = span_dup(conf->path);

	askers->streams = conf->streams;
	askers->ops = conf->ops;
	askers->ctx = conf->ctx;
	LIST_INIT(&askers->all);
	askers->listener =
	    unix_listen(conf->loop, path, &listen_ops, askers, why);
	free(path);
	if (askers->listener == NULL) {
		free(askers);
		return NULL;
	}
	return askers;
}

void
askers_free(struct askers *askers)
{
	struct asker *asker;

	if (askers == NULL)
		return;
	listen_free(askers->listener);
	while ((asker = LIST_FIRST(&askers->all)) != NULL) {
		stream_close(asker->stream, false);
		asker_free(asker);
	}
	free(askers);
}

struct asker *
askers_find(struct askers *askers, uint64_t token)
{
	struct asker *asker;

	LIST_FOREACH(asker, &askers->all, link)
		if (asker->token == token)
			return asker;
	return NULL;
}

struct asker *
askers_next(struct askers *askers, struct asker *after, unsigned int waits)
{
	struct asker *asker =
	    after != NULL ? LIST_NEXT(after, link) : LIST_FIRST(&askers->all);

	while (asker != NULL && asker->waits != waits)
		asker = LIST_NEXT(asker, link);
	return asker;
}

void
asker_problem(struct asker *asker, struct span text)
{
	stream_send_bytes(asker->stream, SPAN("problem "));
	asker_line(asker, text);
}

void
asker_problems(struct asker *asker, const struct conf_report *r)
{
	char text[REPORT_LINE];
	struct writer w;

	for (size_t i = 0; i < r->n && i < PROBLEMS_MAX; i++) {
		writer_init(&w, text, sizeof(text));
		conf_problem_build(&w, &r->v[i]);
		asker_problem(asker, writer_done(&w));
	}
	if (r->n > PROBLEMS_MAX)
		asker_problem(asker, SPAN("the log has the other problems"));
}
