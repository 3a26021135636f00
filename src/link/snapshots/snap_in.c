#include "link/snapshots/snap_in.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/snap_facts.h"
#include "core/types/cost.h"
#include "link/pump.h"
#include "link/snapshots/ask.h"
#include "link/snapshots/pack.h"
#include "link/snapshots/trash.h"
#include "link/state.h"
#include "link/trust/defer.h"
#include "link/words.h"

struct snap_in *
snap_in_new(const struct link_step *st)
{
	struct snap_in *in = mem_zalloc(sizeof(*in));

	in->until = mono_add_ms(event_awake(st->ev), SNAP_MS);
	in->net = st->net;
	/* pieces like those that this server sends: tests make them small */
	in->facts = snap_facts_new(st->net->core, pump_bytes(st->net));
	return in;
}

void
snap_in_free(struct snap_in *in)
{
	if (in == NULL)
		return;
	trash_entries(in->net, in->entry, in->nentry);
	vector_fini(&in->v);
	vector_fini(&in->f);
	vector_fini(&in->ready);
	vector_fini(&in->had);
	vector_fini(&in->cov);
	snap_facts_drop(in->net->core, in->facts);
	unpacker_free(in->unpacker);
	free(in);
}

struct unpacker *
snap_in_unpacker(struct snap_in *in)
{
	if (in->unpacker == NULL)
		in->unpacker = unpacker_new();
	return in->unpacker;
}

struct mono
snap_in_until(const struct snap_in *in)
{
	return in->until;
}

static size_t
bytes(const struct snap_in *in)
{
	return in->bytes +
	       (in->facts == NULL ? 0 : snap_facts_bytes(in->facts));
}

uint64_t
snap_bytes_max(const struct link_net *net)
{
	return net->set->snapshot_bytes != 0 ? net->set->snapshot_bytes
					     : SNAP_BYTES_MAX;
}

/* Refuse the link, and return false, if all links together hold more than the
 * bound, with `more` bytes that come now. */
static bool
holds(const struct link_step *st, struct link *l, size_t more)
{
	const struct link_net *net = st->net;
	size_t all = more + core_install_bytes(net->core);

	if (net->taking != NULL)
		all += bytes(net->taking);

	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->in != NULL)
			all += bytes(net->link[i]->in);
	if (all <= snap_bytes_max(net))
		return true;
	ask_refuse(st, l);
	return false;
}

#ifdef BANYAN_MUTATE
static void
take_fact(const struct link_step *st, struct span line,
    const struct snap_item *item)
{
	struct link_net *net = st->net;
	struct snap_facts *one = snap_facts_new(net->core, 0);
	struct vector none = { 0 }, cov = { 0 };
	struct origin o = item->dot.o;
	struct snap_item same;

	snap_facts_add(one, line, st->fx->arena, &same);
	log_covered_all(&net->log, &cov);
	core_install_whole(net->core, st->ev, one, &none, &cov, st->fx);
	vector_fini(&cov);
	log_jump(&net->log, o, item->dot.n);
	vector_raise(&net->log.merged, o, item->dot.n);
}
#else
static void
take_fact(const struct link_step *st, struct span line,
    const struct snap_item *item)
{
	(void)st;
	(void)line;
	(void)item;
}
#endif

/* Judge a fact, or refuse the link (link-protocol.md, 8.18). */
static bool
is_credible(const struct link_step *st, struct link *l,
    const struct snap_item *item)
{
	const struct part *p = &item->part;

	if (defer_refuses_stamp(st, item->stamp)) {
		link_refuse(st, l, "clock",
		    "the stamp of a fact is weeks ahead");
		return false;
	}
	if (p->id == PART_READY)
		vector_set(&l->in->ready,
		    (struct origin){ p->u.ready.sid, (uint32_t)p->u.ready.inc },
		    1);
	return true;
}

const char *
snap_in_fact(const struct link_step *st, struct link *l, struct span line)
{
	struct snap_in *in = l->in;
	struct snap_item item = { 0 };
	const char *why;

	if (in->ending)
		return "a fact came after END";
	ask_progress(st, l);
	if ((why = snap_facts_add(in->facts, line, st->fx->arena, &item)) !=
	    NULL)
		return why;
	if (!is_credible(st, l, &item))
		return NULL;
	core_spend(st->net->core, COST_SNAP_FACT + line.n);
	if (mutated(st->net, MUT_SNAP_BY_FACT))
		take_fact(st, line, &item);
	(void)holds(st, l, 0);
	return NULL;
}

const char *
snap_in_entry(const struct link_step *st, struct link *l, struct entry *e)
{
	struct snap_in *in = l->in;

	ask_progress(st, l);
	if (defer_refuses_stamp(st, e->stamp)) {
		link_refuse(st, l, "clock",
		    "the stamp of an entry is weeks ahead");
		entry_unref(e);
		return NULL;
	}
	if (in->ending || !holds(st, l, entry_size(e))) {
		entry_unref(e);
		return in->ending ? "an entry came after END" : NULL;
	}
	in->bytes += entry_size(e);
	if (in->nentry == in->capentry)
		in->entry = mem_grow(in->entry, &in->capentry, 64,
		    sizeof(struct entry *));
	in->entry[in->nentry++] = e;
	return NULL;
}

const char *
snap_in_end(const struct link_step *st, struct link *l, struct span words)
{
	struct snap_in *in = l->in;
	struct vector_item item;
	struct span word;
	uint64_t f;

	in->ending = true;
	while (word_next(&words, &word)) {
		struct span v = span_cut(&word, '/');

		if (!vector_item_parse(v, &item) || !num_parse(word, &f) ||
		    f > item.n)
			return "expected sid.inc=v/f";
		vector_set(&in->v, item.o, item.n);
		vector_set(&in->f, item.o, f);
		if (in->v.n > LINK_ORIGINS_MAX) {
			link_refuse_bounds(st, l, "END is too large",
			    LINK_ORIGINS_MAX, "origins");
			return NULL;
		}
	}
	return word_none(words) ? NULL : "expected sid.inc=v/f";
}

void
snap_in_lost(const struct link_step *st, const struct link *l)
{
	if (l->in == NULL)
		return;
	effects_logf(st->fx, LOG_SNAPSHOT_LOST, { "server", link_name(l) },
	    { "way", SPAN("in") },
	    { "facts", num_text(st, snap_facts_count(l->in->facts)) },
	    { "entries", num_text(st, l->in->nentry) });
}
