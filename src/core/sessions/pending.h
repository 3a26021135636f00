/*
 * pending.h - what a session has asked and goes on without: another server
 * (core/answers/query.h), or the password worker.
 *
 * A question owns what was asked for and the response of its command, which
 * waits with it (labeled-response.md). It outlives the session that asked.
 */
#ifndef CORE_PENDING_H
#define CORE_PENDING_H

#include "core/state.h"

struct query_row;

struct pending {
	uint64_t id;
	struct conn_id conn;
	struct mono expires; /* NEVER for a password */
	struct response *response;
	struct rcbuf *what;	       /* asked for; oper's name */
	const struct query_row *query; /* NULL for a password */
	struct uid uid;		       /* the user that the question names */
	struct sid home;	       /* the server that is asked */
	bool answered;
	bool cut;	/* there was no room for all of the answer */
	uint32_t bytes; /* of it, so far; a part of session->answers */
	TAILQ_ENTRY(pending) link;
};

/* A question under way for the session; its response goes along. */
struct pending *pending_add(struct step *, struct session *, struct span what,
    struct mono expires);
/* Borrowed; NULL when it is answered, or has expired. */
struct pending *pending_find(const struct core *, uint64_t id);
/* Frees the question. The session, with the response now the caller's; NULL,
 * and no response, if it does not live any more. */
struct session *pending_take(struct step *, struct pending *,
    struct response **);

/* Frees all at the end of a core. */
void pending_fini(struct core *);

#endif
