/*
 * A read goes into one buffer that all streams share, behind a copy of the
 * unread bytes of this stream, so that the owner always sees one piece. Only
 * the bytes that the owner leaves are stored, in a block of just that size.
 * Each stream is read once in a turn, so that a stream with endless input does
 * not delay the others.
 */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/stream_state.h"

void
stream_announce(struct stream *s)
{
	if (s->announced || !stream_is_open(s))
		return;
	s->announced = true;
	if (s->ops->open != NULL)
		s->ops->open(s->ctx);
}

/*
 * Store the n bytes at p, which lie in scratch or in s->in, as the unread
 * bytes.
 */
static void
keep_unread(struct stream *s, const char *p, size_t n)
{
	char *old = s->in;

	if (n == 0) {
		s->in = NULL;
	} else if (old != NULL && p >= old && p < old + s->in_n) {
		if (n == s->in_n)
			return;
		memmove(old, p, n);
		s->in = mem_realloc(old, n);
		old = NULL;
	} else {
		s->in = mem_realloc(old, n);
		memcpy(s->in, p, n);
		old = NULL;
	}
	free(old);
	s->in_n = (uint32_t)n;
}

static void
overfull(struct stream *s)
{
	if (s->ops->overfull != NULL && s->ops->overfull(s->ctx))
		return;
	/* no effect if closed by then */
	stream_fail(s, STREAM_RECVQ, "too much unread");
}

/* A stream that does not wait reads one byte more than recvq, to see that there
 * are too many. */
size_t
stream_in_max(const struct stream *s)
{
	if (s->held)
		return 0;
	return s->recvq_waits ? s->recvq : (size_t)s->recvq + 1;
}

/* Offer the owner n bytes at p: all that lie unread. */
void
stream_hand_over(struct stream *s, const char *p, size_t n)
{
	size_t took = 0, queued = s->out.bytes;

	if (n > 0)
		took = s->ops->consume(s->ctx, span_make(p, n), s->eof);
	if (s->out.bytes > queued)
		s->prompt = true;
	if (s->ops == NULL || s->state != S_OPEN)
		return; /* closed by its owner; freed at the end of the turn */
	keep_unread(s, p + took, took < n ? n - took : 0);
	if (s->in_n > s->recvq && !s->recvq_waits)
		overfull(s);
	else if (s->eof && s->in_n == 0)
		stream_fail(s, STREAM_EOF, "end of file");
}

/*
 * Read once and offer the bytes to the owner. Return false if there is nothing
 * to read now, or ever.
 */
bool
stream_read_once(struct stream *s)
{
	struct streams *ss = s->set;
	size_t max = stream_in_max(s), room = max > s->in_n ? max - s->in_n : 0;
	ssize_t n;

	if (room > READ_MAX)
		room = READ_MAX;
	if (room == 0 || s->eof)
		return false;
	n = s->io->read(s->layer, s->watch.fd, ss->scratch + s->in_n, room,
	    &s->more, &ss->fault);
	if (stream_layer_pending(s))
		stream_touch(s);
	if (n == IO_FAILED) {
		stream_fail(s, ss->fault.end, ss->fault.why);
		return false;
	}
	if (n == IO_WAIT_WRITE)
		s->blocked = true;
	if (n < 0 && s->more)
		stream_pull_later(s);
	if (n < 0)
		return s->more;
	if (n > 0)
		ss->bytes_in += (uint64_t)n;
	if (s->in_n > 0)
		memcpy(ss->scratch, s->in, s->in_n);
	s->eof = n == IO_EOF;
	stream_hand_over(s, ss->scratch, s->in_n + (size_t)n);
	if (s->more)
		stream_pull_later(s);
	return n > 0;
}

/*
 * End a stream that is broken in both directions. Bytes that arrived before are
 * offered once. Bytes that the owner leaves are lost: the stream could never
 * send an answer.
 */
void
stream_hangup(struct stream *s)
{
	int err = 0;
	socklen_t len = sizeof(err);

	while (stream_is_open(s) && stream_read_once(s))
		;
	if (!stream_is_open(s))
		return;
	getsockopt(s->watch.fd, SOL_SOCKET, SO_ERROR, &err, &len);
	fault_set_errno(&s->set->fault, STREAM_BROKEN,
	    err != 0 ? err : ECONNRESET);
	stream_fail(s, s->set->fault.end, s->set->fault.why);
}
