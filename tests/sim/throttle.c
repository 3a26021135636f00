/*
 * A model of +j (module jointhrottle), made of the JOINs that a client on the
 * channel hears. The client does not know the window that was open when it
 * came, or when the mode was set. So it is sure of the windows only after a
 * time without a join that is as long as a window. A join that is shown late,
 * after a split, does not count: its time is read from the facts of the server.
 */
#include "run.h"

#include <string.h>

#include "core/facts/chan_name.h"
#include "core/state.h"
#include "lib/net.h"

#define NEAR (2 * NS_PER_MS) /* so near to its end a window may be over */

/* Read +j: so many joins in so many nanoseconds. */
static bool
rate_of(const struct ref *r, const struct ref_chan *c, unsigned *joins,
    int64_t *ns)
{
	enum chan_mode m = chan_mode_of_letter(r->tables, 'j');
	unsigned seconds;

	if (m == CM_NONE || !ref_has_mode(r, c, 'j') ||
	    sscanf(c->value[m], "%u:%u", joins, &seconds) != 2)
		return false;
	*ns = seconds * SECOND;
	return true;
}

/* Return since when the client hears each join that counts. */
static int64_t
heard_since(const struct ref *r, const struct ref_chan *c)
{
	int64_t j = c->mode_at[chan_mode_of_letter(r->tables, 'j')];
	int64_t veils = c->mode_at[chan_mode_of_letter(r->tables, 'D')];
	int64_t since = j > veils ? j : veils;

	return since > c->joined ? since : c->joined;
}

/* Return true if no window is open, since nobody has joined for so long. */
static bool
is_calm(const struct ref *r, const struct ref_chan *c, int64_t ns, int64_t now)
{
	int64_t since = heard_since(r, c);

	if (since < c->joins.last)
		since = c->joins.last;
	return now - since > ns + NEAR;
}

/* Return true if a window that ends then may be over or not. */
static bool
is_near(int64_t end, int64_t now)
{
	return now > end - NEAR && now < end + NEAR;
}

/* Return how old the membership is, in ms, or -1 if it is not found. */
static int64_t
age_of(const struct person *p, const struct ref_chan *c, const char *user)
{
	const struct net_node *nn = &p->world->net->node[p->node];
	const struct chan *ch =
	    chan_name_find(&node_core(nn->node)->facts, span_of(c->name));
	const struct member *m;

	if (ch == NULL)
		return -1;
	TAILQ_FOREACH(m, &ch->members, chan_link)
		if (span_eq(ident_username(m->user->ident), span_of(user)))
			return NET_EPOCH_MS + p->world->net->now / NS_PER_MS +
			       nn->skew_ms - member_stamp(m).ms;
	return -1;
}

void
throttle_came(const struct person *p, struct ref_chan *c, const char *user)
{
	struct ref_joins *x = &c->joins;
	int64_t ns, now = p->world->net->now, age = age_of(p, c, user);
	unsigned most;
	bool doubt;

	if (!rate_of(&p->ref, c, &most, &ns))
		return;
	if (age > ns / NS_PER_MS + NEAR / NS_PER_MS)
		return;
	/* so old a join may not count */
	doubt = age < 0 || age > (ns - NEAR) / NS_PER_MS;
	if (is_calm(&p->ref, c, ns, now)) {
		*x = (struct ref_joins){ now, now, 1, !doubt };
		return;
	}
	x->last = now;
	if (doubt || is_near(x->since + ns, now))
		x->sure = false;
	if (now >= x->since + ns) {
		x->since = now;
		x->n = 0;
	}
	x->n++;
}

enum tried_fate
throttle_fate(const struct person *p, const struct ref_chan *c)
{
	const struct ref_joins *x = &c->joins;
	int64_t ns, now = p->world->net->now;
	unsigned most;

	if (!ref_has_mode(&p->ref, c, 'j'))
		return TRIED_DONE;
	if (ref_has_mode(&p->ref, c, 'D') || !rate_of(&p->ref, c, &most, &ns))
		return TRIED_OPEN;
	if (is_calm(&p->ref, c, ns, now))
		return TRIED_DONE;
	if (!x->sure || x->since < heard_since(&p->ref, c) ||
	    is_near(x->since + ns, now))
		return TRIED_OPEN;
	return now < x->since + ns && x->n >= most ? TRIED_REFUSED : TRIED_DONE;
}
