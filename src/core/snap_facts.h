/*
 * snap_facts.h - the lines of a snapshot that comes, until they are taken in.
 *
 * A line is checked when it comes, and kept as its text, compressed. It is
 * decoded again when it is taken in.
 */
#ifndef CORE_SNAP_FACTS_H
#define CORE_SNAP_FACTS_H

#include "base/lines.h"
#include "base/work.h"
#include "core/core.h"

struct snap_facts;

/* Make an empty list, which compresses `piece` bytes at a time, or more, as
 * lines_new() has it. The caller owns it. */
struct snap_facts *snap_facts_new(const struct core *, size_t piece);
/* Give a list to the core to be freed, in several turns if it is long. NULL is
 * allowed. */
void snap_facts_drop(struct core *, struct snap_facts *);

/*
 * Append a line of at most ENTRY_LINE_MAX bytes, which is copied. Return NULL,
 * or what is wrong with the line; it is then not kept. *item is what the line
 * says: its texts are borrowed from the line, and its arrays are in the arena.
 */
const char *snap_facts_add(struct snap_facts *, struct span line,
    struct arena *, struct snap_item *item);

/* Return how many lines there are. */
size_t snap_facts_count(const struct snap_facts *);
/* Return how much memory a list of lines that are not compressed would take. A
 * bound on this bounds the memory, and also the work that the lines make. */
size_t snap_facts_bytes(const struct snap_facts *);
/* Return how much memory the list takes. */
size_t snap_facts_held(const struct snap_facts *);

/* Begin to read the lines; nothing may be added any more. The caller frees the
 * reader (base/lines.h) before the list is dropped. */
struct lines_reader *snap_facts_read(struct snap_facts *);
/* Decode a line of the list. Texts and arrays are as for snap_facts_add(). */
void snap_facts_item(struct span line, struct arena *, struct snap_item *item);

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
