/*
 * A queue is written once a turn, so that everything sent in that turn goes out
 * in few writes. It is written earlier only if it would get too long.
 */
#include "net/stream_state.h"

#define WRITE_MAX (256 * 1024) /* bytes of one stream in one turn */
#define FAIR_SHARE 16	       /* see streams_new */

/*
 * Write as much as the socket takes, at most WRITE_MAX. No callback is called.
 */
void
stream_write_queue(struct stream *s)
{
	struct streams *ss = s->set;
	size_t written = 0;
	struct span front;
	ssize_t n;

	while (s->out.n > 0 && !s->blocked) {
		if (written >= WRITE_MAX) {
			stream_touch(s);
			break;
		}
		front = queue_front(&s->out, ss->gather, s->io->burst);
		n = s->io->write(s->layer, s->watch.fd, front.p, front.n,
		    &ss->fault);
		if (n == IO_FAILED) {
			stream_sever(s, &ss->fault);
			return;
		}
		if (n == IO_WAIT_WRITE)
			s->blocked = true;
		if (n <= 0)
			break;
		queue_drop(&s->out, (size_t)n);
		ss->queued -= (size_t)n;
		s->taken += (size_t)n;
		written += (size_t)n;
		if ((size_t)n < front.n)
			s->blocked = true;
	}
	if (s->blocked)
		stream_rewatch(s);
}

static bool
is_over(const struct stream *s)
{
	return s->out.bytes > s->sendq ||
	       (s->set->queued > s->set->total &&
		   s->out.bytes > s->sendq / FAIR_SHARE);
}

void
stream_send(struct stream *s, struct rcbuf *b)
{
	if (s->failed || s->severed || s->state >= S_FLUSHING)
		return;
	queue_add(&s->out, b);
	s->set->queued += b->n;
	/* The peer is not slow if much is sent in one turn: write some now. */
	if (is_over(s)) {
		if (s->state == S_OPEN)
			stream_write_queue(s);
		if (is_over(s)) {
			stream_fail(s, STREAM_SENDQ, "reads too slowly");
			return;
		}
	}
	if (!s->blocked)
		stream_touch(s);
}

void
stream_send_bytes(struct stream *s, struct span bytes)
{
	struct rcbuf *b = rcbuf_new(bytes);

	stream_send(s, b);
	rcbuf_unref(b);
}
