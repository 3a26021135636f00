/*
 * trace.h - the answers of TRACE (RFC 2812, 3.4.8): the connections of a
 * server, of which ordinary users see little.
 */
#ifndef CORE_TRACE_H
#define CORE_TRACE_H

#include "core/sessions/listing.h"

/* Tell the session, whose user asks, of the connections of this server, or of
 * those of one user alone; NULL: of all. */
void reply_trace(struct step *, struct session *, const struct user *of);

/* Answer the question of the step, for a user of any server, as far as one step
 * may go. The uid names the user that is traced; empty: all. */
void trace_answer(struct step *, struct uid from, struct span uid);

#endif
