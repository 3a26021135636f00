/*
 * log.h - the log of a server: the entries it accepted, in the order in which
 * it accepted them, and the vectors that say what that order amounts to
 * (doc/link-protocol.md, part 6).
 *
 * Owns one reference to each entry in it. Places are absolute and grow: a
 * cursor below log_begin() stands at log_begin(); a trim invalidates none. A
 * jump invalidates all of them.
 */
#ifndef LINK_LOG_H
#define LINK_LOG_H

#include "base/mtime.h"
#include "core/types/entry.h"
#include "core/types/vector.h"

struct log_item {
	struct entry *entry;
	struct mono at; /* accepted */
};

struct log {
	struct log_item *v; /* n items from v[head] */
	size_t head, n, cap;
	uint64_t begin; /* place of the first item */
	uint64_t next;	/* place of the first not processed */
	uint64_t bytes;
	uint64_t floors; /* counts changes of floor */
	struct vector have, done, merged, floor;
};

void log_init(struct log *);
void log_fini(struct log *);

/* Accepts: takes the reference. Invariant: its number is have + 1. */
void log_append(struct log *, struct entry *, struct mono now);

/* The oldest that is not processed, borrowed, or NULL. */
struct entry *log_pending(const struct log *);
/* It is processed now. Invariant: its number is done + 1. */
void log_processed(struct log *);

static inline uint64_t
log_begin(const struct log *log)
{
	return log->begin;
}

static inline uint64_t
log_end(const struct log *log)
{
	return log->begin + log->n;
}

/* Borrowed; log_begin() <= place < log_end(). */
const struct log_item *log_at(const struct log *, uint64_t place);

/* max(done, merged): what the facts are a function of. */
uint64_t log_covered(const struct log *, struct origin);
void log_covered_all(const struct log *, struct vector *out); /* replaces */

/* Drops processed entries from the front: those accepted before `before`,
 * and the oldest while there are more than keep_bytes. */
void log_trim(struct log *, struct mono before, uint64_t keep_bytes);

/*
 * o up to n is here by a snapshot, its entries are not and never will be:
 * have, done and floor become n, and the log loses all of o. Nothing if n is
 * not above have. Invariant: nothing of o waits to be processed.
 */
void log_jump(struct log *, struct origin o, uint64_t n);

/* Without the runs of sid up to inc, and without their entries, processed or
 * not. Places become invalid. */
void log_forget(struct log *, struct sid, uint32_t inc);

#endif
