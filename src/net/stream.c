/*
 * The functions that an owner calls to make, change, ask and close a stream,
 * and those that the loop calls. How a stream works is described in
 * stream_state.h.
 */
#include "net/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/stream_state.h"

static void
stream_ready(struct watch *w, unsigned int events)
{
	struct stream *s = OF_MEMBER(w, struct stream, watch);

	if (s->failed)
		return;
	switch ((enum state)s->state) {
	case S_CONNECTING:
		stream_connected(s);
		break;
	case S_SETUP:
		stream_setup(s);
		break;
	case S_OPEN:
		stream_announce(s);
		if (!stream_is_open(s))
			break;
		if (events & LOOP_WRITE) {
			s->blocked = false;
			stream_touch(s);
		}
		if (events & LOOP_HANGUP)
			stream_hangup(s);
		else if ((events & LOOP_READ) || s->layer != NULL)
			stream_read_once(s);
		stream_rewatch(s);
		break;
	case S_FLUSHING:
		if (events & LOOP_HANGUP) {
			stream_vanish(s);
			break;
		}
		if (events & LOOP_WRITE) {
			s->blocked = false;
			stream_rewatch(s);
			stream_touch(s);
		}
		if (events & LOOP_READ)
			stream_discard(s);
		break;
	case S_DRAINING:
		stream_discard(s);
		break;
	case S_GONE:
		break;
	}
}

static struct stream *
stream_new(struct streams *ss, const struct stream_conf *conf)
{
	struct stream *s = pool_take(&ss->pool);

	s->set = ss;
	s->watch.fd = -1;
	s->watch.ready = stream_ready;
	s->io = &transport_tcp;
	stream_set_owner(s, conf->ops, conf->ctx);
	stream_set_limits(s, &conf->limits);
	s->next = ss->all;
	if (s->next != NULL)
		s->next->prev = s;
	ss->all = s;
	return s;
}

static bool
layer_tls(struct stream *s, int fd, const struct stream_conf *conf,
    const char *name)
{
	s->layer = tls_layer_new(conf->tls, fd, name);
	if (s->layer == NULL) {
		errno = ENOMEM;
		return false;
	}
	s->io = &transport_tls;
	if (conf->web != NULL)
		tls_layer_carry_http(s->layer);
	return true;
}

static void
layer_web(struct stream *s, const struct ws_conf *conf)
{
	if (s->set->ws == NULL)
		s->set->ws = ws_new();
	s->layer = ws_layer_new(s->set->ws, s->io, s->layer, conf);
	s->io = s->io == &transport_tcp ? &transport_ws_tcp : &transport_ws;
}

/* Watch fd in the stream's state, under the layers that are asked for. */
static bool
carry(struct stream *s, int fd, const struct stream_conf *conf,
    const char *name)
{
	unsigned int want = s->state == S_CONNECTING ? LOOP_WRITE : LOOP_READ;

	if (conf->tls != NULL && !layer_tls(s, fd, conf, name))
		return false;
	if (conf->web != NULL)
		layer_web(s, conf->web);
	if (!loop_watch(s->set->loop, &s->watch, fd, want))
		return false;
	s->set->count++;
	if (s->state != S_OPEN)
		stream_time_out(s, conf->setup_ms);
	return true;
}

struct stream *
stream_accept(struct streams *ss, int fd, const struct stream_conf *conf)
{
	struct stream *s = stream_new(ss, conf);
	int err;

	s->state = conf->tls != NULL || conf->web != NULL ? S_SETUP : S_OPEN;
	s->sniffed = conf->tls == NULL; /* only TLS is looked for */
	if (!carry(s, fd, conf, NULL)) {
		err = errno;
		stream_vanish(s);
		close(fd);
		errno = err;
		return NULL;
	}
	if (s->state == S_OPEN)
		stream_pull_later(s); /* open() */
	return s;
}

static struct rcbuf *
copy_queue(const struct queue *q)
{
	struct rcbuf *b = rcbuf_alloc(q->bytes);
	struct span front = queue_front(q, b->p, b->n);

	if (front.p != b->p)
		memcpy(b->p, front.p, front.n);
	return b;
}

