/*
 * batch.h - the batch of a step: netsplit, netjoin (batch.md). It is begun for
 * the step and opened for each session with its first line.
 */
#ifndef CORE_BATCH_H
#define CORE_BATCH_H

#include "core/state.h"

/* type: "netsplit a b"; lives to the end of the step. */
void batch_begin(struct step *, struct span type);
/* To a session that can see one, before a line of it; once. */
void batch_open(struct step *, struct session *);
/* To all for whom it was opened. */
void batch_end(struct step *);

/* Begins a line of the server about batches and labels: no time, no ids. */
void batch_line(struct step *, struct writer *, const char *verb);
/* A reference as text, in the step's arena. */
struct span batch_ref_text(struct step *, uint64_t ref);

#endif
