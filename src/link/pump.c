/*
 * The log is the only queue. A link has a cursor into it and a vector, so a
 * link that is slow, or was away, costs no memory of its own. Entries are
 * always sent in the order of the log. If they were sent origin by origin, "hi
 * bob" could come before bob.
 *
 * A cursor that was set back passes many entries that the peer has. A step
 * looks at PUMP_PLACES of them for each link, and the next one goes on.
 *
 * All links are pumped alike, since there is no tree yet. Each entry crosses
 * each edge once or twice, and duplicates are dropped.
 */
#include "link/pump.h"

#include "link/forgetting/forget.h"
#include "link/msg/msg.h"
#include "link/snapshots/snap_out.h"
#include "link/state.h"

/* Return true if the log begins beyond what the peer has (link-protocol.md,
 * 7.2, step 1), or the peer lacks a FORGET. Look again only if the floor has
 * risen, ph may have fallen, or FORGETs have come. */
static bool
needs_snapshot(const struct link_net *net, struct link *l)
{
	bool lacks = !l->checked && forget_lacks(net, l);

	if (l->checked && l->floors == net->log.floors)
		return false;
	l->floors = net->log.floors;
	l->checked = !lacks && vector_le(&net->log.floor, &l->ph);
	return !l->checked;
}

#ifdef BANYAN_MUTATE
static bool
loses(struct link_net *net, const struct entry *e)
{
	if (!mutated(net, MUT_LOST_ENTRY) &&
	    !mutated(net, MUT_DIGEST_CHANGED) && !mutated(net, MUT_WANT_MAX) &&
	    !mutated(net, MUT_NO_WANT) && !mutated(net, MUT_GAPS))
		return false;
	if (e->n % 8 != 0 || vector_get(&net->lost, e->o) >= e->n)
		return false;
	vector_set(&net->lost, e->o, e->n);
	return true;
}

/* Return true if a mutation leaves this entry out. */
static bool
leaves_out(struct link_net *net, const struct link *l, const struct entry *e)
{
	bool own = origin_cmp(e->o, net->self) == 0;

	if (mutated(net, MUT_NO_RELAY) && !own)
		return true;
	if (mutated(net, MUT_INTEREST) && !own && !entry_is_for(e, l->o.sid))
		return true;
	return loses(net, e);
}
#else
static bool
leaves_out(struct link_net *net, const struct link *l, const struct entry *e)
{
	(void)net;
	(void)l;
	(void)e;
	return false;
}
#endif

static void
send_entry(const struct link_step *st, struct link *l, const struct entry *e)
{
	if (vector_get(&l->ph, e->o) >= e->n ||
	    (!log_has(&st->net->log, e) && !mutated(st->net, MUT_DEAD_SENT)))
		return;
	vector_set(&l->ph, e->o, e->n);
	if (leaves_out(st->net, l, e))
		return;
	l->entries_out++;
	skip_tell(st, l);
	link_send_buf(st, l, rcbuf_ref(e->text));
}

#ifdef BANYAN_MUTATE
static void
send_by_origin(const struct link_step *st, struct link *l)
{
	const struct log *log = &st->net->log;

	for (size_t i = 0; i < log->have.n; i++)
		for (uint64_t p = l->pos; p < log_end(log); p++) {
			const struct entry *e = log_at(log, p)->entry;

			if (origin_cmp(e->o, log->have.v[i].o) == 0)
				send_entry(st, l, e);
		}
	l->pos = log_end(log);
}
#else
static void
send_by_origin(const struct link_step *st, struct link *l)
{
	(void)st;
	(void)l;
}
#endif

size_t
pump_bytes(const struct link_net *net)
{
	return net->set->pump_bytes != 0 ? net->set->pump_bytes : LINK_PUMP_MAX;
}

/* Return true if the snapshot may be sent now. A peer that knows OFFER asks for
 * it (link-protocol.md, 8.12). */
static bool
is_wanted(const struct link_step *st, struct link *l)
{
	if (l->wanted || !link_knows(l, VERB_OFFER))
		return true;
	if (!l->offered)
		offer_send(st, l);
	l->offered = true;
	return false;
}

static void
pump_link(const struct link_step *st, struct link *l)
{
	struct link_net *net = st->net;
	unsigned places = 0;

	l->rests = false;
	while (l->state == LINK_UP && l->unsent < pump_bytes(net)) {
		if (l->out != NULL) {
			if (!snap_send(st, l))
				return;
			continue;
		}
		if (needs_snapshot(net, l)) {
			if (!is_wanted(st, l))
				return;
			l->awaits = !snap_begin(st, l);
			if (l->awaits)
				return;
		} else
			l->awaits = false;
		l->offered = l->wanted = false;
		if (l->out != NULL)
			continue;
		if (l->pos < log_begin(&net->log))
			l->pos = log_begin(&net->log);
		if (l->pos >= log_end(&net->log))
			return;
		l->rests = ++places > PUMP_PLACES;
		if (l->rests)
			return;
		if (mutated(net, MUT_SYNC_BY_ORIGIN))
			send_by_origin(st, l);
		else
			send_entry(st, l, log_at(&net->log, l->pos++)->entry);
	}
}

void
pump_all(const struct link_step *st)
{
	for (size_t i = 0; i < st->net->nlink; i++)
		pump_link(st, st->net->link[i]);
}

bool
pump_rests(const struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->rests)
			return true;
	return false;
}

bool
pump_is_stopped(const struct link_step *st, struct link *l)
{
	return l->out != NULL || l->pos < log_end(&st->net->log) ||
	       needs_snapshot(st->net, l);
}

void
pump_rewind(const struct link_step *st, struct link *l)
{
	l->pos = log_begin(&st->net->log);
	l->checked = false;
	if (l->state == LINK_SYNCING && mutated(st->net, MUT_SYNC_POS_END))
		l->pos = log_end(&st->net->log);
}
