/*
 * log.h - the log of a server: the entries that it has accepted, in the order
 * in which it accepted them, and four vectors of numbers (link-protocol.md,
 * 6.2).
 *
 * The log owns one reference to each of its entries. A place in the log is a
 * number that only grows, so a trim changes no place: a cursor below
 * log_begin() stands at log_begin(). Entries that log_jump() or log_forget()
 * takes out stay in their places, dead: ask log_has() before you send an entry
 * on.
 */
#ifndef LINK_LOG_H
#define LINK_LOG_H

#include "base/mtime.h"
#include "core/types/entry.h"
#include "core/types/vector.h"

#define LOG_RECENT 1024 /* entries that log_find() remembers, about */

struct log_item {
	struct entry *entry;
	struct mono at;	     /* when it was accepted */
	struct conn_id from; /* the link that brought it, or none */
};

struct log {
	struct log_item *v; /* n items from v[head] */
	size_t head, n, cap;
	uint64_t begin;	  /* place of the first item */
	uint64_t next;	  /* place of the first item that is not processed */
	uint64_t bytes;	  /* of all items, dead ones included */
	uint64_t waiting; /* bytes of those that are not processed */
	uint64_t floors;  /* counts the changes of floor */
	struct vector have, done, merged, floor;
	/* places of the last entries, plus 1, by origin and number */
	uint64_t recent[LOG_RECENT];
};

void log_init(struct log *);
void log_fini(struct log *);

/* Append an accepted entry. The reference moves to the log. Invariant: the
 * number of the entry is have + 1. */
void log_append(struct log *, struct entry *, struct mono now);

/* Return the entry, borrowed; or NULL if it is not in the log, or not among the
 * last LOG_RECENT entries or so. */
struct entry *log_find(const struct log *, struct origin, uint64_t n);

/* Return true if the entry, which is in the log, is not dead: its number is in
 * (floor, have]. */
bool log_has(const struct log *, const struct entry *);

/*
 * The log may be ahead of the facts: entries are accepted and sent on at once,
 * and processed as the budget of a turn allows (doc/decisions/0017). Return the
 * oldest entry that is not processed, borrowed. Return NULL if there is none,
 * or if it is dead: then call log_pass_dead().
 */
struct entry *log_pending(const struct log *);
/* Note that this entry is processed. Invariant: its number is done + 1. */
void log_processed(struct log *);
/* Pass over the oldest entry that is not processed if it is dead. Return false
 * if it is not, or if all entries are processed. */
bool log_pass_dead(struct log *);

/* Return true if all entries are processed: done is have. */
static inline bool
log_is_drained(const struct log *log)
{
	return log->next == log->begin + log->n;
}

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

/* Return the item at a place, borrowed. Invariant: log_begin() <= place <
 * log_end(). */
const struct log_item *log_at(const struct log *, uint64_t place);

/* Return max(done, merged), for one origin, or for all of them in place of
 * *out. The facts are those of the entries up to there. */
uint64_t log_covered(const struct log *, struct origin);
void log_covered_all(const struct log *, struct vector *out);

/* Drop processed entries from the front: those that were accepted before
 * `before`, and the oldest ones while the log has more than keep_bytes. Drop
 * none from the place `stay` on, and no more than LOG_TRIM_MAX; the caller
 * calls again. */
#define LOG_TRIM_MAX 4096
void log_trim(struct log *, struct mono before, uint64_t keep_bytes,
    uint64_t stay);

/*
 * Skip the entries of o up to n, because a snapshot brought their facts and
 * they will never come: have, done and floor become n, and all entries of o in
 * the log are dead. Do nothing if n is not above have. Invariant: all entries
 * of o in the log are processed.
 */
void log_jump(struct log *, struct origin o, uint64_t n);

/* Take the runs of sid up to inc out of the vectors. Their entries in the log,
 * processed or not, are dead. */
void log_forget(struct log *, struct sid, uint32_t inc);

#endif
