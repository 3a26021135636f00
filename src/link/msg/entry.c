/*
 * ENTRY o n stamp D cause parts, then that many "+" lines
 *
 * The lines are put together as the bytes that came, and become an entry when
 * the last one is here. The entry is sent on as the same bytes. Its maker
 * encodes it once (core/types/entry.c), and the pump sends it.
 *
 * If a number is beyond the next one, the peer has broken the protocol. The gap
 * is never accepted, since it would hide the missing entry for ever.
 *
 * Every entry comes over each link, so most entries are duplicates. The lines
 * of a duplicate are counted and compared, and neither kept nor decoded.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/backlog.h"
#include "link/forgetting/forget.h"
#include "link/map/ghost.h"
#include "link/msg/msg.h"
#include "link/snapshots/ask.h"
#include "link/snapshots/snap_in.h"
#include "link/state.h"
#include "link/trust/defer.h"
#include "link/trust/forged.h"
#include "link/trust/sid_collision.h"
#include "link/words.h"

#define VERB_TEXT "ENTRY "
#define KEEP_CAP ((size_t)64 * 1024)

/* Note which other peers were sent the line that came, too. */
static void
begin_also(const struct link_step *st, struct assembly *a)
{
	size_t n = st->ev->u.line.nalso;

	while (a->capalso < n)
		a->also = mem_grow(a->also, &a->capalso, 8, sizeof(*a->also));
	if (n > 0)
		memcpy(a->also, st->ev->u.line.also, n * sizeof(*a->also));
	a->nalso = n;
}

static bool
is_also(const struct link_step *st, struct conn_id id)
{
	for (size_t i = 0; i < st->ev->u.line.nalso; i++)
		if (conn_id_eq(st->ev->u.line.also[i], id))
			return true;
	return false;
}

/* Keep those that were sent this line of the entry, as well. */
static void
cut_also(const struct link_step *st, struct assembly *a)
{
	size_t kept = 0;

	if (a->nalso == st->ev->u.line.nalso &&
	    (a->nalso == 0 || memcmp(a->also, st->ev->u.line.also,
				  a->nalso * sizeof(*a->also)) == 0))
		return;
	for (size_t i = 0; i < a->nalso; i++)
		if (is_also(st, a->also[i]))
			a->also[kept++] = a->also[i];
	a->nalso = kept;
}

/* Append to the text of the entry. Return false if it would be too large. */
static bool
append(struct assembly *a, struct span s)
{
	if (a->n + s.n > LINK_ENTRY_MAX)
		return false;
	while (a->n + s.n > a->cap)
		a->text = mem_grow(a->text, &a->cap, 1024, 1);
	memcpy(a->text + a->n, s.p, s.n);
	a->n += s.n;
	return true;
}

static void
refuse_size(const struct link_step *st, struct link *l)
{
	link_refuse_bounds(st, l, "an entry is too large", LINK_ENTRY_MAX,
	    "bytes");
}

static void
reset(struct assembly *a)
{
	if (a->cap > KEEP_CAP) {
		free(a->text);
		*a = (struct assembly){ 0 };
	}
	a->n = a->parts = 0;
}

static bool
is_of_peer(const struct link *l, const struct entry *e)
{
	return origin_cmp(e->o, l->o) == 0;
}

/* Judge only the peer's own entries. If other servers have accepted an entry of
 * a third origin, it must be accepted here, too (link-protocol.md, 6.13). */
static bool
is_ahead(const struct link_step *st, const struct link *l,
    const struct entry *e)
{
	return is_of_peer(l, e) &&
	       e->stamp.ms - net_clock(st).ms > CLOCKS_APART_MS;
}

/* The stamps of an origin must strictly increase: the latest stamp decides a
 * register, so otherwise a later write could lose to an earlier one. They are
 * judged where they enter the network, like the clock. A peer sends its own
 * entries in order, so an entry that came before, on any link, shows nothing
 * new. */
static bool
is_backwards(const struct link *l, const struct entry *e)
{
	const struct peer *x = l->peer;

	return is_of_peer(l, e) && x->own_inc == e->o.inc && e->n > x->own_n &&
	       e->stamp.ms <= x->own_stamp.ms;
}

static bool
judge_stamp(const struct link_step *st, struct link *l, const struct entry *e)
{
	if (is_ahead(st, l, e))
		link_refuse(st, l, "clock",
		    "the clock of the peer is more than 5 seconds ahead");
	else if (is_backwards(l, e))
		link_refuse(st, l, "clock",
		    "the stamp of an entry is not later than the stamp of the "
		    "entry before it");
	return l->state != LINK_DEAD;
}

/* Note that the peer has the entry. If the peer has made it, acknowledge it. */
static void
note(struct link *l, const struct entry *e)
{
	struct peer *x = l->peer;

	vector_raise(&l->ph, e->o, e->n);
	if (!is_of_peer(l, e))
		return;
	l->ack = l->ack > e->n ? l->ack : e->n;
	if (x->own_inc == e->o.inc && e->n <= x->own_n)
		return;
	x->own_inc = e->o.inc;
	x->own_n = e->n;
	x->own_stamp = e->stamp;
}

/* Return true if the entry is here (link-protocol.md, 6.7). No entry of a
 * forgotten run is one, as these runs are not in have. */
static bool
is_duplicate(const struct link_net *net, const struct entry *e)
{
	return e->n <= vector_get(&net->log.have, e->o);
}

/* Drop a duplicate. Only its head matters. Its run may have been forgotten
 * while its lines came. */
