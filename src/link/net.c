/*
 * The order of a step: which event goes to which file, when the core is called,
 * what is left for the end of the step, and when to be called again. The files
 * that are called know what an event means.
 *
 * A handler only marks a link that ends. Marked links are buried when no
 * handler runs: at the beginning of link_net_tell_core(), so that the core
 * learns in the same step which servers are not reachable any more; and in
 * link_net_finish(), after the pump. The effects of a line on other links (the
 * pump, link states) happen in the same two places, after the core has seen the
 * line.
 */
#include "link/map/linkstate.h"
#include "link/net.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/types/cost.h"
#include "core/types/mutate.h"
#include "link/backlog.h"
#include "link/forgetting/forget.h"
#include "link/forgetting/ready.h"
#include "link/forgetting/retire.h"
#include "link/map/doubt.h"
#include "link/map/ghost.h"
#include "link/map/junk.h"
#include "link/map/overlay.h"
#include "link/msg/msg.h"
#include "link/peers/auth.h"
#include "link/peers/jupe.h"
#include "link/peers/order.h"
#include "link/pump.h"
#include "link/recv.h"
#include "link/snapshots/ask.h"
#include "link/snapshots/snap_in.h"
#include "link/snapshots/snap_out.h"
#include "link/snapshots/snap_wait.h"
#include "link/snapshots/trash.h"
#include "link/state.h"
#include "link/timeout.h"
#include "link/trust/defer.h"
#include "link/trust/sid_collision.h"

#define DIGEST_MS 250
#define BEAT_MS 1000
#define LASTED_MS (10 * MS_PER_S) /* a link of this age was no failed dial */

struct link_net *
link_net_new(struct core *core)
{
	struct link_net *net = mem_zalloc(sizeof(*net));

	net->core = core;
	log_init(&net->log);
	netmap_init(&net->map);
	net->digest_at = net->beat_at = net->alone_at = MONO_NEVER;
	net->retire_at = net->grace_at = MONO_NEVER;
	return net;
}

void
link_net_free(struct link_net *net)
{
	if (net == NULL)
		return;
	for (size_t i = 0; i < net->nlink; i++)
		link_free(net->link[i]);
	free(net->link);
	free(net->peer);
	retire_fini(net);
	snap_in_free(net->taking);
	forks_fini(net);
	snap_cut_fini(net);
	trash_fini(net);
	log_fini(&net->log);
	netmap_fini(&net->map);
	vector_fini(&net->heads);
	vector_fini(&net->map_heads);
	vector_fini(&net->first_has);
#ifdef BANYAN_MUTATE
	vector_fini(&net->lost);
#endif
	free(net);
}

void
link_net_clock(struct link_net *net, const struct event *ev)
{
	early_watch(net, ev);
}

/* ---- events --------------------------------------------------------- */

static void
on_seed(const struct link_step *st)
{
	rng_seed_bytes(&st->net->rng, st->ev->u.seed.seed);
	st->net->again = st->ev->u.seed.again;
}

static void
tell_limits(const struct link_step *st, const struct settings *before)
{
	struct link_net *net = st->net;
	bool same = true;

	for (unsigned i = 0; i < LIMIT_COUNT; i++)
		same = same && limit_get(before, (enum limit)i) ==
				   limit_get(net->set, (enum limit)i);
	for (size_t i = 0; i < net->nlink && !same; i++) {
		limits_send(st, net->link[i]);
		limits_compare(st, net->link[i]);
	}
}

static void
on_conf(const struct link_step *st)
{
	struct link_net *net = st->net;
	const struct settings *before = net->set;

	net->set = st->ev->u.conf.settings;
	peers_conf(st);
	net->again = false;
	if (before != NULL) {
		tell_limits(st, before);
		modules_changed(st, before);
		net->retire_look = true;     /* forget_s may have changed */
		net->covered_changed = true; /* and grace_s */
		ask_conf(net);
		return;
	}
	net->self = core_self(net->core);
	net->alone_at = mono_add_ms(event_awake(st->ev),
	    net->set->npeer == 0 ? 0 : net->set->alone_ms);
	net->digest_at = mono_add_ms(st->ev->now, DIGEST_MS);
	net->beat_at = mono_add_ms(st->ev->now, BEAT_MS);
	linkstate_announce(st, NULL);
}

