/*
 * The invariants of link-protocol.md, part 15, as far as one server can see
 * them after a step. The simulator checks the others.
 *
 * 15.1  The log holds, for each origin, exactly (floor, have], ascending, dead
 *       entries left out; floor <= done <= have; merged <= have; done is a
 *       prefix of the log.
 * 15.2  If the pump of a link has nothing left to send, ph >= have.
 * C32   Entries that are skipped (msg/skip.c).
 * 15.3  No entry is processed twice: log_processed() stops the process.
 * 15.8  The log, each vector, and what a link puts together or has unsent keep
 *       within their bounds.
 *
 * The last entries of the log, if they are own ones, are read as those of a
 * peer, because entry_new() does not do that.
 */
#include "link/forgetting/forget.h"
#include "link/map/doubt.h"
#include "link/pump.h"
#include "link/snapshots/snap_out.h"
#include "link/state.h"

#define OWN_READ 8 /* entries; few steps make more */

static const char *
fails(struct arena *arena, const char *what, struct origin o, uint64_t n)
{
	struct writer w;

	writer_init_arena(&w, arena, 256);
	writer_str(&w, what);
	writer_str(&w, ": ");
	write_origin(&w, o);
	writer_char(&w, ' ');
	writer_u64(&w, n);
	writer_char(&w, '\0');
	return writer_done(&w).p;
}

static const char *
check_log(const struct log *log, struct arena *arena)
{
	struct vector at = { 0 }, done = { 0 };
	const char *why = NULL;

	vector_copy(&at, &log->floor);
	vector_copy(&done, &log->floor);
	for (uint64_t p = log_begin(log); p < log_end(log) && why == NULL;
	     p++) {
		const struct entry *e = log_at(log, p)->entry;

		if (!log_has(log, e))
			continue;
		if (e->n != vector_get(&at, e->o) + 1)
			why = fails(arena,
			    "invariant 1, the log is not "
			    "gap-free",
			    e->o, e->n);
		vector_set(&at, e->o, e->n);
		if (p < log->next)
			vector_set(&done, e->o, e->n);
	}
	for (size_t i = 0; i < log->have.n && why == NULL; i++) {
		struct origin o = log->have.v[i].o;

		if (vector_get(&at, o) != log->have.v[i].n)
			why = fails(arena,
			    "invariant 1, the log does not end "
			    "at have",
			    o, log->have.v[i].n);
		else if (vector_get(&done, o) != vector_get(&log->done, o))
			why = fails(arena,
			    "invariant 1, done is not a prefix "
			    "of the log",
			    o, vector_get(&log->done, o));
	}
	vector_fini(&at);
	vector_fini(&done);
	return why;
}

static const char *
check_own(const struct link_net *net, struct arena *arena)
{
	const struct log *log = &net->log;
	const struct entry *e;

	for (uint64_t p = log_end(log), n = 0;
	     p > log_begin(log) && n < OWN_READ; p--, n++) {
		e = log_at(log, p - 1)->entry;
		if (origin_cmp(e->o, net->self) != 0)
			break;
		if (!entry_is_sound(e))
			return fails(arena, "an own entry is malformed", e->o,
			    e->n);
	}
	return NULL;
}

/* Bytes that wait are counted, in all and for each link. */
static const char *
check_waiting(const struct link_net *net, struct arena *arena)
{
	const struct log *log = &net->log;
	uint64_t all = 0, of;

	for (uint64_t p = log->next; p < log_end(log); p++)
		all += entry_size(log_at(log, p)->entry);
	if (all != log->waiting)
		return fails(arena, "unprocessed bytes are miscounted",
		    net->self, all);
	for (size_t i = 0; i < net->nlink; i++) {
		of = 0;
		for (uint64_t p = log->next; p < log_end(log); p++)
			if (conn_id_eq(log_at(log, p)->from,
				net->link[i]->conn))
				of += entry_size(log_at(log, p)->entry);
		if (of != net->link[i]->waiting)
			return fails(arena,
			    "unprocessed bytes of a link are miscounted",
			    net->link[i]->o, of);
	}
	return NULL;
}

static const char *
check_vectors(const struct log *log, struct arena *arena)
{
	const struct origin none = { 0 };

	if (!vector_le(&log->floor, &log->done))
		return fails(arena, "invariant 1, floor <= done", none, 0);
	if (!vector_le(&log->done, &log->have))
		return fails(arena, "invariant 1, done <= have", none, 0);
	if (!vector_le(&log->merged, &log->have))
		return fails(arena, "invariant 1, merged <= have", none, 0);
	return NULL;
}

