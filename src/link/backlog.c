/*
 * The share of a link is the bound divided by the number of links that are up.
 * A link that brings less is never held, so honest links do not wait for one
 * that floods. The sum is at most twice the bound, and what was read already of
 * each link.
 *
 * Each entry counts for the link that brought it first. In a network with
 * circles the same flood comes by other links as well, but no faster than their
 * servers take it themselves.
 *
 * A link that is held stays alive: its silence is not counted, and what this
 * server sends goes on.
 *
 * Rejected: to hold the link that brought most. When it is held, the next one
 * would be the one that brought most, and so on.
 */
#include "link/backlog.h"

#include "link/state.h"

/*
 * Bytes of entries that wait, before links are held. Short messages take some
 * 300 bytes and 10 us each: these are 3500 of them, or 35 ms.
 */
#define BACKLOG_MAX ((uint64_t)1024 * 1024)

static struct link *
find(const struct link_net *net, struct conn_id conn)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (conn_id_eq(net->link[i]->conn, conn))
			return net->link[i];
	return NULL;
}

void
backlog_add(struct link_net *net, struct link *l)
{
	struct log *log = &net->log;
	struct log_item *last = &log->v[log->head + log->n - 1];

	last->from = l->conn;
	l->waiting += entry_size(last->entry);
}

void
backlog_take(struct link_net *net, const struct log_item *item)
{
	struct link *l =
	    conn_id_is_none(item->from) ? NULL : find(net, item->from);

	if (l != NULL)
		l->waiting -= entry_size(item->entry);
}

/* Return true if the peer has to wait for the next turn, because this one is
 * spent: a line may bring many facts of a snapshot. */
static bool
must_rest(const struct link_net *net, const struct link *l)
{
	return l->in != NULL && !core_has_units(net->core);
}

static void
hold(const struct link_step *st, struct link *l, bool on)
{
	l->held = on;
	if (!on)
		l->heard = event_awake(st->ev);
	effects_hold(st->fx, l->conn, on);
}

void
backlog_update(const struct link_step *st)
{
	const struct link_net *net = st->net;
	uint64_t max = net->set->backlog_bytes, all = net->log.waiting;
	uint64_t up = 0, share;
	bool rests;

	if (max == 0)
		max = BACKLOG_MAX;
	for (size_t i = 0; i < net->nlink; i++)
		up += net->link[i]->state == LINK_UP;
	share = up == 0 ? max : max / up;
	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i];

		if (l->state != LINK_UP)
			continue;
		rests = l->deferred != NULL || l->lacks.n > 0 || l->ended_in ||
			must_rest(net, l);
		if (!l->held && (rests || (all > max && l->waiting > share)))
			hold(st, l, true);
		else if (l->held && !rests &&
			 (all <= max / 2 || l->waiting <= share / 2))
			hold(st, l, false);
	}
}

bool
backlog_rests(const struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->held && must_rest(net, net->link[i]))
			return true;
	return false;
}
