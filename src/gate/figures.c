/*
 * A server that tells no load is taken for one that has the clients of this
 * gate alone: then the gate spreads its own ones.
 */
#include "gate/figures.h"

#include "gate/trunk.h"
#include "wire/words.h"

#define UNWELL_MS 5000 /* of silence: BEAT comes at least every 2 s */
#define UNWELL_BYTES ((size_t)4 * 1024 * 1024) /* that the server leaves */
#define RTT_UNKNOWN_US 1000000
#define RTT_MAX_MS 999
#define RTT_PARTS 4 /* a new round trip counts as one of these */

struct trunk *
figures_trunk(const struct gate *g, struct place_sid sid)
{
	struct trunk *t;

	LIST_FOREACH(t, &g->trunks, link)
		if (t->first && place_sid_eq(&t->sid, &sid))
			return t;
	return NULL;
}

struct place_server *
figures_of(const struct trunk *t)
{
	return t->first ? place_net_find(&t->gate->net, t->sid) : NULL;
}

static bool
is_well(const struct trunk *t)
{
	return mono_sub_ms(loop_awake(t->gate->loop), t->heard) < UNWELL_MS &&
	       stream_queued(t->stream) < UNWELL_BYTES;
}

static bool
has_streams(const struct trunk *t)
{
	return roll_count(&t->roll) < t->room && !roll_is_used_up(&t->roll);
}

void
figures_look(struct trunk *t)
{
	struct place_server *s = figures_of(t);

	if (s == NULL)
		return;
	s->up = is_well(t);
	s->full = t->load.full || !has_streams(t);
	s->draining = t->load.draining;
	s->weight = t->load.weight;
	if (!t->tells_load)
		place_net_load(s, (uint32_t)roll_count(&t->roll), 0,
		    s->sent.last);
	if (place_is_open(s) && !TAILQ_EMPTY(&t->gate->waiting))
		gate_has_work(t->gate);
}

/* Some round trips are longer because a program was busy for a moment. */
void
figures_rtt(struct trunk *t, int64_t ms)
{
	struct place_server *s = figures_of(t);
	uint32_t us = (uint32_t)(ms < RTT_MAX_MS ? ms : RTT_MAX_MS) * 1000;

	if (s == NULL)
		return;
	s->rtt_us = s->rtt_us == RTT_UNKNOWN_US
			? us
			: (s->rtt_us * (RTT_PARTS - 1) + us) / RTT_PARTS;
}

void
figures_begin(struct trunk *t)
{
	struct gate *g = t->gate;
	struct place_server *s;

	if (figures_trunk(g, t->sid) != NULL)
		return;
	s = place_net_get(&g->net, t->sid);
	if (s == NULL)
		return; /* too many servers: this one is not used */
	place_net_down(s);
	s->rtt_us = RTT_UNKNOWN_US;
	t->first = true;
	if (t->tells_load)
		place_net_load(s, t->load.users, t->load.rate, 0);
	figures_look(t);
}

/* Let another trunk to the same server be the first. */
static void
begin_another(const struct trunk *ended)
{
	struct trunk *t;

	LIST_FOREACH(t, &ended->gate->trunks, link)
		if (t != ended && t->state == TRUNK_IS_UP &&
		    t->server != NULL && t->roll.last == 0 &&
		    place_sid_eq(&t->sid, &ended->sid)) {
			figures_begin(t);
			return;
		}
}

void
figures_end(struct trunk *t)
{
	if (!t->first)
		return;
	t->first = false;
	place_net_drop(&t->gate->net, t->sid);
	begin_another(t);
}

void
figures_load(struct trunk *t, const struct trunkline *x)
{
	struct place_server *s = figures_of(t);

	t->tells_load = true;
	t->load = (struct trunk_load){
		.users = x->n[0] < UINT32_MAX ? (uint32_t)x->n[0] : UINT32_MAX,
		.rate = x->n[1],
		.weight = (uint16_t)x->n[2],
		.draining = word_has(x->words, SPAN("draining")),
		.full = word_has(x->words, SPAN("full")),
	};
	if (s == NULL)
		return;
	place_net_load(s, t->load.users, t->load.rate, x->to);
	figures_look(t);
}

void
figures_sent(struct trunk *t, uint64_t rate)
{
	struct place_server *s = figures_of(t);

	if (s != NULL)
		(void)place_sent_add(&s->sent, rate, loop_now(t->gate->loop));
	figures_look(t);
}
