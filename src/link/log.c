/*
 * The log is one array, in the order of acceptance, with a head that moves. So
 * it costs little to append and to trim, and the place of an entry stays the
 * same number. There are no lists for single origins: the log is always read in
 * its own order, because only this order is causal.
 *
 * A jump, or a FORGET, takes entries out of the log: they are above have or at
 * or below floor then, and *dead*. They stay in their places until the log is
 * trimmed, and everybody passes them over. So places stay valid, and no step
 * goes through the whole log.
 *
 * The invariants are 15.1 and 15.3 of link-protocol.md; link/check.c checks
 * them.
 */
#include "link/log.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

void
log_init(struct log *log)
{
	*log = (struct log){ 0 };
}

void
log_fini(struct log *log)
{
	for (size_t i = 0; i < log->n; i++)
		entry_unref(log->v[log->head + i].entry);
	free(log->v);
	vector_fini(&log->have);
	vector_fini(&log->done);
	vector_fini(&log->merged);
	vector_fini(&log->floor);
	*log = (struct log){ 0 };
}

/* Make room for one more item at the end: move all items to the front, or
 * grow. */
static void
log_room(struct log *log)
{
	if (log->head + log->n < log->cap)
		return;
	if (log->head > log->cap / 2) {
		memmove(log->v, log->v + log->head, log->n * sizeof(*log->v));
		log->head = 0;
		return;
	}
	log->v = mem_grow(log->v, &log->cap, 64, sizeof(*log->v));
}

static size_t
slot_of(struct origin o, uint64_t n)
{
	return (size_t)(n + o.inc * UINT64_C(7919) +
			(unsigned char)o.sid.s[1] * UINT64_C(611) +
			(unsigned char)o.sid.s[2] * UINT64_C(97)) %
	       LOG_RECENT;
}

void
log_append(struct log *log, struct entry *e, struct mono now)
{
	invariant(e->n == vector_get(&log->have, e->o) + 1);
	log_room(log);
	log->v[log->head + log->n++] =
	    (struct log_item){ .entry = e, .at = now };
	log->bytes += entry_size(e);
	log->waiting += entry_size(e);
	vector_set(&log->have, e->o, e->n);
	log->recent[slot_of(e->o, e->n)] = log_end(log);
}

struct entry *
log_find(const struct log *log, struct origin o, uint64_t n)
{
	uint64_t end = log->recent[slot_of(o, n)];
	struct entry *e;

	if (end <= log->begin || end > log_end(log))
		return NULL;
	e = log_at(log, end - 1)->entry;
	return e->n == n && origin_cmp(e->o, o) == 0 ? e : NULL;
}

bool
log_has(const struct log *log, const struct entry *e)
{
	return e->n <= vector_get(&log->have, e->o) &&
	       e->n > vector_get(&log->floor, e->o);
}

struct entry *
log_pending(const struct log *log)
{
	struct entry *e;

	if (log_is_drained(log))
		return NULL;
	e = log_at(log, log->next)->entry;
	return log_has(log, e) ? e : NULL;
}

static void
pass(struct log *log, const struct entry *e)
{
	log->waiting -= entry_size(e);
	log->next++;
}

void
log_processed(struct log *log)
{
	const struct entry *e = log_pending(log);

	/* 15.3: once, and for each origin in the order of its numbers */
	invariant(e != NULL && e->n == vector_get(&log->done, e->o) + 1);
	vector_set(&log->done, e->o, e->n);
	pass(log, e);
}

bool
log_pass_dead(struct log *log)
{
	const struct entry *e;

	if (log_is_drained(log))
		return false;
	e = log_at(log, log->next)->entry;
	if (log_has(log, e))
		return false;
	pass(log, e);
	return true;
}

const struct log_item *
log_at(const struct log *log, uint64_t place)
{
	invariant(place >= log->begin && place - log->begin < log->n);
	return &log->v[log->head + (size_t)(place - log->begin)];
}

uint64_t
log_covered(const struct log *log, struct origin o)
{
	uint64_t done = vector_get(&log->done, o);
	uint64_t merged = vector_get(&log->merged, o);

	return done > merged ? done : merged;
}

void
log_covered_all(const struct log *log, struct vector *out)
{
	vector_copy(out, &log->done);
	vector_raise_all(out, &log->merged);
}

void
log_trim(struct log *log, struct mono before, uint64_t keep_bytes,
    uint64_t stay)
{
	uint64_t end = log->next < stay ? log->next : stay;

	for (int i = 0; i < LOG_TRIM_MAX && log->begin < end; i++) {
		struct log_item *first = &log->v[log->head];

		if (log->bytes <= keep_bytes &&
		    mono_cmp(first->at, before) >= 0)
			break;
		if (log_has(log, first->entry)) {
			vector_set(&log->floor, first->entry->o,
			    first->entry->n);
			log->floors++;
		}
		log->bytes -= entry_size(first->entry);
		entry_unref(first->entry);
		log->head++;
		log->begin++;
		log->n--;
	}
	if (log->n == 0)
		log->head = 0;
}

void
log_jump(struct log *log, struct origin o, uint64_t n)
{
	uint64_t have = vector_get(&log->have, o);

	if (n <= have)
		return;
	invariant(vector_get(&log->done, o) == have);
	log->floors++;
	vector_set(&log->have, o, n);
	vector_set(&log->done, o, n);
	vector_set(&log->floor, o, n);
}

void
log_forget(struct log *log, struct sid sid, uint32_t inc)
{
	size_t origins = log->have.n;

	vector_forget(&log->have, sid, inc);
	if (log->have.n < origins)
		log->floors++;
	vector_forget(&log->done, sid, inc);
	vector_forget(&log->merged, sid, inc);
	vector_forget(&log->floor, sid, inc);
}
