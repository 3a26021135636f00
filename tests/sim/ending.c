/*
 * The checks of the end, once the network is whole. In the very end somebody
 * quits, and people of each server ask by WHOWAS who it was.
 */
#include "run.h"

#include <inttypes.h>

#include "core/state.h"
#include "lib/net.h"
#include "link/info.h"
#include "link/net.h"

void
ending_left(struct world *w)
{
	const struct core *core;
	const struct chan *c;
	unsigned i;
	size_t k;

	rng_seed(&w->rng, w->opt->seed ^ 0x1ef7);
	w->ending = true;
	net_run(w->net, (int64_t)w->plan->keep_s * 1000 * 40);
	w->ending = false;
	rest_wait_quiet(w);
	if (!w->net->failed && !w->opt->quick)
		oracle_rest(w->oracle, (1u << w->n) - 1);
	for (i = 0; i < w->n && !w->net->failed; i++) {
		core = node_core(w->net->node[i].node);
		for (k = 0; (c = map_next(&core->facts.chans, &k)) != NULL;)
			if (c->nmembers == 0)
				net_fail(w->net,
				    "s%u: %.*s has no members and "
				    "is there for ever",
				    i + 1, SPAN_ARG(rcbuf_span(c->fold)));
	}
}

void
ending_jumps(struct world *w)
{
	unsigned i, end = w->plan->late > 0 ? w->n - 1 : w->n;
	uint64_t jumped;

	for (i = 0; i < end && w->plan->gentle && !w->opt->lossy; i++) {
		jumped =
		    link_net_counts(node_links(w->net->node[i].node))->jumped;
		if (!w->crashed[i] && jumped > 0)
			net_fail(w->net,
			    "s%u has jumped over %ju entries, "
			    "and no outage was long",
			    i + 1, (uintmax_t)jumped);
	}
}

void
ending_wants(struct world *w)
{
	uint64_t wants;
	unsigned i;

	for (i = 0; i < w->n && !w->opt->lossy && w->nbrokers == 0; i++) {
		wants =
		    link_net_counts(node_links(w->net->node[i].node))->wants;
		if (wants > 0)
			net_fail(w->net, "invariant 6: s%u sent WANT %ju times",
			    i + 1, (uintmax_t)wants);
	}
}

/* Return true if the user was taken over, so that nobody is there. */
static bool
is_left(const struct world *w, const struct user *u)
{
	const struct user *there;
	unsigned i;

	for (i = 0; i < w->n && user_home_reg(u) != NULL; i++)
		if (sid_cmp(setup_sid(i), user_home(u).sid) == 0) {
			there = facts_find_uid(&node_core(w->net->node[i].node)
						    ->facts,
			    u->uid);
			return there != NULL && LIST_EMPTY(&there->sessions);
		}
	return false;
}

void
ending_people(struct world *w)
{
	const struct core *core = node_core(w->net->node[0].node);
	const struct user *u;
	struct person *p;
	size_t i, n, shown;
	uint64_t id;

	for (i = n = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (p->open && !p->ref.registered)
			net_fail(w->net, "u%u cannot register", p->id);
		n += person_is_open(p);
		if (!person_is_open(p))
			continue;
		u = facts_find_nick(&core->facts, span_of(p->ref.nick));
		if (u == NULL ||
		    !span_u64(span_tail(ident_username(u->ident), 1), &id) ||
		    id != p->id)
			net_fail(w->net, "u%u is not shown as %s", p->id,
			    p->ref.nick);
	}
	for (i = shown = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		shown += u->shown && !is_left(w, u);
	if (n != shown)
		net_fail(w->net, "%zu people are here, %zu are shown", n,
		    shown);
}

void
ending_watches(struct world *w)
{
	const struct core *core;
	struct person *p;

	for (unsigned i = 0; i < w->npeople && !w->net->failed; i++) {
		p = &w->person[i];
		if (!person_can_act(w, p) || p->c->closing)
			continue;
		core = node_core(w->net->node[p->node].node);
		if (person_waits(p, core))
			continue;
		ref_compare(&p->ref, core);
		if (p->ref.bad)
			net_fail(w->net, "at rest: u%u on s%u: %s", i,
			    p->node + 1, p->ref.why);
	}
}

/* Return a person who has a nick, or NULL. */
static struct person *
some_named(struct world *w)
{
	struct person *p = person_some(w);

	return p == NULL || (p->ref.nick[0] >= '0' && p->ref.nick[0] <= '9')
		   ? NULL
		   : p;
}

void
ending_whowas(struct world *w)
{
	struct person *p, *left = some_named(w);
	unsigned i;

	if (left == NULL || w->plan->homes)
		return;
	person_say(left, "QUIT :over");
	net_run(w->net, 3000);
	rest_wait_quiet(w);
	w->left = left;
	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (p == left || !person_can_act(w, p))
			continue;
		w->told[i] = WAS_ASKED;
		person_sayf(p, "WHOWAS %s 1", left->ref.nick);
	}
	net_run(w->net, 3000);
	for (i = 0; i < w->npeople; i++) {
		w->result->reached[REACH_WHOWAS] += w->told[i] == WAS_RIGHT;
		if (person_is_open(&w->person[i]) &&
		    (w->told[i] == WAS_WRONG || w->told[i] == WAS_ASKED))
			net_fail(w->net,
			    "u%u on s%u is not told that %s was u%u", i,
			    w->person[i].node + 1, left->ref.nick, left->id);
	}
}

void
ending_labels(struct world *w)
{
	struct person *p;
	unsigned i, k;

	for (i = 0; i < w->npeople; i++) {
		p = &w->person[i];
		if (person_is_open(p) && !p->c->closing) {
			ref_rest(&p->ref);
			if (p->ref.bad)
				net_fail(w->net, "u%u: %s", p->id, p->ref.why);
		}
		for (k = 0; person_is_open(p) && k < p->nlabels; k++)
			if (p->answered[k] == 0)
				net_fail(w->net,
				    "u%u: label %u is never "
				    "answered",
				    p->id, k);
	}
}