static void
duplicate(const struct link_step *st, struct link *l, const struct entry *e)
{
	l->entries_in++;
	ask_not_needed(l);
	if (forget_is(st->net, e->o)) {
		forget_judge(st, l, e->o, e->n);
		return;
	}
	if (!judge_stamp(st, l, e))
		return;
	note(l, e);
	st->net->counts.duplicates++;
}

/* Accept an entry that may be accepted, or let the link wait with it, or refuse
 * the link. The reference moves to this function. */
static void
accept(const struct link_step *st, struct link *l, struct entry *e)
{
	enum defer what = defer_judge(st, l, e);

	if (what == DEFER_WAITS)
		return;
	if (what == DEFER_REFUSED) {
		entry_unref(e);
		return;
	}
	note(l, e);
	if (e->n == 1)
		ghost_came(st->net, l, e->o.sid);
	net_accept(st, e);
	backlog_add(st->net, l);
}

/* link-protocol.md, 6.6 to 6.12, and 6.20 */
void
entry_arrived(const struct link_step *st, struct link *l, struct entry *e)
{
	struct link_net *net = st->net;

	/* it may have come on another link while it waited (defer.h) */
	if (is_duplicate(net, e)) {
		fork_judge(st, l, e, rcbuf_span(e->text));
		note(l, e);
		net->counts.duplicates++;
	} else if (sid_collision_in_origin(net, e->o, e->n))
		sid_collision_refuse(st, l);
	else if (forget_is(net, e->o))
		forget_judge(st, l, e->o, e->n);
	else if (forget_judge_entry(st, l, e)) {
		/* the link is refused */
	} else if (!net_has_room(net, e->o))
		link_refuse_bounds(st, l, "there are too many origins",
		    LINK_ORIGINS_MAX, "origins");
	else if (e->n > vector_get(&net->log.have, e->o) + 1 &&
		 !mutated(net, MUT_GAPS))
		link_refuse(st, l, "gap",
		    "an entry before this one is missing");
	else if (!judge_stamp(st, l, e)) {
		/* the link is refused */
	} else if (forged_is(net, e->o, e->n) && !forged_adopts(st, l, e)) {
		/* the link is refused, or the entry waits as a fork */
	} else if (!core_has_room(net->core, e, origin_cmp(e->o, l->o) == 0))
		net_refuse_full(st, l);
	else {
		accept(st, l, e);
		return;
	}
	entry_unref(e);
}

#ifdef BANYAN_MUTATE
/* Process a duplicate again, if a mutation says so. */
static void
again(const struct link_step *st, struct link *l)
{
	struct entry *e;
	const char *why;

	if (!mutated(st->net, MUT_NO_DUPLICATES))
		return;
	e = entry_from_text(span_make(l->entry.text, l->entry.n), &why);
	if (e != NULL)
		core_apply_whole(st->net->core, st->ev, e, false, st->fx);
	entry_unref(e);
}
#else
static void
again(const struct link_step *st, struct link *l)
{
	(void)st;
	(void)l;
}
#endif

const char *
entry_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct assembly *a = &l->entry;
	const char *why;

	words_skip_spaces(&rest);
	if ((why = entry_head_decode(rest, &a->head)) != NULL)
		return why;
	if (a->head.nparts > ENTRY_PARTS_MAX) {
		link_refuse_bounds(st, l, "an entry is too large",
		    ENTRY_PARTS_MAX, "parts");
		return NULL;
	}
	a->parts = a->head.nparts;
	begin_also(st, a);
	a->dropped = l->lost && l->in == NULL;
	if (a->dropped)
		return NULL;
	a->known = l->in == NULL && is_duplicate(st->net, &a->head) &&
		   !mutated(st->net, MUT_NO_DUPLICATES);
	if (a->known) {
		fork_begin(st, &a->fork, &a->head);
		fork_line(&a->fork, SPAN(VERB_TEXT), rest);
		return NULL;
	}
	append(a, SPAN(VERB_TEXT));
	append(a, rest);
	append(a, SPAN("\r\n"));
	return NULL;
}

/* Handle an entry whose lines are all here. */
static const char *
complete(const struct link_step *st, struct link *l)
{
	const char *why = NULL;
	struct entry *e;
	struct origin o;
	uint64_t n;

	if (l->entry.dropped) {
		l->entries_in++;
		reset(&l->entry);
		return NULL;
	}
	if (l->in == NULL &&
	    (l->entry.known || is_duplicate(st->net, &l->entry.head))) {
		if (l->entry.known)
			fork_end(st, l);
		else
			fork_judge(st, l, &l->entry.head,
			    span_make(l->entry.text, l->entry.n));
		duplicate(st, l, &l->entry.head);
		again(st, l);
		reset(&l->entry);
		return NULL;
	}
	e = entry_from_text(span_make(l->entry.text, l->entry.n), &why);
	reset(&l->entry);
	if (e == NULL)
		return why;
	if (l->in != NULL)
		return snap_in_entry(st, l, e);
	l->entries_in++;
	ask_not_needed(l);
	o = e->o;
	n = e->n;
	entry_arrived(st, l, e);
	if (vector_get(&st->net->log.have, o) == n)
		skip_note(st, l, o, n);
	return NULL;
}

const char *
plus_recv(const struct link_step *st, struct link *l, struct span line)
{
	struct assembly *a = &l->entry;

	if (a->parts == 0)
		return l->in != NULL ? snap_in_fact(st, l, line)
				     : "a + line that belongs to nothing";
	cut_also(st, a);
	if (a->dropped) {
		/* only its lines are counted */
	} else if (a->known)
		fork_line(&a->fork, line, SPAN_NONE);
	else if (!append(a, line) || !append(a, SPAN("\r\n"))) {
		refuse_size(st, l);
		return NULL;
	}
	return --a->parts > 0 ? NULL : complete(st, l);
}
