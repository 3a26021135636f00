/*
 * A closing socket is first shut down, and then read until the peer closes,
 * too. If bytes of the peer were unread at close(), the kernel would send a
 * reset, and the reset can overtake our last bytes.
 */
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/stream_state.h"

/* The setup or the closing took too long. */
static void
stream_late(struct timer *t)
{
	struct ends *e = OF_MEMBER(t, struct ends, timer);
	struct stream *s = e->stream;
	struct loop *l = s->set->loop;
	int64_t left = mono_sub_ms(e->until, loop_awake(l));

	if (left > 0) { /* this server paused, not the peer */
		loop_timer_set(l, t, mono_add_ms(loop_now(l), left));
		return;
	}
	if (s->state == S_CONNECTING)
		stream_fail(s, STREAM_TIMEOUT, "no connection in time");
	else if (s->state == S_SETUP)
		stream_fail(s, STREAM_TIMEOUT, "no handshake in time");
	else
		stream_vanish(s);
}

static struct ends *
ends_of(struct stream *s)
{
	if (s->ends == NULL) {
		s->ends = mem_zalloc(sizeof(*s->ends));
		s->ends->stream = s;
		s->ends->timer.fire = stream_late;
	}
	return s->ends;
}

void
stream_ends_free(struct stream *s)
{
	if (s->ends == NULL)
		return;
	loop_timer_clear(s->set->loop, &s->ends->timer);
	free(s->ends);
	s->ends = NULL;
}

/*
 * Let the time run out in ms at the latest, whatever was set before; see
 * stream_late.
 */
void
stream_time_out(struct stream *s, unsigned int ms)
{
	struct loop *l = s->set->loop;
	struct ends *e = ends_of(s);

	e->until = mono_add_ms(loop_awake(l), ms);
	loop_timer_set(l, &e->timer, mono_add_ms(loop_now(l), ms));
}

/* Keep the first fault; a later fault is a consequence of it. */
static void
keep_fault(struct stream *s, enum stream_end end, const char *why)
{
	struct ends *e = ends_of(s);
	size_t n = strnlen(why, sizeof(e->fault.why) - 1);

	if (e->failed)
		return;
	e->failed = true;
	e->fault.end = end;
	memcpy(e->fault.why, why, n);
	e->fault.why[n] = '\0';
}

/* Mark the failure; the owner is told at the end of the turn. */
void
stream_fail(struct stream *s, enum stream_end end, const char *why)
{
	if (s->failed || s->ops == NULL)
		return;
	keep_fault(s, end, why);
	s->failed = true;
	if (end != STREAM_EOF && end != STREAM_PLAINTEXT)
		stream_drop_queue(s);
	stream_touch(s);
}

/*
 * Mark that writing failed. Bytes that came in before are still offered to the
 * owner; see stream_hangup().
 */
void
stream_sever(struct stream *s, const struct fault *f)
{
	keep_fault(s, f->end, f->why);
	s->severed = true;
	stream_drop_queue(s);
	stream_touch(s);
}

void
stream_vanish(struct stream *s)
{
	struct streams *ss = s->set;

	if (s->state == S_GONE)
		return;
	s->state = S_GONE;
	s->ops = NULL;
	if (s->ends != NULL)
		loop_timer_clear(ss->loop, &s->ends->timer);
	stream_linger_end(s);
	stream_drop_queue(s);
	if (s->io->free != NULL)
		s->io->free(s->layer);
	s->layer = NULL;
	if (s->watch.fd >= 0) {
		loop_close(ss->loop, &s->watch);
		ss->count--;
	}
	if (s->next != NULL)
		s->next->prev = s->prev;
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		ss->all = s->next;
	s->next = ss->dead;
	ss->dead = s;
	ss->hook.busy = true;
}

/* A socket whose peer has ended needs no shutdown(): nothing is left to read,
 * so close() ends it in the same way. */
void
stream_start_draining(struct stream *s)
{
	if (s->io->finish != NULL)
		s->io->finish(s->layer, s->watch.fd);
	if (s->eof) {
		stream_vanish(s);
		return;
	}
	shutdown(s->watch.fd, SHUT_WR);
	free(s->in); /* nobody will take it */
	s->in = NULL;
	s->in_n = 0;
	s->state = S_DRAINING;
	s->failed = false;
	stream_time_out(s, STREAM_DRAIN_MS);
	stream_rewatch(s);
	stream_linger(s);
}

void
stream_start_flushing(struct stream *s)
{
	s->state = S_FLUSHING;
	s->failed = false;
	s->ops = NULL;
	stream_time_out(s, STREAM_FLUSH_MS);
	stream_rewatch(s);
	stream_touch(s);
}

/* Tell the owner of the failure, then close in the way that fits it. */
void
stream_bury(struct stream *s)
{
	const struct stream_ops *ops = s->ops;
	enum stream_end end = s->ends->fault.end;

	s->ops = NULL;
	if (ops != NULL)
		ops->closed(s->ctx, end, span_of(s->ends->fault.why));
	if (end == STREAM_EOF && s->out.n == 0)
		stream_start_draining(s); /* nothing is left to flush */
	else if (end == STREAM_EOF || end == STREAM_PLAINTEXT)
		stream_start_flushing(s);
	else if (end == STREAM_TLS || end == STREAM_WEBSOCKET)
		stream_start_draining(s); /* gives the reason time to arrive */
	else
		stream_vanish(s);
}