bool
stream_release(struct stream *s, struct stream_rest *rest)
{
	if (!stream_is_open(s) || !s->announced || s->severed ||
	    s->layer != NULL)
		return false;
	*rest = (struct stream_rest){ .fd = s->watch.fd };
	rest->limits =
	    (struct stream_limits){ s->sendq, s->recvq, s->recvq_waits };
	if (s->in_n > 0)
		rest->unread = rcbuf_new(span_make(s->in, s->in_n));
	if (s->out.n > 0)
		rest->queued = copy_queue(&s->out);
	loop_unwatch(s->set->loop, &s->watch);
	s->set->count--;
	stream_vanish(s);
	return true;
}

static void
take_unread(struct stream *s, const struct rcbuf *b)
{
	s->in = mem_alloc(b->n);
	memcpy(s->in, b->p, b->n);
	s->in_n = b->n;
	stream_pull(s);
}

static void
take_queued(struct stream *s, struct rcbuf *b)
{
	queue_add(&s->out, b);
	s->set->queued += b->n;
	stream_touch(s);
}

struct stream *
stream_adopt(struct streams *ss, const struct stream_rest *rest,
    const struct stream_conf *conf)
{
	struct stream *s = stream_accept(ss, rest->fd, conf);

	if (s == NULL)
		return NULL;
	s->announced = true;
	stream_set_limits(s, &rest->limits);
	if (rest->unread != NULL)
		take_unread(s, rest->unread);
	if (rest->queued != NULL)
		take_queued(s, rest->queued);
	return s;
}

struct stream *
stream_connect(struct streams *ss, int fd, int err, const char *name,
    const struct stream_conf *conf)
{
	struct stream *s = stream_new(ss, conf);

	s->state = S_CONNECTING;
	s->sniffed = true; /* the other side speaks second */
	if (err == 0 && !carry(s, fd, conf, name))
		err = errno;
	if (err != 0) {
		if (fd >= 0 && s->watch.fd < 0)
			close(fd);
		fault_set_errno(&ss->fault, STREAM_REFUSED, err);
		stream_fail(s, ss->fault.end, ss->fault.why);
	}
	return s;
}

void
stream_set_limits(struct stream *s, const struct stream_limits *limits)
{
	s->sendq =
	    limits->sendq < UINT32_MAX ? (uint32_t)limits->sendq : UINT32_MAX;
	s->recvq = limits->recvq < STREAM_RECVQ_MAX ? (uint32_t)limits->recvq
						    : STREAM_RECVQ_MAX;
	s->recvq_waits = limits->recvq_waits;
	stream_rewatch(s);
}

void
stream_hold(struct stream *s)
{
	s->held = true;
	stream_rewatch(s);
}

void
stream_set_owner(struct stream *s, const struct stream_ops *ops, void *ctx)
{
	s->ops = ops;
	s->ctx = ctx;
}

void
stream_pull(struct stream *s)
{
	if (s->ops == NULL)
		return;
	s->offer = true;
	stream_pull_later(s);
}

void
stream_close(struct stream *s, bool flush)
{
	if (s->ops == NULL)
		return;
	s->ops = NULL;
	if (flush && s->state == S_OPEN && !s->severed && !s->failed)
		stream_start_flushing(s);
	else
		stream_vanish(s);
}

void
stream_goes(struct stream *s)
{
	if (s->io->goes != NULL && s->layer != NULL)
		s->io->goes(s->layer);
}

bool
stream_fails(const struct stream *s)
{
	return s->ops != NULL && (s->failed || s->severed);
}

size_t
stream_queued(const struct stream *s)
{
	return s->out.bytes;
}

size_t
stream_bytes(const struct stream *s)
{
	return sizeof(*s);
}

size_t
stream_unread(const struct stream *s)
{
	return s->in_n;
}

bool
stream_tls(const struct stream *s, struct tls_info *info)
{
	return s->io->tls_info != NULL && s->io->tls_info(s->layer, info);
}
