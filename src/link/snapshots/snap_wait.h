/*
 * snap_wait.h - snapshots whose END has come, until they are taken.
 *
 * A snapshot waits for the entries that stood in the log before its END, and
 * until the facts of the snapshot before it are in. Both take several turns.
 * Nothing more is read of its link until then (backlog.c).
 */
#ifndef LINK_SNAP_WAIT_H
#define LINK_SNAP_WAIT_H

#include <stdbool.h>

struct link;
struct link_net;
struct link_step;

/* Let a snapshot wait whose END has just come on the link. */
void snap_wait_begin(const struct link_step *, struct link *);

/* Return true if any snapshot waits. No cut is begun then (snap_out.c). */
bool snap_wait_any(const struct link_net *);

/* Note that an entry of the log was processed. */
void snap_wait_processed(struct link_net *);

/* Take the snapshot that waits, if all that it waits for is done. Return true
 * if it was taken or refused. */
bool snap_wait_update(const struct link_step *);

#endif
