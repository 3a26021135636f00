/*
 * Gates, their trunks, and what happens to these. In half of the networks some
 * people come through gates. All that is checked of people is checked of these,
 * too; lib/net_trunk.c checks what crosses a trunk.
 *
 * People behind a trunk that is held are as people who read nothing, or as
 * people whose lines wait.
 */
#include "run.h"

#include "core/state.h"
#include "lib/net_trunk.h"
#include "node/node.h"
#include "trunk/state.h"

#define TICK_MS 800
#define LITTLE 800
#define FEW 2 /* streams that a server accepts of some gates */
#define MANY_STREAMS 100

void
gates_draw(struct world *w)
{
	uint64_t k = w->opt->seed / (plan_count() - 1);

	w->ngates = k % 2 == 0 ? 0 : 1 + (unsigned)(k / 2 % GATES);
	w->full_gates = k % 8 == 3;
}

void
gates_set(const struct world *w, unsigned a, struct setup *s)
{
	for (unsigned g = 0; g < w->ngates; g++)
		setup_gate(s, g,
		    (w->opt->seed + a + g) % 4 == 0 ? FEW : MANY_STREAMS);
	/* some do not say where they are */
	if (w->ngates > 0 && (w->opt->seed + a) % 5 != 0)
		setup_gates_at(s, a);
	/* so little that READ waits for a gate that does not read */
	if (w->ngates > 0 && s->settings.pump_bytes == 0 &&
	    (w->opt->seed + a) % 3 == 0)
		s->settings.pump_bytes = LITTLE;
}

/* ---- trunks come and go -------------------------------------------------- */

static void
go_on(struct world *w, unsigned node, struct gate_slot *slot, unsigned gate)
{
	if (slot->t != NULL && slot->t->dead) {
		slot->t = NULL;
		slot->again = w->net->now +
			      (int64_t)(500 + rng_below(&w->net->gates, 1500)) *
				  NS_PER_MS;
	}
	if (slot->t != NULL)
		net_trunk_beat(slot->t);
	else if (slot->again <= w->net->now)
		slot->t = net_trunk_dial(w->net, gate, node);
}

static void
tick(void *ctx, int64_t gate)
{
	struct world *w = ctx;

	for (unsigned x = 0; x < w->n; x++)
		for (unsigned k = 0; k < TRUNKS; k++)
			if (w->gate[gate][x][k].used && !w->net->failed)
				go_on(w, x, &w->gate[gate][x][k],
				    (unsigned)gate);
	net_call(w->net, w->net->now + TICK_MS * NS_PER_MS, tick, w, gate);
}

void
gates_begin(struct world *w)
{
	for (unsigned g = 0; g < w->ngates; g++) {
		for (unsigned x = 0; x < w->n; x++) {
			w->gate[g][x][0].used =
			    rng_below(&w->net->gates, 100) < 75;
			w->gate[g][x][1].used =
			    rng_below(&w->net->gates, 100) < 25;
		}
		net_call(w->net, w->net->now + (g + 1) * 100 * NS_PER_MS, tick,
		    w, g);
	}
}

/* Return the k-th trunk that is up, of that node or of any, or NULL. */
static struct net_trunk *
some_trunk(const struct world *w, unsigned node, bool idle, unsigned *n,
    unsigned k)
{
	struct net_trunk *t;

	*n = 0;
	TAILQ_FOREACH(t, &w->net->trunks, link)
		if ((node == NET_NODES || t->node == node) &&
		    net_trunk_is_up(t) && (!idle || net_trunk_is_idle(t)) &&
		    !net_is_frozen(w->net, t->node) && (*n)++ == k)
			return t;
	return NULL;
}

struct net_trunk *
gates_choose(struct world *w, unsigned node)
{
	unsigned n, k = 0;

	(void)some_trunk(w, node, true, &n, UINT32_MAX);
	if (n == 0 || world_chance(w, 15))
		return NULL;
	/* mostly by the same, so that its lists become long */
	if (!world_chance(w, w->full_gates ? 95 : 50))
		k = world_below(w, n);
	return some_trunk(w, node, true, &n, k);
}

/* ---- what happens to trunks ---------------------------------------------- */

