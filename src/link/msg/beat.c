/*
 * BEAT N clock [echo held]
 *
 * Says that the sender is alive, which entry it has made last, and its clock.
 * The BEAT with the clock `echo` came from the other side `held` ms before this
 * one was sent; from that the other side knows the round trip
 * (link-protocol.md, 7.6).
 *
 * The clocks are wall clocks, not the hlc. If a network makes more than one
 * entry in a millisecond, its hlc is ahead of all clocks, and the other side
 * may not have seen it yet. And the hlc would follow a neighbour that runs
 * ahead in small steps, as far as that neighbour likes.
 */
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/words.h"

void
beat_send(const struct link_step *st, struct link *l)
{
	struct stamp clock = { st->ev->wall.ms };
	struct link_line line;

	if (!link_is_edge(l))
		return;
	line = link_line(st, VERB_BEAT);
	writer_char(&line.w, ' ');
	writer_u64(&line.w, vector_get(&st->net->log.have, st->net->self));
	writer_char(&line.w, ' ');
	writer_i64(&line.w, clock.ms);
	if (l->beat.clock.ms != 0) {
		int64_t held = mono_sub_ms(st->ev->now, l->beat.at);

		writer_char(&line.w, ' ');
		writer_i64(&line.w, l->beat.clock.ms);
		writer_char(&line.w, ' ');
		writer_i64(&line.w, held > 0 ? held : 0);
	}
	link_send(st, l, &line);
	l->beats[l->nbeats++ % LINK_BEATS] =
	    (struct beat){ clock, st->ev->now };
}

static void
measure(const struct link_step *st, struct link *l, uint64_t echo,
    uint64_t held)
{
	for (size_t i = 0; i < LINK_BEATS && i < l->nbeats; i++) {
		int64_t ms = mono_sub_ms(st->ev->now, l->beats[i].at);

		if ((uint64_t)l->beats[i].clock.ms == echo && ms >= 0 &&
		    held <= (uint64_t)ms)
			l->rtt_ms = ms - (int64_t)held;
	}
}

const char *
beat_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct stamp clock;
	uint64_t n, echo, held;

	if (!word_num(&rest, &n) || !word_stamp(&rest, &clock))
		return "expected a number and a time in ms";
	if (!word_none(rest)) {
		if (!word_num(&rest, &echo) || !word_num(&rest, &held) ||
		    !word_none(rest))
			return "expected an echo and the ms that it was held";
		measure(st, l, echo, held);
	}
	/* a BEAT that is late shows a slow clock, but never a fast one (7.8 of
	 * link-protocol.md) */
	if (clock.ms - st->ev->wall.ms > CLOCKS_APART_MS) {
		link_refuse(st, l, "clock",
		    "the clock of the peer is more than 5 seconds ahead");
		return NULL;
	}
	l->beat = (struct beat){ clock, st->ev->now };
	return NULL;
}
