/*
 * BEAT N hlc [echo held]
 *
 * I live, my last number, my clock; and your BEAT of clock `echo` came `held`
 * ms before this one left, from which the other side knows the round trip.
 */
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/words.h"

#define CLOCK_MAX_MS 5000

void
beat_send(const struct step *st, struct link *l)
{
	struct stamp hlc = net_clock(st);
	struct writer w = link_line(st, "BEAT ");

	if (!link_is_edge(l))
		return;
	writer_u64(&w, vector_get(&st->net->log.have, st->net->self));
	writer_char(&w, ' ');
	writer_i64(&w, hlc.ms);
	if (l->beat.hlc.ms != 0) {
		int64_t held = mono_sub_ms(st->ev->now, l->beat.at);

		writer_char(&w, ' ');
		writer_i64(&w, l->beat.hlc.ms);
		writer_char(&w, ' ');
		writer_i64(&w, held > 0 ? held : 0);
	}
	link_send(st, l, &w);
	l->beats[l->nbeats++ % LINK_BEATS] = (struct beat){ hlc, st->ev->now };
}

static void
measure(const struct step *st, struct link *l, uint64_t echo, uint64_t held)
{
	for (size_t i = 0; i < LINK_BEATS && i < l->nbeats; i++) {
		int64_t ms = mono_sub_ms(st->ev->now, l->beats[i].at);

		if ((uint64_t)l->beats[i].hlc.ms == echo && ms >= 0 &&
		    held <= (uint64_t)ms)
			l->rtt_ms = ms - (int64_t)held;
	}
}

const char *
beat_recv(const struct step *st, struct link *l, struct span rest)
{
	uint64_t n, ms, echo, held;

	if (!word_num(&rest, &n) || !word_num(&rest, &ms) || ms > INT64_MAX)
		return "expected a number and a time in ms";
	if (!word_none(rest)) {
		if (!word_num(&rest, &echo) || !word_num(&rest, &held) ||
		    !word_none(rest))
			return "expected an echo and how long it was held";
		measure(st, l, echo, held);
	}
	/* A late BEAT looks slow, but none can look fast. */
	if ((int64_t)ms - net_clock(st).ms > CLOCK_MAX_MS) {
		link_refuse(st, l, "clock",
		    "your clock is more than 5 seconds ahead");
		return NULL;
	}
	l->beat = (struct beat){ { (int64_t)ms }, st->ev->now };
	return NULL;
}
