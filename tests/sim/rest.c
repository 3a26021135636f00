/* The network is healed, or left as it is, and comes to rest. */
#include "run.h"

#include <inttypes.h>

#include "core/state.h"
#include "lib/net.h"
#include "lib/net_bus.h"
#include "link/info.h"
#include "link/net.h"

#define REST_S 200    /* at most, until the network is whole */
#define LOSSY 8	      /* times as long, if each lost entry costs a link */
#define ANSWERS_S 150 /* in which each request ends */
#define LOOK_MS 250
#define CALM 8 /* looks in a row; more if lines are slow */

static bool
can_link(const struct world *w, unsigned a, unsigned b)
{
	return w->edge[a][b] && net_is_up(w->net, a) && net_is_up(w->net, b) &&
	       !net_is_blocked(w->net, a, b);
}

/* Return the servers that a can reach, itself included. */
static uint32_t
part_of(const struct world *w, unsigned a)
{
	uint32_t part = 1u << a, old;
	unsigned x, y;

	do {
		old = part;
		for (x = 0; x < w->n; x++)
			for (y = 0; y < w->n; y++)
				if ((part >> x & 1) != 0 && can_link(w, x, y))
					part |= 1u << y;
	} while (part != old);
	return part;
}

/* A link is closed some time after its jupe has come, so the network is not at
 * rest before the jupe has ended. */
static bool
is_any_juped(const struct world *w)
{
	const struct net_node *nn;
	struct core_jupe jupe;
	struct wall now;

	for (unsigned a = 0; a < w->n; a++) {
		nn = &w->net->node[a];
		if (nn->node == NULL)
			continue;
		now.ms = NET_EPOCH_MS + w->net->now / NS_PER_MS + nn->skew_ms;
		for (unsigned b = 0; b < w->n; b++)
			if (core_is_juped(node_core(nn->node),
				w->net->node[b].setup->settings.name,
				setup_sid(b), now, &jupe))
				return true;
	}
	return false;
}

/* Return true if a server shows another one that it cannot reach. */
static bool
has_limbo(const struct world *w, unsigned a)
{
	const struct netmap *map =
	    link_net_map(node_links(w->net->node[a].node));

	for (size_t i = 0; i < map->n; i++)
		if (!mono_is_never(map->v[i].until))
			return true;
	return false;
}

const char *
rest_missing(const struct world *w)
{
	static char text[64];
	unsigned a, b;

	for (a = 0; a < w->n; a++)
		if (net_is_up(w->net, a) && net_is_frozen(w->net, a))
			return "a server is frozen";
	for (a = 0; a < w->npeople; a++)
		if (person_is_open(&w->person[a]) && w->person[a].c->in.n > 0)
			return "lines of a client wait";
	if (gates_wait(w))
		return "a trunk is held";
	for (a = 0; a < w->n; a++)
		for (b = 0; b < w->n; b++) {
			if (!w->edge[a][b] || !net_is_up(w->net, a))
				continue;
			if (can_link(w, a, b) ? !net_linked(w->net, a, b)
					      : net_believes(w->net, a, b)) {
				snprintf(text, sizeof(text),
				    "s%u and s%u are not linked, or are", a + 1,
				    b + 1);
				return text;
			}
		}
	for (a = 0; a < w->n; a++)
		if (net_is_up(w->net, a) &&
		    !oracle_is_quiet(w->net, part_of(w, a)))
			return "they do not have the same";
	for (a = 0; a < w->n; a++)
		if (net_is_up(w->net, a) && has_limbo(w, a))
			return "a server is in limbo";
	if (is_any_juped(w))
		return "a server is juped";
	for (a = 0; a < w->n; a++)
		if (net_is_up(w->net, a) && oracle_cleans(w->net, a))
			return "a permanent founding is not removed yet";
	return NULL;
}

/* Return the longest time that a line takes on the slowest link. */
static int64_t
slowest(const struct world *w)
{
	int64_t more = 0;
	unsigned a, b;

	for (a = 0; a < w->n; a++)
		for (b = 0; b < w->n; b++)
			if (w->edge[a][b] && w->net->delay_more[a][b] > more)
				more = w->net->delay_more[a][b];
	return w->net->delay_max + more;
}

/* Return the servers that the first running server reaches by its map. */
static uint32_t
first_part(const struct world *w)
{
	const struct map_server *s;
	const struct netmap *map;
	uint32_t part = 0;
	unsigned a, b;

	for (a = 0; a < w->n && !net_is_up(w->net, a); a++)
		;
	if (a == w->n)
		return 0;
	map = link_net_map(node_links(w->net->node[a].node));
	for (b = 0; b < w->n; b++) {
		s = netmap_find(map, setup_sid(b));
		if (s != NULL && s->reachable)
			part |= 1u << b;
	}
	return part;
}

/*
 * Restart servers if two parts have forgotten each other while both lived on:
 * they do not link, and say so. As an operator would, stop all servers outside
 * the first part, and start them anew.
 */
