#include "host/pages.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "wire/http.h"

#define PAGE_MAX ((size_t)4 * 1024 * 1024) /* bytes; pages have bounds */

struct page_conn {
	struct pages *pages;
	struct stream *stream;
	struct timer timer;
	LIST_ENTRY(page_conn) link;
};

static void
conn_free(struct page_conn *c)
{
	loop_timer_clear(c->pages->loop, &c->timer);
	LIST_REMOVE(c, link);
	c->pages->n--;
	free(c);
}

static void
too_slow(struct timer *t)
{
	struct page_conn *c =
	    (struct page_conn *)(void *)((char *)t -
					 offsetof(struct page_conn, timer));

	stream_close(c->stream, false);
	conn_free(c);
}

/* Write the page of a path. Return the status. */
static unsigned
page(const struct pages *p, struct span path, struct writer *w)
{
	bool ready;

	if (span_eq(path, SPAN("/metrics"))) {
		p->ops->figures(p->ctx, w);
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
	ready = p->ops->ready(p->ctx);
	writer_str(w, ready ? "ready\n" : "not ready\n");
	return ready ? 200 : 503;
}

static void
send_answer(struct page_conn *c, unsigned status, struct span body, bool head)
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
answer(struct page_conn *c, unsigned status, const struct http_request *r)
{
	struct arena *arena = arena_new(64 * 1024);
	struct writer w;

	writer_init_arena(&w, arena, PAGE_MAX);
	if (status == 200)
		status = page(c->pages, r->path, &w);
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
pages_init(struct pages *p, struct streams *streams, struct loop *loop,
    const struct pages_ops *ops, void *ctx)
{
	*p = (struct pages){
		.loop = loop, .streams = streams, .ops = ops, .ctx = ctx
	};
}

void
pages_accept(struct pages *p, int fd)
{
	struct stream_conf sc = { .ops = &conn_ops,
		.limits = { PAGE_MAX + 300, HTTP_REQUEST_MAX, true } };
	struct page_conn *c;

	if (p->n == PAGES_MAX) {
		(void)close(fd);
		return;
	}
	c = mem_zalloc(sizeof(*c));
	c->pages = p;
	c->timer.fire = too_slow;
	sc.ctx = c;
	LIST_INSERT_HEAD(&p->conns, c, link);
	p->n++;
	c->stream = stream_accept(p->streams, fd, &sc);
	if (c->stream == NULL)
		conn_free(c);
	else
		loop_timer_set(p->loop, &c->timer,
		    mono_add_ms(loop_now(p->loop), PAGES_MS));
}

void
pages_fini(struct pages *p)
{
	struct page_conn *c;

	while ((c = LIST_FIRST(&p->conns)) != NULL) {
		stream_close(c->stream, false);
		conn_free(c);
	}
}
