/*
 * A node alternates between its two halves until both are quiet. Entries that
 * the core has made go into the log. Entries of the log that are not processed
 * go to the core, in log order, whoever made them. So an entry that the core
 * makes in answer to another one stands behind it in the log, on every server.
 *
 * Entries are processed as far as the budget of the turn goes (base/work.h).
 * The log may hold unprocessed ones between two steps; then the node asks for a
 * tick at once. Each tick processes one entry at least.
 *
 * Links are pumped at the end of the step, when the log is complete. They are
 * left alone in a step that only concerns clients of this server and makes no
 * entry, such as most lines (is_for_clients_alone).
 *
 * Trunks stand between the events and the core (trunk/net.h). A line of a gate
 * becomes an event of a client. The effects of the whole step are read at its
 * end, when the core has also been told of the streams that have ended in it.
 *
 * Not every call of the core says when it is to be called again. So the node
 * keeps the earliest time that the core has said since it was last stepped. If
 * that is too early, it costs one idle tick.
 */
#include "node/node.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/core.h"
#include "core/types/mutate.h"
#include "link/mutate.h"
#include "link/info.h"
#include "link/net.h"
#include "node/control.h"
#include "node/state.h"
#include "trunk/net.h"

struct node *
node_new(void)
{
	struct node *node = mem_zalloc(sizeof(*node));

	node->core = core_new();
	node->net = link_net_new(node->core);
	node->trunks = trunk_net_new(node->core);
	node->core_deadline = node->link_deadline = MONO_NEVER;
	node->trunk_deadline = node->deadline = MONO_NEVER;
	return node;
}

void
node_free(struct node *node)
{
	if (node == NULL)
		return;
	trunk_net_free(node->trunks);
	link_net_free(node->net);
	core_free(node->core);
	free(node);
}

/* Carry out what the core has made. Return false if it has made nothing. */
static bool
take_out(struct node *node, const struct event *ev, struct effects *fx)
{
	struct out out;
	bool any = false;

	while (core_out(node->core, &out)) {
		any = true;
		if (out.kind == OUT_ENTRY)
			link_net_own(node->net, ev, fx, out.entry);
		else
			link_net_route(node->net, ev, fx, &out);
		free(out.owned);
	}
	return any;
}

static bool
may_process(const struct node *node, const struct event *ev)
{
	return node->owed || core_may_apply(node->core, ev) ||
	       mutated(node, MUT_NO_BUDGET);
}

static void
run_until_quiet(struct node *node, const struct event *ev, struct effects *fx)
{
	const struct entry *e;
	bool facts_known, again;

	node->owed = ev->kind == EV_TICK;
	do {
		again = take_out(node, ev, fx);
		while (may_process(node, ev) && (e = link_net_pending(node->net,
						     &facts_known)) != NULL) {
			if (core_apply(node->core, ev, e, facts_known, fx))
				link_net_processed(node->net);
			node->owed = false;
			again = take_out(node, ev, fx) || again;
		}
		again = link_net_tell_core(node->net, ev, fx) || again;
	} while (again);
}

static bool
is_for_core(enum event_kind kind)
{
	switch (kind) {
	case EV_SEED:
	case EV_CONF:
	case EV_TICK:
	case EV_CONN_OPEN:
	case EV_LINE:
	case EV_CONN_ENDED:
	case EV_CONN_EXCESS:
	case EV_CONN_CLOSED:
	case EV_CONN_HELD:
	case EV_DRAINED:
	case EV_ANSWERED:
	case EV_HAPPENED:
	case EV_LOADED:
	case EV_UNSTORED:
		return true;
	case EV_LINK_OPEN:
	case EV_LINK_LINE:
	case EV_LINK_CLOSED:
	case EV_LINK_WRITABLE:
	case EV_DIAL_FAILED:
	case EV_TRUNK_OPEN:
	case EV_TRUNK_LINE:
	case EV_TRUNK_CLOSED:
	case EV_TRUNK_WRITABLE:
	case EV_CONTROL:
	case EV_COUNT:
		return false;
	}
	return false;
}

/*
 * Return true if the event has only concerned clients or gates of this server,
 * so that neither the log nor the links have anything to do. If they wait for a
 * time, they have asked for a tick.
 */
