/*
 * JOIN and NICK that modes and modules may refuse. The end of a try is known
 * before it from the modes of the channel, as a client of the same server knows
 * them, and from its hidden members (hidden.c).
 */
#include "run.h"

#include <string.h>
#include <strings.h>

#include "lib/net.h"

/* Return what a client of the server knows of the channel, or NULL. */
static const struct ref_chan *
seen_there(const struct world *w, unsigned node, const char *chan)
{
	const struct person *q;
	const struct ref_chan *c;

	for (unsigned i = 0; i < w->npeople; i++) {
		q = &w->person[i];
		if (q->node != node || !person_can_act(w, q))
			continue;
		c = ref_chan(&q->ref, span_of(chan));
		if (c != NULL && c->modes_known && c->named)
			return c;
	}
	return NULL;
}

static bool
has_any(const struct person *p, const struct ref_chan *c, const char *modes)
{
	for (; *modes != '\0'; modes++)
		if (ref_has_mode(&p->ref, c, *modes))
			return true;
	return false;
}

/* Return what becomes of a JOIN as far as shown members matter. */
static enum tried_fate
shown_fate(const struct world *w, const struct person *p, const char *chan)
{
	const struct ref_chan *c = seen_there(w, p->node, chan);

	if (c == NULL)
		return hidden_is_new(w, p, chan) ? TRIED_DONE : TRIED_OPEN;
	/* nobody has an account */
	if (has_any(p, c, "R") || (has_any(p, c, "z") && !p->tls))
		return TRIED_REFUSED;
	if (has_any(p, c, "iklj") || !c->list[CM_BAN].known ||
	    c->list[CM_BAN].n > 0)
		return TRIED_OPEN;
	return TRIED_DONE;
}

static enum tried_fate
join_fate(const struct world *w, const struct person *p, const char *chan)
{
	enum tried_fate hidden = hidden_fate(w, p, chan);
	enum tried_fate shown = shown_fate(w, p, chan);

	return hidden == TRIED_REFUSED || shown == TRIED_DONE ? hidden : shown;
}

/* Count a JOIN that was refused, by its cause. */
static void
count_refused(struct world *w, const struct person *p, const char *chan)
{
	bool hidden = hidden_fate(w, p, chan) == TRIED_REFUSED;

	w->result
	    ->reached[hidden ? REACH_HIDDEN_REFUSES : REACH_KEPT_OUT]++;
}

static void
look_at_join(void *ctx, int64_t id)
{
	struct world *w = ctx;
	struct person *p = &w->person[id];
	const struct tried *t = &p->join;

	if (t->fate == TRIED_OPEN || !person_is_open(p) ||
	    person_waits_for_masks(w, p) || !person_acts_at_once(p) ||
	    join_fate(w, p, t->name) != t->fate)
		return;
	if (t->fate == TRIED_REFUSED)
		count_refused(w, p, t->name);
	if (t->fate == TRIED_REFUSED &&
	    ref_chan(&p->ref, span_of(t->name)) != NULL)
		net_fail(w->net, "u%u joins %s in spite of its modes", p->id,
		    t->name);
	if (t->fate == TRIED_DONE && p->ref.cannot_join != t->refused)
		net_fail(w->net, "u%u may not join %s, and no mode says so",
		    p->id, t->name);
}

void
tried_join(struct world *w, struct person *p, const char *chan)
{
	struct tried *t = &p->join;

	t->fate = TRIED_OPEN;
	if (person_acts_at_once(p) && ref_chan(&p->ref, span_of(chan)) == NULL)
		t->fate = join_fate(w, p, chan);
	snprintf(t->name, sizeof(t->name), "%s", chan);
	t->refused = p->ref.cannot_join;
	person_sayf(p, "JOIN %s", chan);
	if (t->fate != TRIED_OPEN)
		net_call(w->net, w->net->now, look_at_join, w, p->id);
}

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
	bool told;

	if (t->fate == TRIED_OPEN || !person_is_open(p) ||
	    nick_fate(p) != t->fate || !person_acts_at_once(p))
		return;
	told = p->ref.keeps_nick != t->refused;
	w->result->reached[REACH_KEPT_NICK] += told;
	if (t->fate == TRIED_REFUSED && strcmp(p->ref.nick, t->name) == 0)
		net_fail(w->net, "u%u takes the nick %s in spite of +N", p->id,
		    t->name);
	if (t->fate == TRIED_DONE && told)
		net_fail(w->net, "u%u may not take the nick %s without +N",
		    p->id, t->name);
}

void
tried_nick(struct world *w, struct person *p, const char *nick)
{
	struct tried *t = &p->nick;

	t->fate = TRIED_OPEN;
	if (person_acts_at_once(p) && strcmp(p->ref.nick, nick) != 0)
		t->fate = nick_fate(p);
	snprintf(t->name, sizeof(t->name), "%s", nick);
	t->refused = p->ref.keeps_nick;
	person_sayf(p, "NICK %s", nick);
	if (t->fate != TRIED_OPEN)
		net_call(w->net, w->net->now, look_at_nick, w, p->id);
}