/* A forgotten run is in no vector. So its entries are dead, by 15.1. */
static const char *
check_forgotten(const struct link_net *net, struct arena *arena)
{
	const struct vector *all[] = { &net->log.have, &net->log.done,
		&net->log.merged, &net->log.floor };

	if (core_is_applying(net->core)) /* forget_sweep() waits */
		return NULL;
	if (net->forgets != core_forget_count(net->core))
		return fails(arena, "invariant 1, not swept", net->self, 0);
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		for (size_t i = 0; i < all[k]->n; i++)
			if (forget_is(net, all[k]->v[i].o))
				return fails(arena,
				    "invariant 1, forgotten and in a vector",
				    all[k]->v[i].o, all[k]->v[i].n);
	return NULL;
}

static const char *
check_links(const struct link_net *net, struct arena *arena)
{
	for (size_t i = 0; i < net->nlink; i++) {
		const struct link *l = net->link[i];

		if (l->state == LINK_UP && l->out == NULL && !l->offered &&
		    !l->awaits && l->unsent < pump_bytes(net) &&
		    l->pos >= log_end(&net->log) &&
		    !vector_le(&net->log.have, &l->ph))
			return fails(arena,
			    "invariant 2, sent to the end of "
			    "the log and ph < have",
			    l->o, 0);
	}
	return NULL;
}

/* C32: an entry is skipped only if the peer knows SKIP, and its ph says so; a
 * link that waits for skipped entries is up. */
static const char *
check_skips(const struct link_net *net, struct arena *arena)
{
	for (size_t i = 0; i < net->nlink; i++) {
		const struct link *l = net->link[i];

		if (l->skip.n > 0 && !link_knows(l, VERB_SKIP))
			return fails(arena, "C32, skipped and does not know it",
			    l->o, l->skip.n);
		if (!vector_le(&l->skip, &l->ph))
			return fails(arena, "C32, skipped and above ph", l->o,
			    l->skip.n);
		if (l->skip.n > 0 && l->out != NULL)
			return fails(arena, "C32, skipped before a snapshot",
			    l->o, l->skip.n);
		if (l->lacks.n > 0 && l->state != LINK_UP &&
		    l->state != LINK_DEAD)
			return fails(arena, "C32, waits and is not up", l->o,
			    l->lacks.n);
	}
	return NULL;
}

/* A list is refused after the word that makes it too long, and the text of an
 * entry grows by doubling. */
static bool
is_bounded(const struct link *l)
{
	return l->ph.n <= LINK_ORIGINS_MAX && l->told.n <= LINK_ORIGINS_MAX &&
	       l->words.n <= LINK_ORIGINS_MAX + 1 &&
	       l->lsa.nedge <= NETMAP_EDGES_MAX &&
	       l->lsa.heads.n <= LINK_ORIGINS_MAX + 1 &&
	       l->ndoubted <= DOUBT_MAX + NETMAP_SERVERS_MAX &&
	       l->entry.cap <= 2 * LINK_ENTRY_MAX &&
	       l->unsent <= LINK_UNSENT_MAX;
}

static const char *
check_bounds(const struct link_net *net, struct arena *arena)
{
	const struct log *log = &net->log;

	if (net->set == NULL)
		return NULL;
	if (log_begin(log) < log->next && log->bytes > net->set->keep_bytes &&
	    !snap_out_gathers(net))
		return fails(arena, "invariant 8, the log is too large",
		    net->self, log->bytes);
	if (log->have.n > LINK_ORIGINS_MAX)
		return fails(arena, "invariant 8, too many origins", net->self,
		    log->have.n);
	for (size_t i = 0; i < net->nlink; i++)
		if (!is_bounded(net->link[i]))
			return fails(arena,
			    "invariant 8, a link holds too much",
			    net->link[i]->o, 0);
	return NULL;
}

const char *
link_check(const struct link_net *net, struct arena *arena)
{
	const char *why = check_log(&net->log, arena);

	if (why == NULL)
		why = check_own(net, arena);
	if (why == NULL)
		why = check_vectors(&net->log, arena);
	if (why == NULL)
		why = check_waiting(net, arena);
	if (why == NULL)
		why = check_forgotten(net, arena);
	if (why == NULL)
		why = check_links(net, arena);
	if (why == NULL)
		why = check_skips(net, arena);
	if (why == NULL)
		why = check_bounds(net, arena);
	return why;
}
