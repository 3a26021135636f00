/*
 * pending.h - questions under way, while the session that asked goes on: to
 * another server (core/answers/query.h), or to the password worker.
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
	struct mono expires; /* awake; NEVER for a password */
	struct response *response;
	struct rcbuf *what;	       /* asked for; oper's name */
	const struct query_row *query; /* NULL for a password */
	struct uid uid;		       /* the user that the question names */
	struct sid home;	       /* the server that is asked */
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
