/*
 * A queue is written at the end of a turn, so that everything sent in that turn
 * goes out in few writes; streams.c says in which turn. It is written earlier
 * only if it would get too long.
 */
#include <string.h>

#include "base/mem.h"
#include "net/stream_state.h"

#define WRITE_MAX (256 * 1024) /* bytes of one stream in one turn */
#define FAIR_SHARE 16	       /* see streams_new */

/*
 * Note what became of the bytes at the front: n is how many were written, or a
 * code of transport.h. Return true if more can be written at once.
 */
static bool
took(struct stream *s, size_t front, ssize_t n)
{
	if (n == IO_FAILED) {
		stream_sever(s, &s->set->fault);
		return false;
	}
	if (n > 0) {
		queue_drop(&s->out, (size_t)n);
		s->set->queued -= (size_t)n;
		s->set->bytes_out += (uint64_t)n;
		s->taken += (size_t)n;
	}
	s->blocked = n == IO_WAIT_WRITE ||
		     (n > 0 && (size_t)n < front && !s->io->in_lines);
	return n > 0 && !s->blocked;
}

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

	while ((s->out.n > 0 || stream_layer_pending(s)) && !s->blocked) {
		if (written >= WRITE_MAX) {
			stream_touch(s);
			break;
		}
		front = queue_front(&s->out, ss->gather, s->io->burst);
		n = s->io->write(s->layer, s->watch.fd, front.p, front.n,
		    &ss->fault);
		if (!took(s, front.n, n))
			break;
		written += (size_t)n;
	}
	if (s->blocked)
		stream_rewatch(s);
}

/* ---- many streams together: sends.h ---- */

#define TOGETHER_BYTES (4 * BURST_MAX) /* gathered, of all streams of a run */

static bool
can_be_together(const struct stream *s)
{
	return s->io->sent != NULL && !s->failed && !s->blocked &&
	       s->out.n > 0 && !stream_layer_pending(s) &&
	       (s->state == S_OPEN || s->state == S_FLUSHING);
}

static void
sent(void *owner, struct span bytes, int result)
{
	struct stream *s = owner;

	took(s, bytes.n, s->io->sent(s->layer, bytes, result, &s->set->fault));
	if (s->blocked)
		stream_rewatch(s);
}

static void
run(struct streams *ss)
{
	ss->gathered = 0;
	if (sends_run(ss->sends, sent))
		return;
	sends_free(ss->sends);
	ss->sends = NULL;
}

static void
add(struct streams *ss, struct stream *s)
{
	char *buf = ss->gather + ss->gathered;
	struct span front = queue_front(&s->out, buf, s->io->burst);

	if (s->io->prepare != NULL) {
		front = s->io->prepare(s->layer, front);
		if (front.n == 0)
			return;
		memcpy(buf, front.p, front.n);
		front.p = buf;
	}
	if (front.p == buf)
		ss->gathered += front.n;
	sends_add(ss->sends, s->watch.fd, front, s);
	if (sends_is_full(ss->sends) ||
	    ss->gathered > TOGETHER_BYTES - BURST_MAX)
		run(ss);
}

void
streams_write_together(struct streams *ss, const struct touched *list)
{
	struct stream *s;
	unsigned int n = 0;

	STAILQ_FOREACH(s, list, touched)
		if (can_be_together(s) && ++n == ss->few)
			break;
	if (n < ss->few)
		return;
	STAILQ_FOREACH(s, list, touched)
		if (can_be_together(s) && ss->sends != NULL)
			add(ss, s);
	if (ss->sends != NULL)
		run(ss);
}

bool
streams_join_sends(struct streams *ss, unsigned int few)
{
	ss->few = few;
	ss->sends = sends_new();
	if (ss->sends == NULL)
		return false;
	ss->gather = mem_array(ss->gather, TOGETHER_BYTES, 1);
	return true;
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
