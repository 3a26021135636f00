/*
 * A model of who may join a channel (modern-irc, "Channel Modes"): each mode
 * that closes the channel must let the user in. Modes and lists are those that
 * a client of the same server knows, and invitations are read from the facts of
 * the server. The JOINs that are tried give no key.
 */
#include "run.h"

#include <stdlib.h>

#include "core/facts/chan_name.h"
#include "core/facts/invites.h"
#include "core/state.h"
#include "lib/net.h"

/* The things that the steps below look at. */
struct door {
	const struct world *w;
	const struct person *p;
	const struct core *core;
	const struct chan *ch;
	const struct ref_chan *c; /* as a client of the server knows it */
};

static bool
has(const struct door *d, char mode)
{
	return ref_has_mode(&d->p->ref, d->c, mode);
}

static enum tried_fate
worse(enum tried_fate a, enum tried_fate b)
{
	if (a == TRIED_REFUSED || b == TRIED_REFUSED)
		return TRIED_REFUSED;
	return a == TRIED_OPEN ? a : b;
}

/* ---- each mode ----------------------------------------------------------- */

/* Return whether the user has an invitation that is not over. */
static bool
is_invited(const struct door *d)
{
	const struct net_node *nn = &d->w->net->node[d->p->node];
	const struct user *u =
	    facts_find_nick(&d->core->facts, span_of(d->p->ref.nick));
	int64_t now = NET_EPOCH_MS + d->w->net->now / NS_PER_MS + nn->skew_ms;
	const struct invite *i =
	    u == NULL ? NULL : invite_into(u, d->ch->current);

	for (; i != NULL && i->founding == d->ch->current; i = invite_next(i))
		if (i->expiry.ms == 0 || i->expiry.ms > now)
			return true;
	return false;
}

static enum tried_fate
by_invitation(const struct door *d)
{
	enum lists_hit hit = lists_invex(d->p, d->c);

	if (!has(d, 'i') || hit == HIT_YES || is_invited(d))
		return TRIED_DONE;
	return hit == HIT_NO ? TRIED_REFUSED : TRIED_OPEN;
}

static enum tried_fate
by_ban(const struct door *d)
{
	switch (lists_ban(d->p, d->c, false)) {
	case HIT_NO:
		return TRIED_DONE;
	case HIT_YES:
		return TRIED_REFUSED;
	case HIT_UNKNOWN:
		break;
	}
	return TRIED_OPEN;
}

/* Members who are not seen yet count, too, and the client does not know them.
 */
static enum tried_fate
by_limit(const struct door *d)
{
	enum chan_mode m = chan_mode_of_letter(d->p->ref.tables, 'l');

	if (!has(d, 'l'))
		return TRIED_DONE;
	if (d->c->n >= strtoull(d->c->value[m], NULL, 10))
		return TRIED_REFUSED;
	return d->ch->nveiled > 0 ? TRIED_OPEN : TRIED_DONE;
}

/* The modes of modules: nobody has an account. */
static enum tried_fate
by_modules(const struct door *d)
{
	if (has(d, 'R') || (has(d, 'z') && !d->p->tls))
		return TRIED_REFUSED;
	return throttle_fate(d->p, d->c);
}

/* ---- all of them --------------------------------------------------------- */

/* Return what a client of the server knows of the channel, or NULL. */
static const struct ref_chan *
seen_there(const struct world *w, unsigned node, struct span chan)
{
	const struct core *core = node_core(w->net->node[node].node);
	const struct person *q;
	const struct ref_chan *c;

	for (unsigned i = 0; i < w->npeople; i++) {
		q = &w->person[i];
		if (q->node != node || !person_can_act(w, q) ||
		    person_waits(q, core))
			continue;
		c = ref_chan(&q->ref, chan);
		if (c != NULL && c->modes_known && c->named)
			return c;
	}
	return NULL;
}

