/*
 * memory.h - what modules remember of users, of channels, of nicks, and of all.
 *
 * A module has no writable object of its own. It has a row for each kind of
 * thing that it remembers something of (struct memory_row), and gets a block of
 * the row's size for each thing that it asks for. So a core pays only for what
 * is really remembered.
 *
 * The facts own the blocks. A block is freed with its owner, or when the row
 * goes: a reload that loads another version of the module keeps it. A nick is
 * no owner: its block stays until the row has too many. A channel
 * goes some time after its last member (core/chan_cleanup.h). The blocks
 * are no facts. Other servers do not know them, so only what clients of this
 * server may do can depend on them, and no merge reads them.
 */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include "core/facts/facts.h"
#include "core/types/tables.h"

/* Return the block of a row for this owner, or NULL if it has none. The row is
 * one of the tables of the facts. The block never moves, and is borrowed until
 * the owner or the row goes. */
void *memory_find_user(const struct facts *, const struct memory_row *,
    const struct user *);
void *memory_find_chan(const struct facts *, const struct memory_row *,
    const struct chan *);

/* Do the same, but make a block if there is none: its bytes are 0. */
void *memory_get_user(const struct facts *, const struct memory_row *,
    const struct user *);
void *memory_get_chan(const struct facts *, const struct memory_row *,
    const struct chan *);

/* The same for a row of the server as a whole. */
void *memory_find_server(const struct facts *, const struct memory_row *);
void *memory_get_server(const struct facts *, const struct memory_row *);

/* The same for a nick, in any case, whether somebody has it or not. If there
 * are as many blocks as the row allows, a new one takes the place of the one
 * that was asked for by memory_get_nick() least lately. */
void *memory_find_nick(const struct facts *, const struct memory_row *,
    struct span nick);
void *memory_get_nick(const struct facts *, const struct memory_row *,
    struct span nick);

/* Return how many blocks there are of the row with that number. */
size_t memory_count(const struct facts *, unsigned number);

/* ---- for the core ---- */

struct memories *memory_init(const unsigned char seed[16]);
/* Free all. Return how many blocks of owners were left. */
size_t memory_fini(struct memories *);

/* Free the blocks of a user or a channel that is about to be freed. */
void memory_owner_gone(struct memories *, const void *owner);

/* Let go of the rows with these numbers. Nothing finds their blocks then; they
 * are freed in slices (core/shed.h). */
void memory_shed(struct memories *, uint64_t numbers);
/* Return true if such blocks may be left. */
bool memory_is_shed(const struct memories *);
/* Free such blocks, at most n. Return how many are freed: less than n if none
 * is left. */
size_t memory_free_shed(struct memories *, size_t n);

#endif
