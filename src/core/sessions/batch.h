/*
 * batch.h - the batch of a step that runs: netsplit, netjoin (batch.md). It is
 * opened for a session with the first line that the session gets.
 */
#ifndef CORE_BATCH_H
#define CORE_BATCH_H

#include "core/state.h"

/* type: "netsplit a b"; lives to the end of the step. */
void batch_begin(struct step *, struct span type);
/* Open the batch for a session before a line of it, unless it is open. */
void batch_open(struct step *, struct session *);
/* Open the batch for those of the sessions that can see one. */
void batch_open_all(struct step *, struct session *const *, size_t n);
/* End the batch for all sessions that it was opened for. */
void batch_end(struct step *);

/* Put the lines to one session that come next into a batch of their own, which
 * may lie in the response to a command. No other session is sent lines until
 * batch_inner_end(). */
void batch_inner_begin(struct step *, struct session *, const char *type);
void batch_inner_end(struct step *, struct session *);

/* Begin a line of the server about a batch or a label: it has no time and no
 * msgid. */
void batch_line(struct step *, struct writer *, const char *verb);
/* Return the reference of a batch as text, in the step's arena. */
struct span batch_ref_text(struct step *, uint64_t ref);

#endif
