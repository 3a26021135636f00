/*
 * A closing stream discards what the peer still sends. It begins to do so while
 * its queue is written: otherwise a peer that writes everything before it reads
 * anything would wait for us, and we for the peer.
 *
 * Strangers can begin to close at any rate, and each closing stream holds a
 * descriptor that no limit of its owner counts. So only a bounded number of
 * them may wait for their peers; if one more comes, the one that has waited
 * longest is closed. Each reads only a bounded number of bytes: a peer that has
 * not stopped by then will not stop.
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
