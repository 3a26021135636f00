/*
 * This file bounds what a step costs, and how many facts a network keeps.
 *
 * The cost of a step may grow with the size of the network, and not faster. The
 * size is the number of *living things*: users, memberships and channels among
 * the facts. A step that walks over all channels for each channel that it moves
 * is quick in such a small network, but goes beyond one of these bounds. Each
 * bound is about three times what a correct node needs.
 *
 *	made	  entries that the server makes by itself, for no client
 *	parts	  the parts of all entries that the server makes
 *	visits	  what merges and the show code look at one by one
 *	receivers what is looked at to find who receives a line, beyond once for
 *		  each line that each client gets
 *	settled	  what the settling of collisions looks at
 *	units	  of the turn (core/types/cost.h) beyond those that were left
 *	arena	  bytes that the step takes from its arena
 *
 * At rest, each kind of fact is bounded by its owners. So a fact that nothing
 * removes, or that is kept twice, fails a seed.
 */
#include "core/facts/founding.h"
#include "core/facts/invites.h"
#include "core/facts/masks.h"
#include "core/state.h"
#include "core/types/cost.h"
#include "core/types/settings.h"
#include "kept.h"

#define MADE_MAX 16
#define PARTS_MORE 64
#define PARTS_EACH 8
#define VISITS_MORE 16
#define VISITS_EACH 4
#define RECEIVERS_EACH 3
#define UNITS_MORE (8 * 1024)
#define UNITS_EACH 16
#define UNITS_SNAP 16 /* times as much, where a snapshot is sent or ends */
#define ARENA_MORE (160 * 1024) /* a snapshot or a PACK takes 64 KiB at once */
#define ARENA_UNIT 16		/* bytes, for each unit */

/* ---- a step -------------------------------------------------------------- */

static struct cost_marks
marks_of(const struct oracle *o, unsigned node)
{
	const struct net_node *nn = &o->net->node[node];
	const struct core *core = node_core(nn->node);

	return (struct cost_marks){
		.living = map_count(&core->facts.users) +
			  chains_count(&core->facts.members) +
			  map_count(&core->facts.chans),
		.visits = core->facts.visits,
		.receivers = core->audience.visits,
		.settled = core->settling.visits,
		.arena = nn->arena,
		.lines = nn->lines,
		.cut = link_net_counts(node_links(nn->node))->snaps_out,
		.units = core->work.left,
		.installs = core_is_installing(core),
	};
}

static uint64_t
greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void
check(const struct oracle *o, unsigned node, const char *what, uint64_t n,
    uint64_t max)
{
	if (n > max)
		net_fail(o->net, "cost: %s of a step of s%u: %ju, at most %ju",
		    what, node + 1, (uintmax_t)n, (uintmax_t)max);
}

/* A tick and a configuration bring new units first. */
static bool
begins_turn(const struct event *ev)
{
	return ev->kind == EV_TICK || ev->kind == EV_CONF;
}

/* Return the units that the step has spent. */
static uint64_t
spent(const struct core *core, const struct event *ev,
    const struct cost_marks *was)
{
	int64_t had = begins_turn(ev) ? core->turn : was->units;

	return had > core->work.left ? (uint64_t)(had - core->work.left) : 0;
}

/* The last line of a snapshot takes in all that waits, whatever it costs; and a
 * PACK has many lines of it. Likewise a step that sends one writes many. */
static bool
is_of_snapshot(const struct event *ev)
{
	return ev->kind == EV_LINK_LINE &&
	       (span_starts(ev->u.line.line, SPAN("END")) ||
		   span_starts(ev->u.line.line, SPAN("PACK")));
}

/* Return the units that a step may spend beyond those that were left. A slice
 * may end with a piece that drops much of what goes with a thing. */
static uint64_t
units_beyond(const struct event *ev, const struct cost_marks *was,
    const struct cost_marks *is, uint64_t living)
{
	uint64_t units = living * UNITS_EACH + UNITS_MORE;

	if (is_of_snapshot(ev) || is->cut != was->cut)
		units *= UNITS_SNAP;
	return units + (was->installs || is->installs ? COST_THIN : 0);
}

/* A new core counts from its beginning. */
void
cost_goes_on(struct oracle *o, unsigned node)
{
	o->seen[node].cost.marks = marks_of(o, node);
}

void
cost_begin(struct oracle *o, unsigned node)
{
	o->seen[node].cost.made = 0;
	o->seen[node].cost.parts = 0;
}

void
cost_made(struct oracle *o, unsigned node, const struct entry *e)
{
	struct cost *c = &o->seen[node].cost;

	c->parts += e->nparts;
	c->made += entry_cause(e).sess.k == 0 &&
		   entry_parts(e, o->net->arena)->id != PART_QUIT;
}

