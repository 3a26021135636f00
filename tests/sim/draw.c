/* Draw a network: its graph, its links, and the settings of its servers. */
#include "run.h"

#include "lib/net.h"
#include "lib/rows.h"

static void
draw_graph(struct world *w)
{
	static const unsigned char sizes[] = { 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6,
		7 };
	unsigned kind, a, b;

	w->n = w->plan->crowd ? 12 + world_below(w, 3)
			      : sizes[world_below(w, sizeof(sizes))];
	kind = w->plan->crowd ? 1 : world_below(w, 4);
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			w->edge[a][b] =
			    kind == 0 ? b == a + 1
			    : kind == 1
				? b == a + 1 || (a == 0 && b == w->n - 1)
			    : kind == 2 ? true
					: world_chance(w, 35);
	/* no server stays without an edge */
	for (b = 1; kind == 3 && b < w->n; b++)
		w->edge[world_below(w, b)][b] = true;
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			w->edge[b][a] = w->edge[a][b];
}

/* Return for how many seconds server a shows servers that it cannot reach.
 * Three of four networks have a grace time, and one of these several. */
static uint32_t
grace_of(const struct world *w, unsigned a)
{
	static const unsigned char grace[] = { 0, 2, 6 };
	uint64_t k = w->opt->seed / 3 % 4;

	return k < 3 ? grace[k] : grace[a % 3];
}

/* Let a node be server a, which dials those servers. */
static void
draw_server(struct world *w, unsigned node, unsigned a, uint32_t dials)
{
	const struct plan *plan = w->plan;
	struct setup *s;

	s = setup_new(a, w->n, dials);
	if (plan->keep_s > 0)
		s->settings.keep_s = plan->keep_s;
	if (plan->keep_bytes > 0)
		s->settings.keep_bytes = plan->keep_bytes;
	if (plan->forgets && w->opt->seed % 4 == 1 && a % 2 != 0)
		/* the log is never trimmed by time */
		s->settings.keep_s = 60;
	/* some users have no HOME */
	s->settings.homes_move = plan->homes && (w->opt->seed + a) % 4 != 0;
	s->settings.pump_bytes = plan->pump_bytes;
	s->settings.forget_s = plan->forgets && w->opt->seed % 2 ? 8 : 0;
	if (plan->patient && (w->opt->seed + a) % 2 == 0)
		s->settings.link_silence_s = 15;
	s->settings.grace_s = grace_of(w, a);
	s->settings.alone_ms = 500 + 500 * world_below(w, 5);
	s->settings.dns_enabled = (w->opt->seed + a) % 3 == 1;
	s->settings.dns_private = true;
	s->settings.list_max = plan->doors ? 2 : 3;
	s->settings.hold_s = 1 + (w->opt->seed + a) % 3;
	s->settings.rows = w->rows;
	if (plan->modules && (w->opt->seed + a) % 4 != 0)
		s->settings.nrows = w->nrows;
	else if (!plan->rows)
		s->settings.nrows = ROWS_ALWAYS;
	else if ((w->opt->seed + a) % 3 != 0)
		s->settings.nrows = w->nrows;
	if (plan->modules && s->settings.nrows == w->nrows) {
		delay_draw(s);
		setup_set(s, "autojoin.channels", autojoin_draw(w, a));
	}
	setup_set(s, "oper", "root secret");
	gates_set(w, a, s);
	brokers_set(w, a, s);
	/* So small a sendq makes most long answers come in pieces. */
	if ((w->opt->seed + a) % 4 == 0)
		setup_set(s, "sendq", "128");
	/* So small a one that a heal waits for the deaf. */
	if (plan_weight(w->plan, ACT_DEAF) > 0 && (w->opt->seed + a) % 4 == 2)
		setup_set(s, "sendq", SLOW_SENDQ_TEXT);
	if (w->opt->seed % 7 == 3 && a % 3 == 0) {
		s->class->flood_burst = 20;
		s->class->flood_rate = 20;
	}
	/* so little that lines, timers and answers wait for turns; sometimes
	 * less than a single one of them costs */
	if ((w->opt->seed + a) % 5 == 0)
		s->settings.turn_work = w->opt->seed % 4 == 2 ? 60 : 500;
	if (s->settings.turn_work != 0 && w->opt->seed % 3 != 0) {
		w->net->node[node].turn_ns =
		    (int64_t)(1 + w->opt->seed % 40) * NS_PER_MS;
		s->settings.backlog_bytes = 1000;
	}
	net_setup(w->net, node, s);
	w->net->node[node].mutation = w->opt->mutation;
	if (plan->skewed)
		w->skew[node] = (int64_t)world_below(w, 4000) - 2000;
	w->net->node[node].skew_ms = w->skew[node];
}

