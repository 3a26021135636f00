/*
 * backlog.h - entries that are accepted and not processed yet: how many bytes
 * of them there may be, and which link has to wait.
 *
 * The log may be ahead of the facts (doc/decisions/0017). Entries that wait
 * take memory, and the own entry of each client is behind them. So their bytes
 * have a bound. Above it, this server reads nothing of a link that brought
 * more than its share. The peer keeps its lines then; the other links go on.
 *
 * A link that brings a snapshot is not read either, until the next turn, once
 * the budget of a turn is spent.
 */
#ifndef LINK_BACKLOG_H
#define LINK_BACKLOG_H

#include "link/link.h"
#include "link/log.h"

struct link_net;

/* Note that the last entry of the log came on this link. */
void backlog_add(struct link_net *, struct link *);
/* Note that this item of the log is processed, or passed over. */
void backlog_take(struct link_net *, const struct log_item *);

/* Hold the links that brought too much, and read on from those whose entries
 * are mostly processed. */
void backlog_update(const struct link_step *);

/* Return true if a link waits only for the next turn, so a tick is needed at
 * once. */
bool backlog_rests(const struct link_net *);

#endif
