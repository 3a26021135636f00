/* Servers: they start, crash, lose their state, are copied, and get rows. */
#include "run.h"

#include "core/facts/shown_list.h"
#include "core/state.h"
#include "lib/net.h"

void
server_cut(struct world *w, unsigned a, unsigned b)
{
	static const char *const how[] = { "reset", "late", "dark" };
	unsigned k = world_below(w, 10);
	enum net_cut c;

	/*
	 * A server that is cut off again and again waits longer before it
	 * dials.
	 */
	if (w->plan->gentle && ++w->cuts[a][b] > 2)
		return;
	c = w->plan->gentle || k < 5 ? CUT_RESET : k < 8 ? CUT_LATE : CUT_DARK;
	world_note(w, "cut s%u s%u %s%s", a + 1, b + 1, how[c],
	    net_is_blocked(w->net, a, b) ? ", blocked" : "");
	net_cut(w->net, a, b, c);
}

void
server_heal_all(struct world *w)
{
	unsigned a, b;

	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			net_block(w->net, a, b, false);
}

/* No run of a server and its copy has the inc of another run. */
static void
part_incs(struct world *w, unsigned i)
{
	struct net_node *nn = &w->net->node[i];

	for (unsigned k = 0; k < w->net->n; k++)
		if (w->net->node[k].as == nn->as &&
		    w->net->node[k].inc ==
			(NET_EPOCH_MS + w->net->now / NS_PER_MS) / MS_PER_S)
			nn->inc = w->net->node[k].inc;
}

void
server_start(struct world *w, unsigned i)
{
	w->done[i] = w->overlay[i] = 0;
	part_incs(w, i);
	world_note(w, "start s%u", i + 1);
	oracle_started(w->oracle, i);
	net_start(w->net, i);
}

void
server_start_again(void *ctx, int64_t i)
{
	struct world *w = ctx;

	if (!net_is_up(w->net, (unsigned)i))
		server_start(w, (unsigned)i);
}

/* Let the server begin as if it had lost its folder of state. The clock alone
 * makes its next run a later one, and it gives the same uids again. A user with
 * a HOME may outlive the run, so no uid of such a user is given again
 * (doc/decisions/0004). */
static void
lose_state(struct world *w, unsigned x)
{
	struct net_node *nn = &w->net->node[x];

	if (nn->inc >= (NET_EPOCH_MS + w->net->now / NS_PER_MS) / MS_PER_S)
		return;
	world_note(w, "s%u has lost its state", x + 1);
	w->result->reached[REACH_LOST_STATE]++;
	nn->inc = 0;
	net_store_clear(&nn->store);
	if (!w->plan->homes)
		nn->uids = 0;
}

void
server_crash(struct world *w, unsigned x)
{
	bool stops;

	if (w->plan->gentle &&
	    (!net_is_up(w->net, x) || rest_missing(w) != NULL))
		return;
	/* some crashes are orderly: people stop the server */
	stops = !w->plan->gentle && world_chance(w, 30) &&
		net_is_up(w->net, x) && !net_is_frozen(w->net, x);
	world_note(w, "%s s%u", stops ? "stop" : "crash", x + 1);
	w->crashed[x] = true;
	if (stops) {
		oracle_stopped(w->oracle, x);
		net_stop(w->net, x);
	} else
		net_crash(w->net, x);
	if (w->opt->seed % 3 == 1 && !w->plan->skewed)
		lose_state(w, x);
	if (w->plan->gentle)
		net_call(w->net, w->net->now + world_below(w, 1500) * NS_PER_MS,
		    server_start_again, w, x);
}

#define GO_ON_TRIES 40
#define GO_ON_MS 25

/* The low bits of a are the server, those above them count the tries. */
void
server_goes_on(void *ctx, int64_t a)
{
	struct world *w = ctx;
	unsigned x = (unsigned)(a % NET_NODES),
		 tries = (unsigned)(a / NET_NODES);

	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x))
		return;
	if (tries == 0)
		gates_end(w, x);
	if (net_go_on(w->net, x) || tries == GO_ON_TRIES)
		return;
	if (tries == 0 || tries == GO_ON_TRIES / 2)
		net_end_busy(w->net, x, tries > 0);
	net_call(w->net, w->net->now + GO_ON_MS * NS_PER_MS, server_goes_on, w,
	    a + NET_NODES);
}

static void
renew(void *ctx, int64_t i)
{
	struct world *w = ctx;
	unsigned x = (unsigned)i;

	if (!w->renews[x])
		return;
	w->renews[x] = false;
	if (!net_is_up(w->net, x))
		return;
	world_note(w, "s%u begins a new run", x + 1);
	w->crashed[x] = true;
	net_crash(w->net, x);
	server_start(w, x);
}

void
server_renews(void *ctx, unsigned node, uint32_t above)
{
	struct world *w = ctx;
	struct net_node *nn = &w->net->node[node];

	if (w->renews[node])
		return;
	w->result->reached[REACH_RENEWED]++;
	w->renews[node] = true;
	if (nn->inc < above)
		nn->inc = above;
	net_call(w->net, w->net->now + 2 * NS_PER_MS, renew, w, node);
}

void
server_start_copy(void *ctx, int64_t unused)
{
	struct world *w = ctx;
	struct net_node *copy = &w->net->node[w->n],
			*of = &w->net->node[copy->as];

	(void)unused;
	world_note(w, "s%u is a copy of s%u", w->n + 1, copy->as + 1);
	copy->inc = of->inc;
	copy->uids = of->uids;
	server_start(w, w->n);
}

void
server_stop_copy(void *ctx, int64_t unused)
{
	struct world *w = ctx;

	(void)unused;
	if (!w->plan->copies || !net_is_up(w->net, w->n))
		return;
	world_note(w, "the copy is stopped");
	net_crash(w->net, w->n);
}

/* Return how many modes, lists, statuses and user modes are shown that are not
 * built in. */
static uint64_t
count_added(const struct core *core)
{
	const struct member *m;
	const struct chan *c;
	const struct user *u;
	uint64_t n = 0;

	for (size_t i = 0; (c = map_next(&core->facts.chans, &i)) != NULL;) {
		n += c->nshown > 0 && c->modes >> CM_BUILTIN != 0;
		for (unsigned k = CM_BUILTIN; k < core->tables.nchan_mode; k++)
			n += shown_first(c, k) != NULL;
		TAILQ_FOREACH(m, &c->members, chan_link)
			n += m->shown && member_status(m) >> ST_BUILTIN != 0;
	}
	for (size_t i = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		n += u->shown && u->modes >> UM_BUILTIN != 0;
	return n;
}

void
server_set_rows(struct world *w, unsigned x, size_t n)
{
	struct net_node *nn = &w->net->node[x];
	struct setup *s;

	if (nn->setup->settings.nrows == n)
		return;
	world_note(w, "s%u has %zu added rows", x + 1, n);
	s = setup_copy(nn->setup);
	s->settings.rows = w->rows;
	s->settings.nrows = n;
	if (!net_is_up(w->net, x)) {
		nn->setup = s;
		return;
	}
	net_reload(w->net, x, s);
	w->result->reached[REACH_HIDDEN_FACT] +=
	    count_added(node_core(nn->node));
}
