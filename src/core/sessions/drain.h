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

/* Return how many bytes of one kind may wait for a client of that class: a
 * small part of its sendq, and not more than a turn should write. */
size_t drain_piece_of(const struct class_settings *);
/* Return that for the session. */
size_t drain_piece(const struct session *);

/* Ask for EV_DRAINED, unless it is asked for already. */
void drain_ask(struct step *, struct session *);

#endif