/* Return true if the person has come by that trunk, and is there. */
static bool
is_behind(const struct person *p, const struct net_trunk *t)
{
	return p->open && p->c != NULL && p->c->stream != NULL &&
	       p->c->stream->trunk == t;
}

/* Cut the trunk as a server does that starts again: the users are held. */
void
gates_hold(struct world *w, struct net_trunk *t)
{
	bool behind[PEOPLE];

	if (t->dead || t->ending || net_is_frozen(w->net, t->node))
		return;
	world_note(w, "gate%u@s%u ends, and users are held", t->gate + 1,
	    t->node + 1);
	for (unsigned i = 0; i < w->npeople; i++)
		behind[i] = is_behind(&w->person[i], t);
	net_trunk_cut(t, true, "Server restarts");
	for (unsigned i = 0; i < w->npeople; i++)
		if (behind[i])
			person_is_held(w, &w->person[i]);
	w->result->reached[REACH_GATE_HELD]++;
}

void
gates_end(struct world *w, unsigned node)
{
	struct net_trunk *t;

	TAILQ_FOREACH(t, &w->net->trunks, link)
		if (t->node == node)
			gates_hold(w, t);
	for (unsigned g = 0; g < w->ngates; g++)
		for (unsigned k = 0; k < TRUNKS; k++)
			w->gate[g][node][k].again =
			    w->net->now + 3 * SECOND / 2;
}

static void
resume(void *ctx, int64_t way)
{
	struct net_trunk *t = ctx;
	struct world *w = t->net->hooks.ctx;

	if (!t->held[way])
		return;
	world_note(w, "gate%u@s%u goes on %s", t->gate + 1, t->node + 1,
	    way == WAY_UP ? "to the server" : "from the server");
	for (unsigned i = 0; i < w->npeople && way == WAY_DOWN; i++)
		if (is_behind(&w->person[i], t))
			w->person[i].late = true;
	w->result->reached[way == WAY_UP ? REACH_GATE_LATE_UP
					 : REACH_GATE_LATE_DOWN] +=
	    !t->dead && t->way[way].n > 0;
	net_trunk_hold(t, (enum net_way)way, false);
}

/* Let somebody drop whose gate waits, while others go on to talk. */
static void
drop(void *ctx, int64_t unused)
{
	struct net_trunk *t = ctx;
	struct world *w = t->net->hooks.ctx;
	struct person *p;

	(void)unused;
	for (unsigned i = 0; i < w->npeople && t->held[WAY_UP]; i++) {
		p = &w->person[i];
		if (!is_behind(p, t) || !person_can_act(w, p))
			continue;
		world_note(w, "u%u drops, and its gate waits", p->id);
		p->open = false;
		net_client_drop(p->c, "Connection reset");
		return;
	}
}

static void
hold(struct world *w, struct net_trunk *t, enum net_way way)
{
	int64_t ms = 5 + world_below(w, world_chance(w, 50) ? 200 : 4000);

	world_note(w, "gate%u@s%u waits %s for %jd ms", t->gate + 1,
	    t->node + 1, way == WAY_UP ? "to the server" : "from the server",
	    (intmax_t)ms);
	net_trunk_hold(t, way, true);
	if (way == WAY_UP && world_chance(w, 30))
		net_call(w->net, w->net->now + ms / 4 * NS_PER_MS, drop, t, 0);
	net_call(w->net, w->net->now + ms * NS_PER_MS, resume, t, way);
}

static void
cut(struct world *w, struct net_trunk *t)
{
	world_note(w, "gate%u@s%u is cut", t->gate + 1, t->node + 1);
	net_trunk_cut(t, false, "Connection reset by peer");
}

/* A gate ends, with all its clients. */
static void
die(struct world *w, unsigned gate)
{
	struct net_trunk *t;

	world_note(w, "gate%u dies", gate + 1);
	w->result->reached[REACH_GATE_DIED]++;
	TAILQ_FOREACH(t, &w->net->trunks, link)
		if (t->gate == gate && !t->dead)
			cut(w, t);
}

