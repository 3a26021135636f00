/*
 * JOIN and NICK that modes and modules may refuse. The end of a JOIN is known
 * before it by door.c, and that of a NICK by delay.c and by the modes that the
 * client knows.
 */
#include "run.h"

#include <string.h>
#include <strings.h>

#include "lib/net.h"

static bool
has_any(const struct person *p, const struct ref_chan *c, const char *modes)
{
	for (; *modes != '\0'; modes++)
		if (ref_has_mode(&p->ref, c, *modes))
			return true;
	return false;
}

/* Count a JOIN that was refused, by its cause. */
static void
count_refused(struct world *w, const struct person *p, const char *chan)
{
	bool hidden = hidden_fate(w, p, chan) == TRIED_REFUSED;

	w->result->reached[hidden ? REACH_HIDDEN_REFUSES : REACH_KEPT_OUT]++;
}

/* Check where the user is who was refused. */
static void
look_at_refused(struct world *w, const struct person *p)
{
	const struct tried *t = &p->join;
	bool sent_on = p->ref.sent_on != t->sent_on;

	count_refused(w, p, t->name);
	w->result->reached[REACH_THROTTLED] += door_is_throttled(w, p, t->name);
	if (ref_chan(&p->ref, span_of(t->name)) != NULL)
		net_fail(w->net, "u%u joins %s in spite of its modes", p->id,
		    t->name);
	if (!t->is_led)
		return;
	w->result->reached[REACH_SENT_ON] += t->instead[0] != '\0';
	if (sent_on != (t->instead[0] != '\0') ||
	    (sent_on && ref_chan(&p->ref, span_of(t->instead)) == NULL))
		net_fail(w->net, "u%u is refused by %s, and not sent to `%s'",
		    p->id, t->name, t->instead);
}

static void
look_at_join(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];
	const struct tried *t = &p->join;

	if (t->fate == TRIED_OPEN || !person_is_open(p) ||
	    person_waits_for_masks(w, p) || !person_acts_at_once(p) ||
	    door_fate(w, p, t->name) != t->fate)
		return;
	if (t->fate == TRIED_REFUSED)
		look_at_refused(w, p);
	if (t->fate != TRIED_DONE)
		return;
	if (p->ref.cannot_join != t->refused)
		net_fail(w->net, "u%u may not join %s, and no mode says so",
		    p->id, t->name);
	else if (ref_chan(&p->ref, span_of(t->name)) == NULL &&
		 !person_waits(p, node_core(w->net->node[p->node].node)))
		net_fail(w->net, "u%u may join %s, and does not", p->id,
		    t->name);
}

void
tried_join(struct world *w, struct person *p, const char *chan)
{
	struct tried *t = &p->join;

	t->fate = TRIED_OPEN;
	if (person_acts_at_once(p) && ref_chan(&p->ref, span_of(chan)) == NULL)
		t->fate = door_fate(w, p, chan);
	t->is_led = t->fate == TRIED_REFUSED &&
		    hidden_fate(w, p, chan) == TRIED_DONE &&
		    door_instead(w, p, chan, t->instead);
	snprintf(t->name, sizeof(t->name), "%s", chan);
	t->refused = p->ref.cannot_join;
	t->sent_on = p->ref.sent_on;
	person_sayf(p, "JOIN %s", chan);
	if (t->fate != TRIED_OPEN)
		net_call(w->net, w->net->now, look_at_join, w, p->id);
}

/* Return what the modes of the channels of the person say to a NICK. */
static enum tried_fate
nick_fate(const struct person *p)
{
	enum tried_fate fate = TRIED_DONE;

	for (size_t i = 0; i < p->ref.nchans; i++) {
		if (!p->ref.chan[i]->modes_known)
			return TRIED_OPEN;
		if (has_any(p, p->ref.chan[i], "N"))
			fate = TRIED_REFUSED;
	}
	return fate;
}

static void
look_at_nick(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];
	const struct tried *t = &p->nick;
	bool told, held;

	if (t->fate == TRIED_OPEN || !person_is_open(p) ||
	    nick_fate(p) != t->by_modes || !person_acts_at_once(p))
		return;
	told = p->ref.keeps_nick != t->refused;
	held = p->ref.nick_held != t->held;
	w->result->reached[REACH_KEPT_NICK] += told;
	w->result->reached[REACH_HELD_NICK] += held;
	if (t->fate == TRIED_REFUSED && strcmp(p->ref.nick, t->name) == 0)
		net_fail(w->net,
		    "u%u takes the nick %s in spite of +N, or though it is "
		    "held",
		    p->id, t->name);
	if (t->fate == TRIED_DONE && (told || held))
		net_fail(w->net,
		    "u%u may not take the nick %s, and nothing says why", p->id,
		    t->name);
}

void
tried_nick(struct world *w, struct person *p, const char *nick)
{
	struct tried *t = &p->nick;

	enum tried_fate held;

	t->fate = TRIED_OPEN;
	if (person_acts_at_once(p) && strcmp(p->ref.nick, nick) != 0) {
		held = delay_fate(w, p, nick);
		t->by_modes = nick_fate(p);
		t->fate = t->by_modes == TRIED_DONE ? held : t->by_modes;
	}
	snprintf(t->name, sizeof(t->name), "%s", nick);
	t->refused = p->ref.keeps_nick;
	t->held = p->ref.nick_held;
	person_sayf(p, "NICK %s", nick);
	if (t->fate != TRIED_OPEN)
		net_call(w->net, w->net->now, look_at_nick, w, p->id);
}
