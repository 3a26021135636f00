/*
 * response.h - lines held back until a command is done: of a labelled one, to
 * know whether they need a batch (labeled-response.md); of one whose answer may
 * be long, to give it out in pieces. struct response is in
 * core/sessions/session.h.
 */
#ifndef CORE_RESPONSE_H
#define CORE_RESPONSE_H

#include "core/state.h"

/* The response of a labelled command: begin before it, end when done. One
 * that is too long at once goes on as a listing. Return false, and begin none,
 * if the tags have no label that the client may expect to see again. */
bool response_begin(struct session *, struct span tags);
void response_end(struct step *, struct session *, struct response *);
/* Keep the response of the session open until response_end(), even if a listing
 * ends meanwhile, since the entry of the command is applied in several steps.
 * Its lines leave now if they tell of changes. */
void response_wait(struct step *, struct session *);
/* The answer of the command that runs may be long: collect it, so that it
 * can be given in pieces. */
void response_collect(struct step *, struct session *);
/* For listings: what is collected leaves now, in an open batch; and the end
 * of the batch, which frees it. Without a step nothing is sent. */
void response_flush(struct step *, struct session *, struct response *);
void response_close(struct step *, struct session *, struct response *);
/* One more line; the reference moves. */
void response_add(struct response *, struct rcbuf *line);

#endif