void
gates_act(struct world *w)
{
	struct net_trunk *t;
	unsigned n, k;

	(void)some_trunk(w, NET_NODES, false, &n, UINT32_MAX);
	if (n == 0)
		return;
	t = some_trunk(w, NET_NODES, false, &n, world_below(w, n));
	k = world_below(w, 20);
	if (k < 1)
		cut(w, t);
	else if (k < 2)
		net_trunk_close(t);
	else if (k < 3)
		die(w, t->gate);
	else if (k < 4)
		gates_hold(w, t);
	else if (k < 12)
		hold(w, t, WAY_DOWN);
	else
		hold(w, t, WAY_UP);
}

/* ---- checks -------------------------------------------------------------- */

static void
count_waiting(struct world *w, const struct trunk *t)
{
	const struct trunk_stream *s;

	w->result->reached[REACH_GATE_OWED] += !TAILQ_EMPTY(&t->owed);
	LIST_FOREACH(s, &t->streams, link) {
		w->result->reached[REACH_GATE_AHEAD] +=
		    trunk_ahead_lines(s) > 0;
		w->result->reached[REACH_GATE_LEFT] += s->left;
	}
}

void
gates_step(struct world *w, unsigned node)
{
	const struct trunk_net *net = node_trunks(w->net->node[node].node);
	const char *why = trunk_check(net);

	for (size_t i = 0; i < net->ntrunk; i++)
		count_waiting(w, net->trunk[i]);
	if (why != NULL)
		net_fail(w->net, "s%u: %s", node + 1, why);
}

bool
gates_wait(const struct world *w)
{
	struct net_trunk *t;

	TAILQ_FOREACH(t, &w->net->trunks, link)
		if (!t->dead && !net_trunk_is_idle(t))
			return true;
	return false;
}

void
gates_read_on(struct world *w)
{
	struct net_trunk *t;

	TAILQ_FOREACH(t, &w->net->trunks, link) {
		resume(t, WAY_DOWN);
		resume(t, WAY_UP);
	}
}

/* Write what gates shall be told of a server, behind its sid. */
static void
write_peer(struct writer *w, const struct settings *set)
{
	const struct gates_at *at = &set->gates_at;

	writer_span(w, set->name);
	writer_str(w, " ");
	writer_span(w, set->region.n > 0 ? set->region : SPAN("*"));
	writer_str(w, " ");
	addr_build(w, &at->at.addr);
	writer_str(w, " ");
	writer_u64(w, at->at.port);
	writer_str(w, " ");
	writer_hex(w, span_make(at->pin, sizeof(at->pin)));
}

/* Each gate knows of the servers that its server sees, and that say where they
 * take gates (gate-protocol.md, 11.1). */
static void
check_peer(const struct world *w, const struct net_trunk *t, unsigned x)
{
	const struct core *here = node_core(w->net->node[t->node].node);
	const struct node *node = w->net->node[x].node;
	struct sid sid = setup_sid(x);
	const struct server *s = facts_find_server(&here->facts, sid);
	const char *words = gate_peer(&t->in, sid);
	const struct settings *set =
	    node == NULL ? NULL : core_settings(node_core(node));
	char text[512] = "";
	struct writer want;

	writer_init(&want, text, sizeof(text) - 1);
	if (set != NULL && s != NULL &&
	    s->visible == core_self(node_core(node)).inc &&
	    set->gates_at.at.port != 0)
		write_peer(&want, set);
	else if (node == NULL && s != NULL && s->visible != 0)
		return; /* it is in limbo; nobody knows what it said */
	if (strcmp(words == NULL ? "" : words, text) != 0)
		net_fail(w->net, "gate%u@s%u: s%u is %s, should be %s",
		    t->gate + 1, t->node + 1, x + 1,
		    words == NULL ? "unknown" : words, text);
}

/* The last LOAD is not further from the truth than a hundredth, and no older
 * than ten seconds (gate-protocol.md, 11.4). */
static void
check_load(const struct world *w, const struct net_trunk *t)
{
	const struct core *core = node_core(w->net->node[t->node].node);
	const struct gate_load *l = &t->in.load;
	uint64_t is = core_load_users(core);
	uint64_t apart = is < l->users ? l->users - is : is - l->users;

	if (!l->said || (apart > 0 && 100 * apart >= l->users) ||
	    strstr(l->flags, "draining") != NULL)
		net_fail(w->net,
		    "gate%u@s%u: LOAD said %ju users and %s, there "
		    "are %ju",
		    t->gate + 1, t->node + 1, (uintmax_t)l->users, l->flags,
		    (uintmax_t)is);
}

