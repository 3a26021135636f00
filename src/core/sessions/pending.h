/*
 * pending.h - questions to other servers that are under way, while the session
 * that asked goes on (core/answers/query.h).
 *
 * A question owns the text that was asked for and the response of its command,
 * which waits with it (labeled-response.md). It outlives the session that
 * asked.
 */
#ifndef CORE_PENDING_H
#define CORE_PENDING_H

#include "core/state.h"

struct query_row;

struct pending {
	uint64_t id;
	struct conn_id conn;
	struct mono expires; /* awake */
	struct response *response;
	struct rcbuf *what; /* asked for */
	const struct query_row *query;
	struct uid uid;	 /* the user that the question names */
	struct sid home; /* the server that is asked */
	bool answered;
	bool cut; /* there was no room for all of the answer */
	uint32_t
	    bytes; /* bytes of the answer so far; a part of session->answers */
	TAILQ_ENTRY(pending) link;
};

/* Add a question for the session, which gives up its response to it. */
struct pending *pending_add(struct step *, struct session *, struct span what,
    struct mono expires);
/* Return the question, borrowed, or NULL if it is answered or has expired. */
struct pending *pending_find(const struct core *, uint64_t id);
/* Free the question. Return its session and give the response to the caller, or
 * return NULL and no response if the session does not exist any more. */
struct session *pending_take(struct step *, struct pending *,
    struct response **);

/* Free all questions at the end of a core. */
void pending_fini(struct core *);

#endif
