/*
 * rehash.h - a server reads its configuration again because an operator of
 * another server asks for it (REHASH server; link-protocol.md, 10.12).
 *
 *	QUERY --> 382, REQUEST_REHASH ... problems, the end --> DONE
 *
 * The reading may take longer than the asker waits. Then the asker tells its
 * operator so, and the log of this server has the end.
 */
#ifndef CORE_REHASH_H
#define CORE_REHASH_H

#include "core/sessions/request.h"

/* Begin to answer the question of the step. Return true if its DONE comes
 * later, or false if it was answered as a whole. */
bool rehash_asked(struct step *, struct uid from);

/* Return how a reading has ended, for the operator. */
struct span rehash_end(enum answer_status);

#endif
