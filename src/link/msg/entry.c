/*
 * ENTRY o n stamp D cause parts, then that many "+" lines
 *
 * The lines are put together and become an entry when the last is here, as the
 * bytes that came; they are sent on as those bytes. Encoded once, by its maker
 * (core/types/entry.c); the pump sends it.
 *
 * A number beyond the next is the peer's fault, never a gap to be filled: an
 * accepted gap would hide the missing entry for ever.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/forget.h"
#include "link/msg/msg.h"
#include "link/sid_collision.h"
#include "link/snapshot.h"
#include "link/state.h"
#include "link/words.h"

#define VERB_TEXT "ENTRY "
#define KEEP_CAP ((size_t)64 * 1024)

/* Appends; false over the bound of an entry. */
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
	link_refuse(st, l, "bounds", "too large an entry");
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

const char *
entry_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct entry head;
	const char *why;

	words_skip_spaces(&rest);
	if ((why = entry_head_decode(rest, &head)) != NULL)
		return why;
	if (head.nparts > ENTRY_PARTS_MAX) {
		refuse_size(st, l);
		return NULL;
	}
	append(&l->entry, SPAN(VERB_TEXT));
	append(&l->entry, rest);
	append(&l->entry, SPAN("\r\n"));
	l->entry.parts = head.nparts;
	return NULL;
}

static bool
is_own(const struct link *l, const struct entry *e)
{
	return origin_cmp(e->o, l->o) == 0;
}

/* Only of the neighbour's own: of others' clocks it is no judge. */
static bool
is_ahead(const struct link_step *st, const struct link *l,
    const struct entry *e)
{
	return is_own(l, e) &&
	       e->stamp.ms - net_clock(st).ms > LINK_CLOCK_MAX_MS;
}

/* Stamps of an origin strictly increase: registers go by them, and what it
 * wrote last would not be what counts. Looked at like the clock, where it
 * enters the network, and so nowhere twice. A peer sends its own in order; one
 * that came before, on whatever link, says nothing new. */
static bool
is_backwards(const struct link *l, const struct entry *e)
{
	const struct peer *x = l->peer;

	return is_own(l, e) && x->own_inc == e->o.inc && e->n > x->own_n &&
	       e->stamp.ms <= x->own_stamp.ms;
}

static void
own_came(struct link *l, const struct entry *e)
{
	struct peer *x = l->peer;

	l->ack = l->ack > e->n ? l->ack : e->n;
	if (x->own_inc == e->o.inc && e->n <= x->own_n)
		return;
	x->own_inc = e->o.inc;
	x->own_n = e->n;
	x->own_stamp = e->stamp;
}

/* link-protocol.md, 6.6 to 6.9. Takes the reference. */
static void
arrived(const struct link_step *st, struct link *l, struct entry *e)
{
	struct link_net *net = st->net;
	uint64_t have = vector_get(&net->log.have, e->o);

	l->entries_in++;
	if (sid_collision_in_origin(net, e->o, e->n))
		sid_collision_refuse(st, l);
	else if (forget_is(net, e->o))
		forget_judge(st, l, e->o, e->n);
	else if (e->n > have && forget_judge_entry(st, l, e)) {
		/* refused */
	} else if (!net_has_room(net, e->o))
		link_refuse(st, l, "bounds", "too many origins");
	else if (e->n > have + 1 && !mutated(net, MUT_GAPS))
		link_refuse(st, l, "gap",
		    "an entry before this one is missing");
	else if (is_ahead(st, l, e))
		link_refuse(st, l, "clock",
		    "your clock is more than 5 seconds ahead");
	else if (is_backwards(l, e))
		link_refuse(st, l, "clock",
		    "the stamp of your entry is not later than that of the one "
		    "before");
	else if (e->n > have && !core_has_room(net->core, e))
		net_refuse_full(st, l);
	else {
		vector_raise(&l->ph, e->o, e->n);
		if (is_own(l, e))
			own_came(l, e);
		if (e->n > have) {
			net_accept(st, e);
			return;
		}
		net->counts.duplicates++;
		if (mutated(net, MUT_NO_DUPLICATES))
			core_apply(net->core, st->ev, e, false, st->fx);
	}
	entry_unref(e);
}

const char *
plus_recv(const struct link_step *st, struct link *l, struct span line)
{
	const char *why = NULL;
	struct entry *e;

	if (l->entry.parts == 0)
		return l->in != NULL ? snap_in_fact(st, l, line)
				     : "a + line that belongs to nothing";
	if (!append(&l->entry, line) || !append(&l->entry, SPAN("\r\n"))) {
		refuse_size(st, l);
		return NULL;
	}
	if (--l->entry.parts > 0)
		return NULL;
	e = entry_from_text(span_make(l->entry.text, l->entry.n), &why);
	reset(&l->entry);
	if (e == NULL)
		return why;
	if (l->in != NULL)
		return snap_in_entry(st, l, e);
	arrived(st, l, e);
	return NULL;
}
