/* The acts that happen to servers and links. */
#include "run.h"

#include <inttypes.h>

#include "core/state.h"
#include "lib/net.h"

static bool
some_edge(struct world *w, unsigned *a, unsigned *b)
{
	unsigned i, k, n;

	for (i = n = 0; i < w->n * w->n; i++)
		n += i / w->n < i % w->n && w->edge[i / w->n][i % w->n];
	k = world_below(w, n);
	for (i = 0; i < w->n * w->n; i++)
		if (i / w->n < i % w->n && w->edge[i / w->n][i % w->n] &&
		    k-- == 0) {
			*a = i / w->n;
			*b = i % w->n;
			return true;
		}
	return false;
}

static void
act_split(struct world *w)
{
	unsigned a, b;
	uint32_t left = world_below(w, 1u << w->n);

	world_note(w, "split %x", left);
	for (a = 0; a < w->n; a++)
		for (b = a + 1; b < w->n; b++)
			if ((left >> a & 1) != (left >> b & 1)) {
				net_block(w->net, a, b, true);
				if (w->edge[a][b])
					server_cut(w, a, b);
			}
}

static void
act_freeze(struct world *w, unsigned x)
{
	int64_t ms = 200 + world_below(w, world_chance(w, 50) ? 3000 : 9000);
	int64_t patience =
	    w->net->node[x].setup->settings.link_silence_s * MS_PER_S;

	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x))
		return;
	/* often a little longer than it waits for its peers itself */
	if (patience < 9000 && world_chance(w, 60))
		ms = patience + 200 + world_below(w, 3000);
	world_note(w, "freeze s%u for %jd ms", x + 1, (intmax_t)ms);
	net_freeze(w->net, x, ms);
}

/* Return one of the users with a HOME that a server shows, or NULL. */
static const struct user *
some_homed(struct world *w, const struct core *core)
{
	const struct user *u;
	unsigned n = 0, k;
	size_t i;

	for (i = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		n += user_home_reg(u) != NULL && u->shown;
	if (n == 0)
		return NULL;
	k = world_below(w, n);
	for (i = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		if (user_home_reg(u) != NULL && u->shown && k-- == 0)
			break;
	return u;
}

/*
 * Let a server take a user over, or say that its own user has no home any more,
 * as after a gate has lost it. Each takeover has a tenure of its own, as gates
 * would give them.
 */
static void
act_take(struct world *w, unsigned x)
{
	struct part_home home = { .gate = SPAN("gate") };
	const struct user *u;
	const struct core *core;

	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x))
		return;
	core = node_core(w->net->node[x].node);
	if (!core_is_ready(core) || (u = some_homed(w, core)) == NULL)
		return;
	home.uid = u->uid;
	home.base = oracle_last_command(w->oracle, x, u->uid);
	if (origin_cmp(user_home(u), core_self(core)) != 0) {
		home.tenure = ++w->tenures;
		home.home = core_self(core);
	} else if (world_chance(w, 10))
		home.tenure = user_tenure(u);
	else
		return;
	w->result->reached[home.home.inc != 0 ? REACH_TAKEN : REACH_HOMELESS]++;
	world_note(w, "s%u: HOME %s %u base %ju%s", x + 1, u->uid.s,
	    home.tenure, (uintmax_t)home.base,
	    home.home.inc != 0 ? "" : ", none");
	net_make_home(w->net, x, &home);
}

static void
act_rows(struct world *w, unsigned x)
{
	if (net_is_up(w->net, x) && net_is_frozen(w->net, x))
		return;
	server_set_rows(w, x, w->nrows - w->net->node[x].setup->settings.nrows);
}

/* Let a running server read a configuration that differs a little. */
static void
act_reload(struct world *w, unsigned x)
{
	struct setup *s;

	if (!net_is_up(w->net, x) || net_is_frozen(w->net, x))
		return;
	world_note(w, "s%u reads its configuration again", x + 1);
	s = setup_copy(w->net->node[x].setup);
	s->settings.topic_len += world_chance(w, 50) ? 1 : -1;
	s->settings.targets_max = 2 + world_below(w, 4);
	w->result->reached[REACH_RELOAD]++;
	net_reload(w->net, x, s);
}

void
acts_of_network(struct world *w, enum act a)
{
	unsigned x, y;

	x = world_below(w, w->n);
	switch ((int)a) {
	case ACT_CRASH:
		server_crash(w, x);
		return;
	case ACT_START:
		if (!net_is_up(w->net, x))
			server_start(w, x);
		return;
	case ACT_SPLIT:
		act_split(w);
		return;
	case ACT_HEAL:
		world_note(w, "heal");
		server_heal_all(w);
		return;
	case ACT_CLOCK:
		w->clocks = true;
		w->net->node[x].skew_ms =
		    w->skew[x] +
		    (world_chance(w, 50)
			    ? 0
			    : (int64_t)world_below(w, 16000) - 8000);
		world_note(w, "clock of s%u: %jd ms", x + 1,
		    (intmax_t)w->net->node[x].skew_ms);
		return;
	case ACT_FORGET:
		acts_forget(w, x);
		return;
	case ACT_FREEZE:
		w->clocks = true; /* a HELLO may be read late */
		act_freeze(w, x);
		return;
	case ACT_TAKE:
		act_take(w, x);
		return;
	case ACT_ROWS:
		act_rows(w, x);
		return;
	case ACT_RELOAD:
		act_reload(w, x);
		return;
	case ACT_BAN:
	case ACT_UNBAN:
		acts_ban(w, x, a == ACT_BAN);
		return;
	case ACT_GO_ON:
		server_goes_on(w, (int64_t)x);
		return;
	case ACT_GATE:
		gates_act(w);
		return;
	case ACT_LATER:
		world_note(w, "two hours pass");
		w->clocks = true; /* lines under way are two hours old */
		for (y = 0; y < w->n; y++) {
			w->skew[y] += 2 * 3600 * INT64_C(1000);
			w->net->node[y].skew_ms += 2 * 3600 * INT64_C(1000);
		}
		return;
	default:
		break;
	}
	if (!some_edge(w, &x, &y))
		return;
	if (a == ACT_UNBLOCK) {
		world_note(w, "unblock s%u s%u", x + 1, y + 1);
		net_block(w->net, x, y, false);
		return;
	}
	if (a == ACT_BLOCK)
		net_block(w->net, x, y, true);
	server_cut(w, x, y);
}
