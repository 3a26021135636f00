#include "daemon/http.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/core.h"
#include "wire/http.h"

#define PAGE_MAX ((size_t)4 * 1024 * 1024) /* bytes; pages have bounds */

struct http_conn {
	struct banyand *banyand;
	struct stream *stream;
	struct timer timer;
	LIST_ENTRY(http_conn) link;
};

static void
conn_free(struct http_conn *c)
{
	loop_timer_clear(c->banyand->loop, &c->timer);
	LIST_REMOVE(c, link);
	c->banyand->http.n--;
	free(c);
}

static void
too_slow(struct timer *t)
{
	struct http_conn *c =
	    (struct http_conn *)(void *)((char *)t -
					 offsetof(struct http_conn, timer));

	stream_close(c->stream, false);
	conn_free(c);
}

static bool
is_ready(const struct banyand *bd)
{
	return !bd->stopping && core_is_ready(node_core(bd->node));
}

/* Write the page of a path. Return the status. */
static unsigned
page(struct banyand *bd, struct span path, struct writer *w)
{
	if (span_eq(path, SPAN("/metrics"))) {
		meter_write(bd, w);
		return 200;
	}
	if (span_eq(path, SPAN("/health"))) {
		writer_str(w, "ok\n");
		return 200;
	}
	if (!span_eq(path, SPAN("/ready"))) {
		writer_str(w, "/metrics\n/health\n/ready\n");
		return 404;
	}
	writer_str(w, is_ready(bd) ? "ready\n" : "not ready\n");
	return is_ready(bd) ? 200 : 503;
}

static void
send_answer(struct http_conn *c, unsigned status, struct span body, bool head)
{
	char text[300];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, "HTTP/1.1 ");
	writer_u64(&w, status);
	writer_char(&w, ' ');
	writer_str(&w, http_reason(status));
	writer_str(&w,
	    "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8"
	    "\r\nContent-Length: ");
	writer_u64(&w, body.n);
	writer_str(&w, status == 405 ? "\r\nAllow: GET, HEAD" : "");
	writer_str(&w, "\r\nConnection: close\r\n\r\n");
	stream_send_bytes(c->stream, writer_done(&w));
	if (!head)
		stream_send_bytes(c->stream, body);
	stream_close(c->stream, true);
	conn_free(c);
}

static void
answer(struct http_conn *c, unsigned status, const struct http_request *r)
{
	struct arena *arena = arena_new(64 * 1024);
	struct writer w;

	writer_init_arena(&w, arena, PAGE_MAX);
	if (status == 200)
		status = page(c->banyand, r->path, &w);
	else {
		writer_str(&w, http_reason(status));
		writer_char(&w, '\n');
	}
	send_answer(c, status, writer_done(&w), r->head);
	arena_free(arena);
}

static size_t
conn_consume(void *ctx, struct span unread, bool eof)
{
	struct http_request r = { .head = false };
	unsigned status = http_parse(unread, &r);

	if (status == 0 && !eof)
		return 0;
	answer(ctx, status == 0 ? 400 : status, &r);
	return unread.n;
}

static void
conn_closed(void *ctx, enum stream_end end, struct span why)
{
	(void)end;
	(void)why;
	conn_free(ctx);
}

static const struct stream_ops conn_ops = {
	.consume = conn_consume,
	.closed = conn_closed,
};

void
http_init(struct banyand *bd)
{
	LIST_INIT(&bd->http.conns);
}

void
http_accept(struct banyand *bd, int fd)
{
	struct stream_conf sc = { .ops = &conn_ops,
		.limits = { PAGE_MAX + 300, HTTP_REQUEST_MAX, true } };
	struct http_conn *c;

	if (bd->http.n == HTTP_MAX || bd->node == NULL) {
		(void)close(fd);
		return;
	}
	c = mem_zalloc(sizeof(*c));
	c->banyand = bd;
	c->timer.fire = too_slow;
	sc.ctx = c;
	LIST_INSERT_HEAD(&bd->http.conns, c, link);
	bd->http.n++;
	c->stream = stream_accept(bd->streams, fd, &sc);
	if (c->stream == NULL)
		conn_free(c);
	else
		loop_timer_set(bd->loop, &c->timer,
		    mono_add_ms(loop_now(bd->loop), HTTP_MS));
}

void
http_fini(struct banyand *bd)
{
	struct http_conn *c;

	while ((c = LIST_FIRST(&bd->http.conns)) != NULL) {
		stream_close(c->stream, false);
		conn_free(c);
	}
}