/* Draw the server of which there is a copy. The copy dials all neighbours. */
static void
draw_copy(struct world *w)
{
	unsigned of = world_below(w, w->n);
	uint32_t dials = 0;

	for (unsigned b = 0; b < w->n; b++)
		if (w->edge[of][b])
			dials |= 1u << b;
	w->net->node[w->n].as = of;
	draw_server(w, w->n, of, dials);
}

void
draw_network(struct world *w)
{
	const struct plan *plan = w->plan;
	uint32_t dials[NET_NODES] = { 0 };
	unsigned a, b, k;

	draw_graph(w);
	gates_draw(w);
	brokers_draw(w);
	w->rows = plan->modules ? rows_modules() : rows_added();
	w->nrows = plan->modules ? ROWS_MODULES : ROWS_ADDED;
	w->tables = plan->modules ? rows_modules_all() : rows_all();
	w->net = net_new(w->opt->seed, w->n + plan->copies);
	brokers_make(w);
	if (w->opt->trace_events)
		w->net->trace = w->opt->trace;
	w->net->delay_min =
	    plan->delay_max_ms > 0 ? plan->delay_min_ms * NS_PER_MS : NS_PER_MS;
	w->net->delay_max = plan->delay_max_ms > 0
				? plan->delay_max_ms * NS_PER_MS
				: 60 * NS_PER_MS;
	w->net->bandwidth = plan->bandwidth;
	w->net->dial_fails = plan->dial_fails;
	if (w->opt->seed % 9 == 4)
		w->net->older = 0x5555;
	net_name(w->net, NET_HOST, addr_v4((unsigned char[4]){ 127, 0, 0, 1 }),
	    "home.example.test");
	/* few uids at first, and answers that come late, twice or never */
	if (w->opt->seed % 6 == 5) {
		w->net->odd_answers = 50;
		w->net->uids_ahead = 3 + (unsigned)(w->opt->seed % 8);
	}
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++) {
			if (!w->edge[a][b])
				continue;
			if (plan->uneven && world_chance(w, 50))
				w->net->delay_more[a][b] =
				    w->net->delay_more[b][a] =
					(int64_t)(300 + world_below(w, 1500)) *
					NS_PER_MS;
			k = plan->gentle ? 2 : world_below(w, 3);
			if (k != 1)
				dials[a] |= 1u << b;
			if (k != 0)
				dials[b] |= 1u << a;
		}
	for (a = 0; a < w->n; a++)
		draw_server(w, a, a, dials[a]);
	if (plan->copies)
		draw_copy(w);
	w->clocks = plan->skewed;
	hooks_set(w);
	w->oracle = oracle_new(w->net, w->opt->lossy, w->result->reached);
	if (plan->crowd)
		oracle_seldom(w->oracle);
	later_begin(w->opt->seed % 4 == 1);
	if (w->opt->replay)
		net_record(w->net);
	world_note(w, "%u servers, plan %s", w->n, plan->name);
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			if (w->edge[a][b])
				world_note(w, "edge s%u s%u", a + 1, b + 1);
}