static void
on_tick(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct mono now = st->ev->now;
	bool digest = mono_cmp(net->digest_at, now) <= 0;
	bool beat = mono_cmp(net->beat_at, now) <= 0;

	if (net->set == NULL)
		return;
	timeout_check(st);
	for (size_t i = 0; i < net->nlink && beat; i++)
		beat_send(st, net->link[i]);
	for (size_t i = 0; i < net->nlink && digest; i++)
		digest_send(st, net->link[i]);
	if (digest)
		net->digest_at = mono_add_ms(now, DIGEST_MS);
	if (beat) {
		net->beat_at = mono_add_ms(now, BEAT_MS);
		(void)doubt_update(st);
		junk_expire(st);
		ghost_tell(st);
		sid_collision_inside(st);
		jupe_update(st);
	}
	peers_tick(st);
}

static void
on_taken(const struct link_step *st, struct link *l)
{
	size_t n = st->ev->u.writable.taken;

	l->unsent -= n < l->unsent ? n : l->unsent;
	if (n > 0)
		l->taken = event_awake(st->ev);
}

void
link_net_step(struct link_net *net, const struct event *ev, struct effects *fx)
{
	const struct link_step st = { net, ev, fx };
	struct link *l = net_link(net, ev->conn);
	struct peer *peer;

	switch (ev->kind) {
	case EV_SEED:
		on_seed(&st);
		break;
	case EV_CONF:
		on_conf(&st);
		break;
	case EV_TICK:
		on_tick(&st);
		break;
	case EV_LINK_OPEN:
		if (l == NULL && net->set != NULL)
			auth_open(&st);
		break;
	case EV_LINK_LINE:
		if (l != NULL)
			recv_line(&st, l);
		break;
	case EV_LINK_CLOSED:
		if (l != NULL)
			link_end_by_conn(l, ev->u.closed.reason);
		break;
	case EV_LINK_WRITABLE:
		if (l != NULL)
			on_taken(&st, l);
		break;
	case EV_DIAL_FAILED:
		peer = peer_of_dial(&st, ev->u.dial_failed.dial);
		if (peer != NULL)
			peer_dial_failed(&st, peer, ev->u.dial_failed.reason);
		break;
	case EV_CONN_OPEN:
	case EV_LINE:
	case EV_CONN_ENDED:
	case EV_CONN_EXCESS:
	case EV_CONN_CLOSED:
	case EV_CONN_HELD:
	case EV_DRAINED:
	case EV_ANSWERED:
	case EV_TRUNK_OPEN:
	case EV_TRUNK_LINE:
	case EV_TRUNK_CLOSED:
	case EV_TRUNK_WRITABLE:
	case EV_HAPPENED:
	case EV_LOADED:
	case EV_UNSTORED:
	case EV_CONTROL:
	case EV_COUNT:
		break;
	}
}

/* ---- between the core and the links --------------------------------- */

void
link_net_own(struct link_net *net, const struct event *ev, struct effects *fx,
    struct entry *e)
{
	const struct link_step st = { net, ev, fx };

	linkstate_tell_hlc(&st, e->stamp);
	log_append(&net->log, e, ev->now);
}

void
link_net_route(struct link_net *net, const struct event *ev, struct effects *fx,
    const struct out *out)
{
	const struct link_step st = { net, ev, fx };
	struct question q = { .id = out->id,
		.from = out->from,
		.dst = out->dst,
		.ttl = QUESTION_TTL,
		.text = out->line };

	q.asker = out->kind == OUT_QUERY ? net->self.sid : out->dst;
	switch (out->kind) {
	case OUT_QUERY:
		query_pass(&st, &q);
		break;
	case OUT_ANSWER:
		answer_pass(&st, &q);
		break;
	case OUT_DONE:
		done_pass(&st, &q);
		break;
	case OUT_ENTRY:
		break;
	}
}

bool
link_net_order(struct link_net *net, const struct event *ev, struct effects *fx,
    struct span order, struct writer *told)
{
	const struct link_step st = { net, ev, fx };

	bool done = order_carry(&st, order, told);

	order_log(&st, (struct uid){ "" }, order, done);
	return done;
}

void
link_net_farewell(const struct link_net *net, struct conn_id conn,
    struct writer *w)
{
	const struct link *l = net_link(net, conn);

