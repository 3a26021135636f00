/*
 * This file alone asks the loop for the events that a stream waits for, by its
 * state. See S4 in stream_state.h. A failed stream is still watched, because
 * the end of this turn gives it another state or closes it; meanwhile
 * stream_ready passes over it.
 */
#include "net/stream_state.h"

void
stream_rewatch(struct stream *s)
{
	unsigned int want = 0;

	if (s->failed)
		return;
	switch ((enum state)s->state) {
	case S_CONNECTING:
		want = LOOP_WRITE;
		break;
	case S_SETUP:
		want = s->blocked ? LOOP_WRITE : LOOP_READ;
		break;
	case S_OPEN:
		if (!s->eof && !s->severed && s->in_n < stream_in_max(s))
			want |= LOOP_READ;
		if (s->blocked)
			want |= LOOP_WRITE;
		break;
	case S_FLUSHING:
		if (!s->eof)
			want |= LOOP_READ;
		if (s->blocked)
			want |= LOOP_WRITE;
		break;
	case S_DRAINING:
		want = LOOP_READ;
		break;
	case S_GONE:
		return;
	}
	loop_want(s->set->loop, &s->watch, want);
}