static void
start_anew(struct world *w, uint32_t stays)
{
	unsigned i;

	w->result->reached[REACH_FORGOTTEN_ALIVE]++;
	world_note(w, "parts have forgotten each other: all but %x start anew",
	    stays);
	for (i = 0; i < w->n; i++)
		if (net_is_up(w->net, i) && (stays >> i & 1) == 0)
			server_crash(w, i);
	for (i = 0; i < w->n; i++)
		if (!net_is_up(w->net, i))
			server_start(w, i);
}

/*
 * The copy is stopped, and some servers know its run. The server that was
 * copied begins a new run by itself if it has no link. If it has one, people
 * start it anew (doc/status.md).
 */
static void
start_older(struct world *w)
{
	unsigned of = w->net->node[w->n].as;

	w->older = false;
	if (!net_is_up(w->net, of))
		return;
	w->result->reached[REACH_COPY_STAYS]++;
	world_note(w, "s%u is older than its copy was, and starts anew",
	    of + 1);
	server_crash(w, of);
	server_start(w, of);
}

void
rest_come(struct world *w)
{
	const char *why = "";
	int64_t end;
	unsigned i, calm, need;

	/*
	 * A link state takes that long from one end of the network to the
	 * other.
	 */
	for (i = 0; i < w->npeople; i++)
		person_read_on(w, i);
	gates_read_on(w);
	w->older = false;
	need = CALM + (unsigned)(w->n * slowest(w) / NS_PER_MS / LOOK_MS);
	w->net->dial_fails = 0;
	for (i = 0; i < w->n; i++)
		w->net->node[i].skew_ms = w->skew[i];
	/* Links that lose entries are cut, and dialled more and more slowly. */
	end = w->net->now + (w->opt->lossy ? LOSSY : 1) * REST_S * SECOND;
	for (calm = 0; calm < need && w->net->now < end && !w->net->failed;) {
		net_run(w->net, LOOK_MS);
		if (w->net->failed)
			return;
		if (w->parted)
			start_anew(w, first_part(w));
		w->parted = false;
		if (w->older && w->net->now > end - REST_S / 2 * SECOND)
			start_older(w);
		why = rest_missing(w);
		calm = why == NULL ? calm + 1 : 0;
	}
	if (calm < need)
		net_fail(w->net, "no rest after %d s: %s", REST_S, why);
}

void
rest_in_parts(struct world *w)
{
	unsigned odd = w->net->odd_answers, i;

	world_note(w, "links stay as they are");
	server_stop_copy(w, 0);
	/* a client whose requests all get no answer would wait longer */
	w->net->odd_answers = 0;
	rest_come(w);
	w->net->odd_answers = odd;
	for (i = 0; i < w->n && !w->opt->quick; i++)
		if (net_is_up(w->net, i) && !w->net->failed)
			oracle_rest(w->oracle, part_of(w, i));
}

static bool
is_answered(const struct net_node *nn)
{
	const struct core *core = node_core(nn->node);

	return map_count(&core->request_tokens) == 0 &&
	       mono_is_never(core->uid_again);
}

/* Let each request end, by its answer or by its time, and let each server ask
 * again for what it needs. */
static void
wait_for_answers(struct world *w)
{
	int64_t end = w->net->now + ANSWERS_S * SECOND;
	unsigned i;

	w->net->odd_answers = 0;
	for (i = 0; i < w->n && !w->net->failed;) {
		if (is_answered(&w->net->node[i])) {
			i++;
			continue;
		}
		net_run(w->net, 100);
		if (w->net->now > end)
			net_fail(w->net, "s%u waits for an answer for ever",
			    i + 1);
	}
}

void
rest_heal(struct world *w)
{
	unsigned i;

	world_note(w, "everything is healed");
	server_stop_copy(w, 0);
	net_brokers_calm(w->net);
	server_heal_all(w);
	for (i = 0; i < w->n; i++)
		if (!net_is_up(w->net, i))
			server_start(w, i);
	wait_for_answers(w);
	person_wait_for_holds(w);
	rest_come(w);
}

void
rest_wait_quiet(struct world *w)
{
	unsigned i;

	/* in a crowd everybody has written to everybody, and turns are short */
	for (i = 0; i < REST_S * 10 && !w->net->failed; i++) {
		if (oracle_is_quiet(w->net, part_of(w, 0)))
			return;
		net_run(w->net, 100);
	}
}

void
rest_even_rows(struct world *w)
{
	unsigned i;

	rest_wait_quiet(w);
	if (!w->net->failed && !w->opt->quick)
		oracle_rest(w->oracle, (1u << w->n) - 1);
	for (i = 0; i < w->n && !w->net->failed; i++)
		server_set_rows(w, i,
		    w->opt->seed / plan_count() % 2 * w->nrows);
	net_run(w->net, 1000);
}