	if (l != NULL && link_is_edge(l))
		linkstate_farewell(net, w);
}

const struct entry *
link_net_pending(const struct link_net *net, bool *facts_known)
{
	const struct entry *e = log_pending(&net->log);

	if (core_is_held(net->core) || net->judges)
		return NULL;
	if (e != NULL)
		*facts_known = e->n <= vector_get(&net->log.merged, e->o);
	return e;
}

static void
note_processed(struct link_net *net)
{
	backlog_take(net, log_at(&net->log, net->log.next - 1));
	snap_wait_processed(net);
	net->covered_changed = true;
}

void
link_net_processed(struct link_net *net)
{
	log_processed(&net->log);
	note_processed(net);
}

/* Pass over dead entries, as far as the turn has room for. Return true if an
 * entry was passed. */
static bool
pass_dead(const struct link_step *st)
{
	struct link_net *net = st->net;
	bool any = false;

	while ((st->ev->kind == EV_TICK && !any) || core_has_units(net->core)) {
		if (!log_pass_dead(&net->log))
			break;
		core_spend(net->core, COST_VISIT);
		note_processed(net);
		any = true;
	}
	return any;
}

bool
link_net_is_taking(const struct link_net *net)
{
	return net->taking != NULL;
}

/* ---- links that ended ----------------------------------------------- */

/* If a connection ended before either side said what is wrong, the row has a
 * low level: it is no news to an operator. */
static enum log_row
row_of_end(const struct link *l)
{
	if (l->was_up)
		return LOG_LINK_DOWN;
	if (l->end.by != LINK_BY_CONNECTION)
		return LOG_LINK_REFUSED;
	return l->dialled ? LOG_LINK_DIAL_FAILED : LOG_LINK_ACCEPT_FAILED;
}

static void
log_ended(const struct link_step *st, const struct link *l)
{
	static const struct span by[] = {
		[LINK_BY_US] = SPAN_INIT("us"),
		[LINK_BY_PEER] = SPAN_INIT("peer"),
		[LINK_BY_CONNECTION] = SPAN_INIT("connection"),
	};

	effects_logf(st->fx, row_of_end(l), { "server", link_name(l) },
	    { "sid", sid_span(&l->o.sid) }, { "address", link_address(st, l) },
	    { "code", l->end.code }, { "by", by[l->end.by] },
	    { "reason", l->end.reason });
}

/* Keep the reason for banyanctl links. */
static void
note_why(const struct link_step *st, const struct link *l)
{
	struct writer w;

	writer_init_arena(&w, st->fx->arena, ENTRY_LINE_MAX);
	if (l->end.by == LINK_BY_US)
		writer_str(&w, "closed by this server: ");
	else if (l->end.by == LINK_BY_PEER)
		writer_str(&w, "closed by the peer: ");
	writer_span(&w, l->end.reason);
	peer_set_why(l->peer, writer_done(&w));
}

static void
bury(const struct link_step *st, struct link *l)
{
	struct link_net *net = st->net;

	log_ended(st, l);
	overlay_link_ended(net, l);
	ask_ended(st, l);
	snap_in_lost(st, l);
	snap_out_lost(st, l);
	if (mutated(net, MUT_TAKE_LOST)) {
		snap_in_free(net->taking);
		net->taking = NULL;
	}
	if (l->end.was_edge)
		net->edges_changed = true;
	if (conn_id_eq(net->first, l->conn))
		net->first = (struct conn_id){ 0 };
	if (l->peer != NULL)
		note_why(st, l);
	if (l->peer != NULL && (l->end.was_edge || l->dialled))
		peer_lost(st, l->peer,
		    l->was_up &&
			mono_sub_ms(st->ev->now, l->helloed) >= LASTED_MS);
	if (l->peer != NULL && l->end.by == LINK_BY_PEER &&
	    span_eq(l->end.code, SPAN("restart")))
		peer_restarts(st, l->peer);
	link_free(l);
}

static void
reap(const struct link_step *st)
{
	struct link_net *net = st->net;
	size_t kept = 0;

	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->state == LINK_DEAD)
			bury(st, net->link[i]);
		else
			net->link[kept++] = net->link[i];
	net->nlink = kept;
}

bool
link_net_tell_core(struct link_net *net, const struct event *ev,
    struct effects *fx)
{
	const struct link_step st = { net, ev, fx };
	bool told;