static enum tried_fate
shown_fate(const struct door *d)
{
	enum tried_fate fate;

	if (d->ch == NULL || !chan_is_shown(d->ch))
		return TRIED_DONE;
	if (d->c == NULL || d->ch->lists_postponed)
		return TRIED_OPEN;
	fate = worse(by_invitation(d), by_ban(d));
	fate = worse(fate, has(d, 'k') ? TRIED_REFUSED : TRIED_DONE);
	return worse(fate, worse(by_limit(d), by_modules(d)));
}

/* ---- another channel instead --------------------------------------------- */

#define FORWARDS 16 /* channels that send a user on, one after the other */

static const char *
value_of(const struct door *d, char letter)
{
	enum chan_mode m = chan_mode_of_letter(d->p->ref.tables, letter);

	return m != CM_NONE && has(d, letter) ? d->c->value[m] : "";
}

/* Return true, and the channel to which this one sends the user, or an empty
 * text; return false if it is not known. +L is for those whom only +l keeps
 * out. */
static bool
leads_to(const struct door *d, const char **to)
{
	enum tried_fate before = worse(by_invitation(d), by_ban(d));

	*to = value_of(d, 'L');
	if (**to != '\0') {
		if (before == TRIED_OPEN || by_limit(d) == TRIED_OPEN)
			return false;
		if (before == TRIED_DONE && !has(d, 'k') &&
		    by_limit(d) == TRIED_REFUSED)
			return true;
	}
	*to = value_of(d, 'f');
	return true;
}

/* Return true if the user may be sent to the channel. */
static bool
takes(const struct door *d)
{
	return d->ch != NULL && chan_is_shown(d->ch) &&
	       d->ch->current != NULL && d->ch->nmembers == d->ch->nshown &&
	       ref_chan(&d->p->ref, rcbuf_span(d->ch->name)) == NULL;
}

static struct door
door_of(const struct world *w, const struct person *p, struct span name)
{
	struct door d = {
		.w = w, .p = p, .core = node_core(w->net->node[p->node].node)
	};

	d.ch = chan_name_lead(&d.core->facts, name);
	if (d.ch != NULL)
		d.c = seen_there(w, p->node, rcbuf_span(d.ch->name));
	return d;
}

bool
door_instead(const struct world *w, const struct person *p, const char *chan,
    char to[REF_NAME])
{
	struct door d = door_of(w, p, span_of(chan));
	enum tried_fate fate = TRIED_REFUSED;
	const char *name;

	to[0] = '\0';
	for (unsigned i = 0; i < FORWARDS && fate == TRIED_REFUSED; i++) {
		if (d.c == NULL || !leads_to(&d, &name))
			return false;
		if (name[0] == '\0')
			return true;
		d = door_of(w, p, span_of(name));
		if (!takes(&d))
			return true;
		fate = shown_fate(&d);
	}
	if (fate == TRIED_DONE)
		snprintf(to, REF_NAME, "%.*s",
		    SPAN_ARG(rcbuf_span(d.ch->name)));
	return fate != TRIED_OPEN;
}

enum tried_fate
door_fate(const struct world *w, const struct person *p, const char *chan)
{
	struct door d = { .w = w,
		.p = p,
		.core = node_core(w->net->node[p->node].node),
		.c = seen_there(w, p->node, span_of(chan)) };

	d.ch = chan_name_find(&d.core->facts, span_of(chan));
	return worse(shown_fate(&d), hidden_fate(w, p, chan));
}

bool
door_is_shut(const struct world *w, const struct person *p, const char *chan)
{
	static const char modes[] = "kRz";
	const struct ref_chan *c = seen_there(w, p->node, span_of(chan));
	enum chan_mode m;

	for (const char *x = modes; c != NULL && *x != '\0'; x++) {
		m = chan_mode_of_letter(p->ref.tables, *x);
		if (ref_has_mode(&p->ref, c, *x) &&
		    c->mode_at[m] < w->net->now && (*x != 'z' || !p->tls))
			return true;
	}
	return false;
}

bool
door_is_throttled(const struct world *w, const struct person *p,
    const char *chan)
{
	const struct ref_chan *c = seen_there(w, p->node, span_of(chan));

	return c != NULL && throttle_fate(p, c) == TRIED_REFUSED;
}
