/*
 * snap_facts.h - the lines of a snapshot that comes, until they are taken in.
 *
 * A line is checked when it comes, and kept as its text: decoded facts would
 * take three times the memory. It is decoded again when it is taken in.
 */
#ifndef CORE_SNAP_FACTS_H
#define CORE_SNAP_FACTS_H

#include "base/work.h"
#include "core/core.h"

struct snap_facts;
struct snap_line;

/* Make an empty list. The caller owns it. */
struct snap_facts *snap_facts_new(const struct core *);
/* Give a list to the core to be freed, in several turns if it is long. NULL is
 * allowed. */
void snap_facts_drop(struct core *, struct snap_facts *);

/*
 * Append a line, which is copied. Return NULL, or what is wrong with the line;
 * it is then not kept. *item is what the line says: its texts live as long as
 * the list, and its arrays are in the arena.
 */
const char *snap_facts_add(struct snap_facts *, struct span line,
    struct arena *, struct snap_item *item);

/* Return how many lines there are, and how many bytes of memory they take. */
size_t snap_facts_count(const struct snap_facts *);
size_t snap_facts_bytes(const struct snap_facts *);

/* Return the first line, or the line after this one; NULL after the last. */
const struct snap_line *snap_facts_first(const struct snap_facts *);
const struct snap_line *snap_facts_next(const struct snap_line *);
/* Decode a line; it is well-formed. Texts and arrays as for snap_facts_add. */
void snap_line_item(const struct snap_line *, struct arena *,
    struct snap_item *item);

/* Get one FORGET of the list after the other, *i from 0, borrowed; return NULL
 * after the last. */
const struct snap_item *snap_facts_next_forget(const struct snap_facts *,
    size_t *i);

/* Return true if a FORGET of the list forgets the run. */
bool snap_facts_is_forgotten(const struct snap_facts *, struct origin);

/* Return true if an element with that dot is in the list. */
bool snap_facts_has(const struct snap_facts *, struct dot);
/* Return true if a HOME of the user is in the list. */
bool snap_facts_has_home(const struct snap_facts *, struct uid);

/* ---- for core.c alone ---- */

/* Free some of what was dropped, as the item of the queue of work; ctx is the
 * step. */
void snap_facts_run(struct work_item *, void *ctx);
/* Free all that was dropped. */
void snap_facts_fini(struct core *);

#endif