/* The table for placing has the members who are shown, at their servers. */
static void
check_placing(const struct world *w, unsigned node)
{
	struct trunk_net *net =
	    (struct trunk_net *)(uintptr_t)node_trunks(w->net->node[node].node);
	const struct core *core = node_core(w->net->node[node].node);
	struct place_chans *chans = net->placing.chans;
	struct place_facts f;
	struct place_seat seat;
	const struct chan *c;
	unsigned class;
	size_t n = 0;

	if (chans == NULL)
		return;
	f = place_chans_facts(chans, net->placing.now);
	for (size_t i = 0; (c = map_next(&core->facts.chans, &i)) != NULL;) {
		uint32_t members = 0, away = 0;

		if (c->nshown == 0)
			continue;
		n++;
		if (!f.chan(f.ctx, rcbuf_span(c->fold), &class)) {
			net_fail(w->net, "s%u: placing lacks a channel",
			    node + 1);
			return;
		}
		while (f.seat(f.ctx, &seat)) {
			members += seat.members;
			for (uint32_t k = 0; k < c->nserver; k++)
				if (memcmp(c->server[k].sid.s, seat.sid.s,
					SID_LEN) == 0)
					away += seat.members;
		}
		for (uint32_t k = 0; k < c->nserver; k++)
			away -= c->server[k].n;
		if (members != c->nshown || away != 0)
			net_fail(w->net, "s%u: placing has %u of %u members",
			    node + 1, members, c->nshown);
	}
	if (n != place_chans_count(chans))
		net_fail(w->net, "s%u: placing has %zu channels of %zu",
		    node + 1, place_chans_count(chans), n);
}

void
gates_rest(struct world *w)
{
	struct net_trunk *t;

	for (unsigned x = 0; x < w->n; x++)
		if (w->net->node[x].node != NULL)
			check_placing(w, x);
	TAILQ_FOREACH(t, &w->net->trunks, link)
		if (!t->dead) {
			net_trunk_check_rest(t);
			if (net_trunk_is_up(t) && net_trunk_is_idle(t))
				check_load(w, t);
			for (unsigned x = 0; net_trunk_is_up(t) &&
					     net_trunk_is_idle(t) && x < w->n;
			     x++)
				check_peer(w, t, x);
			w->result->reached[REACH_GATE_REST] +=
			    net_trunk_streams(t) > 0;
		}
}

void
gates_count(struct world *w)
{
	const struct net_gate_counts *c = &w->net->gate_counts;
	uint64_t *reached = w->result->reached;
	struct net_trunk *t;

	for (unsigned x = 0; x < w->n; x++)
		if (w->net->node[x].node != NULL)
			check_placing(w, x);
	TAILQ_FOREACH(t, &w->net->trunks, link)
		if (!t->dead) {
			reached[REACH_GATE_LISTED] += t->in.listed;
			reached[REACH_GATE_UNLISTED] += t->in.unlisted;
			reached[REACH_GATE_DIFFERENCE] += t->in.differences;
			reached[REACH_GATE_PEER_CAME] += t->in.came;
			reached[REACH_GATE_PEER_WENT] += t->in.went;
			reached[REACH_GATE_LOAD] += t->in.loads;
			reached[REACH_GATE_KNOWN] += t->in.known;
		}
	reached[REACH_GATE_LISTED] += c->listed;
	reached[REACH_GATE_UNLISTED] += c->unlisted;
	reached[REACH_GATE_DIFFERENCE] += c->differences;
	reached[REACH_GATE_PEER_CAME] += c->came;
	reached[REACH_GATE_PEER_WENT] += c->went;
	reached[REACH_GATE_LOAD] += c->loads;
	reached[REACH_GATE_KNOWN] += c->known;
	reached[REACH_GATE_CUT_UP] += c->cut_up;
	reached[REACH_GATE_CUT_DOWN] += c->cut_down;
	reached[REACH_GATE_CROSSED] += c->crossed;
	reached[REACH_GATE_REFUSED] += c->refused;
	reached[REACH_GATE_EOF] += c->eof;
	reached[REACH_GATE_DRAINED] += c->drained;
}
