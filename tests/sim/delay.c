/*
 * A model of the nicks that are held after their users have left them (module
 * nickdelay). It compares whom each server shows before and after a step, and
 * knows neither the changes that the module hears of nor what it remembers.
 *
 * A step that brings several entries may show a nick that is taken and left
 * again. So all nicks are in doubt for a while then. A user who is shown no
 * more has quit or is lost in a split: the server knows, and the model does
 * not, so it is sure of the shorter time only.
 */
#include "run.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/state.h"
#include "lib/net.h"
#include "wire/casemap.h"

#define CHANGE_S 3
#define QUIT_S 4
#define SPLIT_S 6
#define NEAR (2 * NS_PER_MS) /* so near to its end a hold may be over */

struct delay_user { /* who is shown */
	struct uid uid;
	struct addr addr;
	char nick[REF_NAME];
};

struct delay_left { /* a nick that was left */
	char nick[REF_NAME];
	struct uid by;
	struct addr addr;     /* ADDR_NONE: the user is still there */
	int64_t at;	      /* ns */
	int64_t sure, likely; /* ns: held until then, surely and maybe */
};

void
delay_draw(struct setup *s)
{
	char text[3][8];

	snprintf(text[0], sizeof(text[0]), "%d", CHANGE_S);
	snprintf(text[1], sizeof(text[1]), "%d", QUIT_S);
	snprintf(text[2], sizeof(text[2]), "%d", SPLIT_S);
	invariant(setup_set(s, "nickdelay.change_s", text[0]) &&
		  setup_set(s, "nickdelay.quit_s", text[1]) &&
		  setup_set(s, "nickdelay.split_s", text[2]));
}

/* ---- what a step changes ------------------------------------------------- */

static struct delay_left *
find(struct delay *d, struct span nick)
{
	for (size_t i = 0; i < d->nleft; i++)
		if (casemap_eq(span_of(d->left[i].nick), nick))
			return &d->left[i];
	return NULL;
}

static struct delay_left *
get(struct delay *d, const char *nick)
{
	struct delay_left *x = find(d, span_of(nick));

	if (x != NULL)
		return x;
	if (d->nleft == d->capleft)
		d->left = mem_grow(d->left, &d->capleft, 16, sizeof(*d->left));
	x = &d->left[d->nleft++];
	snprintf(x->nick, sizeof(x->nick), "%s", nick);
	return x;
}

/* Return true for a uid, by which a user without a nick is shown. */
static bool
is_uid(struct span nick)
{
	return nick.n > 0 && nick.p[0] >= '0' && nick.p[0] <= '9';
}

/* The user is shown no more, or under another nick. */
static void
leave(struct delay *d, const struct delay_user *u, bool gone, int64_t now)
{
	struct delay_left *x;

	if (is_uid(span_of(u->nick)))
		return;
	x = get(d, u->nick);
	x->by = u->uid;
	x->addr = gone ? u->addr : ADDR_NONE;
	x->at = now;
	x->sure = now + (gone ? QUIT_S : CHANGE_S) * SECOND;
	x->likely = now + (gone ? SPLIT_S : CHANGE_S) * SECOND;
}

static void
compare(struct delay *d, const struct core *core, int64_t now)
{
	const struct delay_user *x;
	const struct user *u;
	struct span nick;

	for (size_t i = 0; i < d->nuser; i++) {
		x = &d->user[i];
		u = facts_find_uid(&core->facts, x->uid);
		if (u == NULL || !u->shown) {
			leave(d, x, true, now);
			continue;
		}
		nick = user_nick(u);
		/* the user may have lost the nick to another one */
		if (!casemap_eq(nick, span_of(x->nick)) && !is_uid(nick))
			leave(d, x, false, now);
	}
}

static void
note_users(struct delay *d, const struct core *core)
{
	const struct user *u;
	struct delay_user *x;

	d->nuser = 0;
	for (size_t i = 0; (u = map_next(&core->facts.users, &i)) != NULL;) {
		if (!u->shown)
			continue;
		if (d->nuser == d->capuser)
			d->user = mem_grow(d->user, &d->capuser, 16,
			    sizeof(*d->user));
		x = &d->user[d->nuser++];
		x->uid = u->uid;
		x->addr = ADDR_NONE;
		(void)addr_parse(ident_ip(u->ident), &x->addr);
		snprintf(x->nick, sizeof(x->nick), "%.*s",
		    SPAN_ARG(user_nick(u)));
	}
}

void
delay_started(struct world *w, unsigned node)
{
	struct delay *d = &w->delay[node];

	d->nuser = d->nleft = 0;
	d->doubt = 0;
}

void
delay_step(struct world *w, unsigned node, bool one_entry)
{
	const struct core *core = node_core(w->net->node[node].node);
	struct delay *d = &w->delay[node];

	if (!w->plan->modules)
		return;
	if (!one_entry)
		d->doubt = w->net->now + SPLIT_S * SECOND + NEAR;
	compare(d, core, w->net->now);
	note_users(d, core);
}

void
delay_fini(struct world *w)
{
	for (unsigned i = 0; i < NET_NODES; i++) {
		free(w->delay[i].user);
		free(w->delay[i].left);
	}
}

/* ---- what follows from it ------------------------------------------------ */

static bool
has_module(const struct world *w, unsigned node)
{
	return w->plan->modules &&
	       w->net->node[node].setup->settings.nrows == w->nrows;
}

/* Return the nick if it is held for somebody else than this client. */
static const struct delay_left *
find_held(struct world *w, const struct person *p, const char *nick)
{
	const struct core *core = node_core(w->net->node[p->node].node);
	const struct delay_left *x = find(&w->delay[p->node], span_of(nick));
	const struct user *u;

	if (x == NULL || x->likely + NEAR < w->net->now)
		return NULL;
	u = p->ref.registered
		? facts_find_nick(&core->facts, span_of(p->ref.nick))
		: NULL;
	if (u != NULL && uid_cmp(u->uid, x->by) == 0)
		return NULL;
	return !addr_is_none(&x->addr) && addr_eq(&x->addr, &p->addr) ? NULL
								      : x;
}

enum tried_fate
delay_fate(struct world *w, const struct person *p, const char *nick)
{
	const struct delay *d = &w->delay[p->node];
	const struct delay_left *x;

	if (!has_module(w, p->node) ||
	    casemap_eq(span_of(p->ref.nick), span_of(nick)))
		return TRIED_DONE;
	if (w->opt->quick || d->doubt > w->net->now)
		return TRIED_OPEN;
	x = find_held(w, p, nick);
	if (x == NULL)
		return TRIED_DONE;
	return w->net->now < x->sure - NEAR ? TRIED_REFUSED : TRIED_OPEN;
}

void
delay_registered(struct world *w, const struct person *p)
{
	const struct delay *d = &w->delay[p->node];
	const struct delay_left *x;

	if (!has_module(w, p->node) || w->opt->quick || p->back ||
	    d->doubt > w->net->now)
		return;
	x = find(&w->delay[p->node], span_of(p->ref.nick));
	if (x != NULL && x->at < p->since && w->net->now < x->sure - NEAR &&
	    (addr_is_none(&x->addr) || !addr_eq(&x->addr, &p->addr)))
		net_fail(w->net, "u%u registers as %s, which is held", p->id,
		    p->ref.nick);
}
