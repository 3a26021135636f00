/*
 * drain.h - how much a client is given before it has read what waits.
 *
 * The core does not know how many bytes wait for a client. It asks to be told
 * once that few of them wait (EFF_DRAIN, EV_DRAINED). Two things ask: long
 * answers (core/sessions/listing.h), and the slices of a split or heal
 * (core/sessions/lag.h). There is at most one such question for a session at a
 * time.
 */
#ifndef CORE_DRAIN_H
#define CORE_DRAIN_H

#include "core/state.h"

/* Return the size of a piece for a client of that class: how many bytes of long
 * answers, or of slices, may wait for it. A piece is a small part of the sendq,
 * and not more than a turn should write. */
size_t drain_piece_of(const struct class_settings *);
/* Return the size of a piece for the session. */
size_t drain_piece(const struct session *);

/* Ask for EV_DRAINED, unless it is asked for already. */
void drain_ask(struct step *, struct session *);

#endif