	if (net->set == NULL)
		return false;
	reap(&st);
	if (net->edges_changed)
		linkstate_announce(&st, NULL);
	forget_sweep(&st);
	told = pass_dead(&st);
	told = snap_wait_update(&st) || told;
	if (overlay_update(&st)) {
		peers_hasten(&st);
		told = true;
	}
	told = defer_update(&st) || told;
	if (core_is_installing(net->core))
		return told;
	told = ready_update(&st) || told;
	told = fork_update(&st) || told;
	return retire_update(&st) || told;
}

static bool
sends_snapshot(const struct link_net *net)
{
	if (snap_cut_is_made(net))
		return true;
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->out != NULL)
			return true;
	return false;
}

/* Do not trim by time while a snapshot is sent: at its end the peer would be
 * behind the floor again (link-protocol.md, 8.3). */
static void
trim(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct mono before =
	    mono_add_ms(st->ev->now, -(int64_t)net->set->keep_s * MS_PER_S);
	struct vector floor = { 0 };

	if (sends_snapshot(net))
		before = (struct mono){ INT64_MIN };
	if (mutated(net, MUT_TRIM_NO_FLOOR))
		vector_copy(&floor, &net->log.floor);
	log_trim(&net->log, before,
	    mutated(net, MUT_TRIM_NO_BYTES) ? UINT64_MAX : net->set->keep_bytes,
	    snap_out_stay(net));
	if (mutated(net, MUT_TRIM_NO_FLOOR))
		vector_copy(&net->log.floor, &floor);
	vector_fini(&floor);
}

/* Return true if the next entry to process is dead. */
static bool
has_dead(const struct log *log)
{
	return !log_is_drained(log) && log_pending(log) == NULL;
}

static struct mono
deadline(const struct link_step *st)
{
	const struct link_net *net = st->net;
	struct mono at = peers_deadline(st);
	struct mono awake =
	    mono_min(timeout_deadline(net), retire_deadline(net));

	awake = mono_min(awake, ask_deadline(net));
	awake = mono_min(awake, skip_deadline(net));
	awake = mono_min(awake, overlay_deadline(net));
	/* a link was closed after the core had been told what is visible, or
	 * the core has to go on with a walk, or a link waits for a turn, or
	 * memory is to be given back */
	if (net->map_changed || snap_cut_is_made(net) || backlog_rests(net) ||
	    has_dead(&net->log) || snap_out_gathers(net) ||
	    trash_is_left(net) || net->judges || pump_rests(net))
		return st->ev->now;
	if (!core_is_ready(net->core) &&
	    mono_cmp(net->alone_at, event_awake(st->ev)) > 0)
		awake = mono_min(awake, net->alone_at);
	at = mono_min(at, awake_until(awake, st->ev->paused_ns));
	at = mono_min(at, defer_deadline(st));
	at = mono_min(at, fork_deadline(net));
	if (net->nlink > 0)
		at = mono_min(at, mono_min(net->digest_at, net->beat_at));
	/* a pause shows only by a deadline in it (base/awake.h) */
	if (jupe_is_any(net) || !mono_is_never(net->grace_at))
		at = mono_min(at, net->beat_at);
	if (log_begin(&net->log) < net->log.next && !sends_snapshot(net))
		at = mono_min(at,
		    mono_add_ms(log_at(&net->log, log_begin(&net->log))->at,
			net->set->keep_s * MS_PER_S + 1));
	return at;
}

struct mono
link_net_finish(struct link_net *net, const struct event *ev,
    struct effects *fx)
{
	const struct link_step st = { net, ev, fx };

	if (net->set == NULL)
		return MONO_NEVER;
	ask_update(&st);
	skip_update(&st);
	backlog_update(&st);
	pump_all(&st);
	trim(&st);
	snap_cut_drop(&st);
	trash_run(net);
	for (size_t i = 0; i < net->nlink; i++) {
		ack_send(&st, net->link[i]);
		if (net->link[i]->unsent > LINK_UNSENT_MAX &&
		    !mutated(net, MUT_UNSENT_ENDLESS))
			link_refuse(&st, net->link[i], "slow",
			    "too much is unsent");
	}
	reap(&st);
	if (net->edges_changed)
		linkstate_announce(&st, NULL);
	return deadline(&st);
}
