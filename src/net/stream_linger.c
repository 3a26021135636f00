/*
 * A closing stream throws away what the peer still sends. It does so already
 * while its queue is written: a peer that writes all it has before it reads
 * anything would wait for us, and we for it.
 *
 * A stranger can begin to close at any rate, and each closing stream holds a
 * descriptor that no limit of its owner counts. So only so many of them may
 * wait for their peers; one more, and the one that has waited longest is
 * closed. It reads only so many bytes: a peer that has not stopped by then will
 * not.
 */
#include <sys/socket.h>

#include <errno.h>

#include "net/stream_state.h"

void
stream_linger(struct stream *s)
{
	struct streams *ss = s->set;
	struct ends *e = s->ends;

	if (e->lingers)
		return;
	e->lingers = true;
	TAILQ_INSERT_TAIL(&ss->lingering, e, lingering);
	if (++ss->nlingering > STREAM_LINGER_MAX)
		stream_vanish(TAILQ_FIRST(&ss->lingering)->stream);
}

void
stream_linger_end(struct stream *s)
{
	struct ends *e = s->ends;

	if (e == NULL || !e->lingers)
		return;
	e->lingers = false;
	TAILQ_REMOVE(&s->set->lingering, e, lingering);
	s->set->nlingering--;
}

void
stream_discard(struct stream *s)
{
	ssize_t n = recv(s->watch.fd, s->set->scratch, READ_MAX, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		s->ends->discarded += (size_t)n;
	s->eof = n == 0;
	if (n < 0 || s->ends->discarded > STREAM_DISCARD_MAX ||
	    (s->eof && s->state == S_DRAINING))
		stream_vanish(s);
	else if (s->eof)
		stream_rewatch(s);
}
