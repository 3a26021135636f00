/*
 * flood.h - what lines, their entries, joins and changes of nick cost a client
 * in time. Nothing is dropped for it: the next line is granted later.
 */
#ifndef CORE_FLOOD_H
#define CORE_FLOOD_H

#include "core/state.h"

/* Costs as much of the allowance as that many lines. */
void flood_charge(struct step *, struct session *, unsigned lines);
/* Charge an empty line, which is free; but one of many costs as much as a line,
 * because each is an event, too. */
void flood_charge_empty(struct step *, struct session *);
/* Charge an entry that a line of the session made, and its parts. */
void flood_charge_entry(struct step *, struct session *, const struct entry *,
    const struct part *);
/* Charge as many parts of entries. */
void flood_charge_parts(struct step *, struct session *, size_t parts);
/* A change of nick is paid for: see the class. */
void flood_charge_nick(struct step *, struct session *);

/* Charge a channel that the client joins: see the class. */
void flood_charge_join(struct step *, struct session *);
/* Return true if the user of the session is an operator whom no limit holds. */
bool flood_is_exempt(const struct step *, const struct session *);

/* When the next line may be granted. */
struct mono flood_until(const struct conn *);

#endif