static bool
is_for_clients_alone(const struct node *node, enum event_kind kind)
{
	bool facts_known;

	return (kind == EV_LINE || kind == EV_CONN_OPEN ||
		   kind == EV_CONN_ENDED || kind == EV_CONN_EXCESS ||
		   kind == EV_CONN_CLOSED || kind == EV_CONN_HELD ||
		   kind == EV_DRAINED || kind == EV_TRUNK_OPEN ||
		   kind == EV_TRUNK_LINE || kind == EV_TRUNK_CLOSED ||
		   kind == EV_TRUNK_WRITABLE || kind == EV_HAPPENED) &&
	       !core_has_out(node->core) &&
	       link_net_pending(node->net, &facts_known) == NULL;
}

/* Let the log and the links go on. */
static void
step_links(struct node *node, const struct event *ev, struct effects *fx)
{
	bool facts_known;

	link_net_step(node->net, ev, fx);
	if (ev->kind == EV_CONTROL)
		control_answer(node->core, node->net, node->trunks, ev, fx);
	run_until_quiet(node, ev, fx);
	node->link_deadline = link_net_finish(node->net, ev, fx);
	if (link_net_pending(node->net, &facts_known) != NULL)
		node->link_deadline = ev->now;
}

/* Take one event. The effects from number `from` on may be told to operators.
 */
static void
step_once(struct node *node, const struct event *ev, size_t from,
    struct effects *fx)
{
	link_net_clock(node->net, ev);
	if (is_for_core(ev->kind)) {
		node->core_deadline = MONO_NEVER;
		core_step(node->core, ev, fx);
	}
	if (!is_for_clients_alone(node, ev->kind))
		step_links(node, ev, fx);
	core_tell_events(node->core, ev, from, fx);
	node->core_deadline = mono_min(node->core_deadline, fx->deadline);
}

/* Tell the core of streams that have ended, give it lines that have waited, and
 * send the lines of trunks. */
static void
step_trunks(struct node *node, const struct event *ev, size_t from,
    struct effects *fx)
{
	const struct log *log = link_net_log(node->net);
	struct trunk_position pos = { .done = &log->done };
	struct event core;
	size_t at = from;

	pos.serial = log->next + log->floors;
	while (trunk_net_next(node->trunks, ev, &at, &core, fx)) {
		fx->deadline = MONO_NEVER;
		step_once(node, &core, fx->n, fx);
	}
	/* these have made entries */
	if (!mutated(node, MUT_POS_EARLY))
		pos.serial = log->next + log->floors;
	node->trunk_deadline =
	    trunk_net_finish(node->trunks, ev, &pos, from, fx);
}

void
node_step(struct node *node, const struct event *ev, struct effects *fx)
{
	struct event timed = *ev, core;
	size_t from = fx->n;

	awake_run(&node->awake, ev->now, node->deadline);
	if (!mutated(node, MUT_PAUSE_COUNTS))
		timed.paused_ns = node->awake.paused_ns;
	if (trunk_net_step(node->trunks, &timed, &core, fx))
		step_once(node, &core, from, fx);
	else
		step_once(node, &timed, from, fx);
	step_trunks(node, &timed, from, fx);
	node->deadline = mono_min(node->core_deadline,
	    mono_min(node->link_deadline, node->trunk_deadline));
	fx->deadline = node->deadline;
}

void
node_make_home(struct node *node, const struct event *ev,
    const struct part_home *home, struct effects *fx)
{
	core_make_home(node->core, ev, home, fx);
}

bool
node_reads_old_rows(const struct node *node)
{
	return core_reads_old_rows(node->core);
}

const struct core *
node_core(const struct node *node)
{
	return node->core;
}

const struct link_net *
node_links(const struct node *node)
{
	return node->net;
}

const struct trunk_net *
node_trunks(const struct node *node)
{
	return node->trunks;
}

#ifdef BANYAN_MUTATE
void
node_set_mutation(struct node *node, int mutation)
{
	node->mutation = mutation;
	link_net_set_mutation(node->net, mutation);
	if (mutation >= MUT_COUNT)
		core_set_mutation(node->core, mutation - MUT_COUNT + 1);
	if (mutation >= MUT_COUNT)
		trunk_net_set_mutation(node->trunks, mutation - MUT_COUNT + 1);
}
#endif

void
node_farewell(const struct node *node, struct conn_id conn, struct writer *w)
{
	link_net_farewell(node->net, conn, w);
}

bool
node_refuses(const struct node *n, const struct addr *addr, struct wall now)
{
	return core_refuses(n->core, addr, now);
}
