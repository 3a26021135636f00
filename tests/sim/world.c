/* Run one network: its acts, one after the other, and then its end. */
#include "world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/net.h"
#include "link/info.h"
#include "link/net.h"
#include "run.h"

uint64_t world_seed;

unsigned
world_below(struct world *w, unsigned n)
{
	return (unsigned)rng_below(&w->rng, n);
}

bool
world_chance(struct world *w, unsigned percent)
{
	return world_below(w, 100) < percent;
}

void
world_note(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->opt->trace == NULL)
		return;
	fprintf(w->opt->trace, "%10.3f ", (double)w->net->now / 1e9);
	va_start(ap, fmt);
	vfprintf(w->opt->trace, fmt, ap);
	va_end(ap);
	fputc('\n', w->opt->trace);
}

static unsigned
weight(const struct world *w, enum act a)
{
	unsigned k = plan_weight(w->plan, a);

	if (a == ACT_GATE && w->ngates == 0)
		return 0;
	return a == ACT_CONNECT && w->full_gates ? k * 4 : k;
}

static void
act(void *ctx, int64_t k)
{
	struct world *w = ctx;
	unsigned a, x, sum;
	double gap, rate;

	if (w->net->now >= w->until)
		return;
	rng_seed(&w->rng, w->opt->seed * UINT64_C(1000003) + (uint64_t)k);
	rate = w->plan->rate > 0 ? w->plan->rate : 20;
	gap = (double)(1 + world_below(w, 2000)) / 1000 / rate;
	for (a = sum = 0; a < ACT_COUNT; a++)
		sum += weight(w, a);
	x = world_below(w, sum);
	for (a = 0; x >= weight(w, a); a++)
		x -= weight(w, a);
	net_call(w->net, w->net->now + (int64_t)(gap * 1e9), act, w, k + 1);
	w->acts = (size_t)k + 1;
	if ((size_t)k < w->opt->nleft_out && w->opt->left_out[k])
		return;
	if (a == ACT_CONNECT)
		person_connect(w);
	else if (a < ACT_CUT)
		acts_of_person(w, a);
	else
		acts_of_network(w, a);
}

static void
count(struct world *w)
{
	struct world_result *r = w->result;
	const struct link_counts *c;
	unsigned i;

	r->acts = w->acts;
	r->entries = oracle_entries(w->oracle);
	r->messages = w->nmsgs;
	r->steps = w->net->steps;
	r->lines = w->net->lines;
	gates_count(w);
	brokers_count(w);
	for (i = 0; i < w->n; i++) {
		if (!net_is_up(w->net, i))
			continue;
		c = link_net_counts(node_links(w->net->node[i].node));
		r->snapshots += c->snaps_out;
		r->wants += c->wants;
		r->jumped += c->jumped;
		r->duplicates += c->duplicates;
	}
}

void
world_run(const struct world_options *opt, struct world_result *result)
{
	struct world *w;
	unsigned i, late;
	bool in_parts;

	world_seed = opt->seed;
	memset(result, 0, sizeof(*result));
	w = mem_zalloc(sizeof(*w));
	w->opt = opt;
	w->result = result;
	w->tenures = 1;
	names_init();
	w->plan = plan_get(opt->plan, opt->seed);
	result->plan = w->plan->name;
	rng_seed(&w->rng, opt->seed ^ UINT64_C(0xba11));
	draw_network(w);
	w->until =
	    (int64_t)((w->plan->seconds > 0 ? w->plan->seconds : 12) * 1e9);
	late = w->plan->late > 0 ? w->n - 1 : w->n;
	for (i = 0; i < w->n; i++)
		if (i != late &&
		    (i == 0 || w->plan->gentle || world_chance(w, 90)))
			server_start(w, i);
	if (late < w->n)
		net_call(w->net, (int64_t)(w->plan->late * 1e9),
		    server_start_again, w, late);
	in_parts = !w->plan->gentle && world_chance(w, 30);
	net_call(w->net, SECOND / 2, act, w, 0);
	gates_begin(w);
	if (w->plan->copies) {
		net_call(w->net, w->until / 5, server_start_copy, w, 0);
		net_call(w->net, w->until / 5 * (2 + world_below(w, 4)),
		    server_stop_copy, w, 0);
	}
	if (w->plan->crowd) {
		net_call(w->net, w->until / 4, crowd_split, w, 0);
		net_call(w->net, w->until / 2, crowd_heal, w, 0);
	}
	net_run_until(w->net, w->until);
	if (!w->net->failed && in_parts)
		rest_in_parts(w);
	if (!w->net->failed)
		rest_heal(w);
	if (!w->net->failed && w->plan->rows)
		rest_even_rows(w);
	if (!w->net->failed)
		message_probe(w);
	if (opt->lossy && !w->net->failed)
		rest_come(w);
	rest_wait_quiet(w);
	if (!w->net->failed && !opt->quick) {
		oracle_rest(w->oracle, (1u << w->n) - 1);
		ending_people(w);
		message_check(w);
		ending_watches(w);
		ending_labels(w);
		ending_jumps(w);
		ending_wants(w);
		gates_rest(w);
	}
	if (!w->net->failed && !opt->lossy)
		ending_whowas(w);
	if (!w->net->failed && w->plan->keep_s == 1 && !w->plan->forgets)
		ending_left(w);
	if (!w->net->failed && w->plan->restarts)
		restart_check(w);
	count(w);
	if (!w->net->failed && opt->replay && !net_replay(w->net))
		net_fail(w->net, "the same events gave other effects");
	result->hash = w->net->hash;
	result->failed = w->net->failed;
	memcpy(result->why, w->net->why, sizeof(result->why));
	for (i = 0; i < w->npeople; i++)
		ref_fini(&w->person[i].ref);
	delay_fini(w);
	oracle_free(w->oracle);
	net_free(w->net);
	free(w->jump);
	free(w);
}
