/*
 * durable.h - tells the store what is new of the facts that are made for good
 * (doc/decisions/0044).
 *
 * These are the permanent channels and the bans of the network. The merges
 * note a founding that changes while it is permanent, and a ban that comes or
 * goes (facts_write.h). A note becomes one EFF_STORE, with the whole founding
 * as it is then. This waits while an entry is applied in part or an own entry
 * is not applied, so that the store never has half of what is being said.
 *
 * A thing in the store has a key, which stays the same if a server makes the
 * thing again after a restart:
 *
 *	chan NAME SECOND	the permanent channel with that folded name,
 *				which was founded in that second
 *	ban ID			the ban of that id
 *	own-ban ID		the ban of this server alone, which is no fact
 *
 * Its text is what a snapshot says of it (link-protocol.md, 8.4): lines of
 * +CHAN, +CSET, +LADD and +CNAME, or of one +BAN, each with its LF. That of a
 * ban of this server alone is its +BAN; core/banned.c tells the store of it at
 * once.
 * To keep facts of another kind: note them, and give them a key here and a
 * branch in restore.c.
 */
#ifndef CORE_DURABLE_H
#define CORE_DURABLE_H

#include "core/state.h"

/* The masks of a founding that are kept; honest servers allow fewer. */
#define DURABLE_MASKS 1000
#define DURABLE_KEY_MAX 1024
#define DURABLE_CHAN "chan"
#define DURABLE_BAN "ban"
#define DURABLE_OWN_BAN "own-ban"

/* Tell the store of what is noted, as an item of the queue of work; ctx is the
 * step. */
void durable_run(struct work_item *, void *ctx);
/* Queue that item if anything is noted and may be told. Called at the end of
 * each step. */
void durable_note(struct step *);
/* Note all that is made for good, since the store has lost everything. */
void durable_note_all(struct step *);

/* Return the oldest permanent founding of that channel that was made in that
 * second, or in any if it is negative; or NULL. */
struct founding *durable_find(const struct facts *, struct span name,
    int64_t second);
/* Return when an operator made the founding permanent. A server that makes it
 * again after a restart repeats that stamp in the value of the register. */
struct stamp durable_since(const struct founding *);

#endif
