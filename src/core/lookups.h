/*
 * lookups.h - what modules look up about a client before it is registered, for
 * example if a list of addresses has it (struct lookup_row of
 * core/types/hook.h).
 *
 *	connection --> the questions of each row --REQUEST_*--> answers
 *	answer, or two seconds --> found() of the row --> a finding is kept
 *	registration --> findings: registers of the user, a line of the log
 *	                 for operators, or the end of the client
 *
 * Findings belong to the registration. They are dropped when a gateway hands
 * the client on, since they were about the address of the gateway.
 */
#ifndef CORE_LOOKUPS_H
#define CORE_LOOKUPS_H

#include "core/part/part.h"
#include "core/state.h"

struct findings;

/* Ask the questions of all rows about a client that is not registered. */
void lookups_ask(struct step *, struct session *);

/* End a client that registers as such a user if it is on a list that refuses
 * it. Return true if it was ended. */
bool lookups_refuse(struct step *, struct session *, const struct part_user *);

/* Return finding i that is a register of the new user: its field and its value,
 * borrowed. Return false if there are no more. */
bool lookups_register(const struct session *, size_t i, struct span *field,
    struct span *value);

/* Drop the findings of a registration. */
void lookups_drop(struct registration *);

#endif