void
cost_step(struct oracle *o, unsigned node, const struct event *ev)
{
	const struct core *core = node_core(o->net->node[node].node);
	struct cost *c = &o->seen[node].cost;
	struct cost_marks is = marks_of(o, node), was = c->marks;
	uint64_t living = greater(is.living, was.living);
	uint64_t units = spent(core, ev, &was);
	uint64_t left = begins_turn(ev) ? core->turn
			: was.units > 0 ? was.units
					: 0;

	c->marks = is;
	if (ev->kind == EV_CONF && living == 0)
		return; /* the first one makes the state */
	check(o, node, "entries made", c->made, MADE_MAX);
	check(o, node, "parts made", c->parts,
	    living * PARTS_EACH + PARTS_MORE);
	check(o, node, "visits", is.visits - was.visits,
	    living * VISITS_EACH + VISITS_MORE);
	check(o, node, "visits of the settling", is.settled - was.settled,
	    living + VISITS_MORE);
	check(o, node, "units", units,
	    left + units_beyond(ev, &was, &is, living));
	check(o, node, "looks for receivers", is.receivers - was.receivers,
	    living * RECEIVERS_EACH + VISITS_MORE + is.lines - was.lines);
	check(o, node, "arena bytes", is.arena - was.arena,
	    units * ARENA_UNIT + ARENA_MORE);
}

/* ---- at rest ------------------------------------------------------------- */

struct kinds {
	uint64_t n[PART_UNKNOWN + 1];
	uint64_t all;
};

static void
count_fact(void *ctx, const struct snap_item *i)
{
	struct kinds *k = ctx;

	/* operators set as many bans as they like, and no other fact of a later
	 * verb is without a twin */
	if (i->part.id == PART_UNKNOWN &&
	    span_starts(i->part.line, SPAN("+BAN ")))
		return;
	k->n[i->part.id]++;
	k->all++;
}

static void
check_rest(const struct oracle *o, unsigned node, const char *what, uint64_t n,
    uint64_t max)
{
	if (n > max)
		net_fail(o->net, "at rest: s%u keeps %ju %s, at most %ju",
		    node + 1, (uintmax_t)n, what, (uintmax_t)max);
}

static uint64_t
count_alike(const struct user *u, const struct invite *like)
{
	const struct invite *i;
	uint64_t n = 0;

	for (i = user_first_invite(u); i != NULL; i = invite_next(i))
		n += i->founding == like->founding;
	return n;
}

/* An invitation replaces those of the same user that its server knows. So each
 * server has made one at most. */
static void
check_invites(const struct oracle *o, unsigned node, const struct facts *f)
{
	const struct invite *i;
	const struct user *u;
	size_t at;

	for (at = 0; (u = map_next(&f->users, &at)) != NULL;)
		for (i = user_first_invite(u); i != NULL; i = invite_next(i))
			check_rest(o, node,
			    "invitations of a user to one place",
			    count_alike(u, i), o->net->n);
}

/* Servers that are apart may each fill the lists of a channel. */
static void
check_masks(const struct oracle *o, unsigned node, const struct core *core)
{
	uint64_t max = o->net->n * core_settings(core)->list_max, n;
	const struct founding *g;
	const struct mask *m;
	const struct chan *c;
	size_t at;

	for (at = 0; (c = map_next(&core->facts.chans, &at)) != NULL;)
		for (g = founding_first(c); g != NULL; g = founding_next(g)) {
			n = 0;
			for (m = mask_first(g); m != NULL; m = mask_next(m))
				n++;
			check_rest(o, node, "masks of a channel", n, max);
		}
}

/* Return how many channels have a member or a founding. */
static uint64_t
count_owned(const struct facts *f)
{
	const struct chan *c;
	uint64_t n = 0;

	for (size_t i = 0; (c = map_next(&f->chans, &i)) != NULL;)
		n += c->nmembers > 0 || founding_first(c) != NULL;
	return n;
}

/* Return how many nicks users claim. */
static uint64_t
count_claimed(const struct facts *f)
{
	const struct user *u, *other;
	uint64_t n = 0;
	size_t i, k;

	for (i = 0; (u = map_next(&f->users, &i)) != NULL;) {
		for (k = 0; (other = map_next(&f->users, &k)) != u;)
			if (other->claimed == u->claimed)
				break;
		n += other == u && u->claimed != NULL;
	}
	return n;
}

void
cost_rest(struct oracle *o, unsigned node)
{
	const struct core *core = node_core(o->net->node[node].node);
	const struct facts *f = &core->facts;
	struct kinds k = { .all = 0 };
	uint64_t known, owners;

	core_walk(core, count_fact, &k);
	check_invites(o, node, f);
	check_masks(o, node, core);
	known = k.all - k.n[PART_UNKNOWN];
	owners = k.n[PART_USER] + k.n[PART_CHAN] + k.n[PART_JOIN];
	/* each server has one +TRUNK */
	check_rest(o, node, "facts of later verbs", k.n[PART_UNKNOWN],
	    k.n[PART_JOIN] + k.n[PART_CHAN] + o->net->n +
		(later_is_on() ? known : 0));
	check_rest(o, node, "owners of these", map_count(&f->unknown_owners),
	    owners);
	check_rest(o, node, "servers", map_count(&f->servers), o->net->n);
	check_rest(o, node, "nicks", chains_count(&f->nicks), count_claimed(f));
	check_rest(o, node, "channels", map_count(&f->chans), count_owned(f));
	check_rest(o, node, "names of registers and servers",
	    map_count(&f->field_names),
	    CM_BUILTIN + UM_BUILTIN + 16 + 2 * o->net->n);
}
