/*
 * All neighbours of a newcomer have the same facts, so one snapshot is enough:
 * the others then go on with their logs. If all of them sent theirs, a hub with
 * 8 leaves would take 8, and each of them is as large as the network.
 *
 * The peer that was asked first goes on even if it is slow and another one was
 * asked meanwhile. Whichever snapshot ends first is taken; a second one changes
 * little.
 */
#include "link/snapshots/ask.h"

#include "link/msg/msg.h"
#include "link/snapshots/snap_in.h"
#include "link/state.h"

#define STALL_MS 10000		  /* without progress: ask the next peer */
#define PAUSE_MIN_MS 60000	  /* after a snapshot was too large */
#define PAUSE_MAX_MS (60 * 60000) /* it doubles each time up to this */
/* A peer that was lost dials or is dialled again within 75 s (peer.c). A server
 * that was refused waits twice as long before it counts itself alone. */
#define ALONE_MS 150000

/* A peer that was asked before, and needed no snapshot then, waits for another
 * WANT. */
void
ask_offered(struct link *l)
{
	l->offers = true;
	l->asked = false;
}

void
ask_not_needed(struct link *l)
{
	l->offers = l->asked = false;
}

void
ask_progress(const struct link_step *st, struct link *l)
{
	l->progress = event_awake(st->ev);
}

void
ask_taken(struct link_net *net)
{
	net->ask_at = (struct mono){ 0 };
	net->too_large = 0;
}

bool
ask_is_under_way(const struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->in != NULL || net->link[i]->asked)
			return true;
	return net->taking != NULL;
}

/* ---- asking -------------------------------------------------------------- */

static bool
is_asked(const struct link *l)
{
	return l->state == LINK_UP &&
	       (l->in != NULL || l->ended_in || l->asked);
}

static bool
can_be_asked(const struct link *l)
{
	return l->state == LINK_UP && l->offers && !is_asked(l);
}

/* Return when the next peer may be asked: not before the pause is over and all
 * that were asked have made no progress for a while. */
static struct mono
next_at(const struct link_net *net)
{
	struct mono at = net->ask_at, stalled;

	for (size_t i = 0; i < net->nlink; i++) {
		if (!is_asked(net->link[i]))
			continue;
		stalled = mono_add_ms(net->link[i]->progress, STALL_MS);
		if (mono_cmp(stalled, at) > 0)
			at = stalled;
	}
	return at;
}

void
ask_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct link *l;

	/* it may bring all that is missing, even if its link is gone */
	if (net->taking != NULL)
		return;
	for (size_t i = 0; i < net->nlink; i++) {
		l = net->link[i];
		if (!can_be_asked(l) ||
		    mono_cmp(next_at(net), event_awake(st->ev)) > 0)
			continue;
		l->asked = true;
		ask_progress(st, l);
		want_send(st, l);
		net->counts.asks++;
	}
}

struct mono
ask_deadline(const struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->taking == NULL && can_be_asked(net->link[i]))
			return next_at(net);
	return MONO_NEVER;
}

/* ---- refusals ------------------------------------------------------------ */

static void
refuse(const struct link_step *st, struct link *l)
{
	link_refuse_bounds(st, l, "snapshots are too large",
	    snap_bytes_max(st->net), "bytes (sync.snapshot_mib)");
}

void
ask_refuse(const struct link_step *st, struct link *l)
{
	struct link_net *net = st->net;
	int64_t pause = PAUSE_MIN_MS;

	for (unsigned i = 0; i < net->too_large && pause < PAUSE_MAX_MS; i++)
		pause *= 2;
	if (pause > PAUSE_MAX_MS)
		pause = PAUSE_MAX_MS;
	net->too_large++;
	net->ask_at = mono_add_ms(event_awake(st->ev), pause);
	effects_logf(st->fx, LOG_SNAPSHOT_REFUSED, { "server", link_name(l) },
	    { "bytes", num_text(st, snap_bytes_max(net)) },
	    { "again_s", num_text(st, (uint64_t)pause / MS_PER_S) });
	refuse(st, l);
}

bool
ask_refuse_early(const struct link_step *st, struct link *l)
{
	if (mono_cmp(st->net->ask_at, event_awake(st->ev)) <= 0 ||
	    link_knows(l, VERB_OFFER))
		return false;
	refuse(st, l);
	return true;
}

void
ask_conf(struct link_net *net)
{
	ask_taken(net);
}

/* Return true if the end shows a network that this server does not fit, not a
 * peer that is gone. */
static bool
was_refused(const struct link *l)
{
	static const struct span gone[] = { SPAN_INIT("duplicate"),
		SPAN_INIT("removed"), SPAN_INIT("restart"),
		SPAN_INIT("silence"), SPAN_INIT("slow"), SPAN_INIT("stop") };

	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (span_eq(l->end.code, gone[i]))
			return false;
	return l->was_up && l->end.by != LINK_BY_CONNECTION;
}

void
ask_ended(const struct link_step *st, const struct link *l)
{
	struct link_net *net = st->net;
	struct mono at = mono_add_ms(event_awake(st->ev), ALONE_MS);

	if (!core_is_ready(net->core) && was_refused(l) &&
	    mono_cmp(net->alone_at, at) < 0)
		net->alone_at = at;
}
