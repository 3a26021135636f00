/*
 * client_batch.h - the batch that a client has begun and not ended: the lines
 * of one message (ircv3 client-batch; doc/decisions/0056).
 *
 * A session owns its batch, and has one at most:
 *
 *	none ──begin──→ OPEN ────→ ENDING ──drop──→ none
 *	                 └──fail──→ FAILED ──drop──→ none
 *
 * Nothing here sends or says anything; core/cmd/multiline.c decides.
 */
#ifndef CORE_CLIENT_BATCH_H
#define CORE_CLIENT_BATCH_H

#include "core/state.h"

#define CLIENT_BATCH_REF_MAX 64 /* bytes of a reference */
#define CLIENT_BATCH_S 60	/* from one line to the next, at most */

enum client_batch_phase {
	CLIENT_BATCH_OPEN,   /* lines may come */
	CLIENT_BATCH_ENDING, /* its end has come, and waits for verdicts */
	CLIENT_BATCH_FAILED  /* the client was told; the reference is kept */
};

struct client_batch_line {
	struct rcbuf *text;
	bool joined; /* it goes on with the line before */
};

struct client_batch {
	enum client_batch_phase phase;
	struct rcbuf *ref;
	struct rcbuf *target, *tags; /* of the line that began it */
	bool notice;		     /* its lines are NOTICE, not PRIVMSG */
	struct client_batch_line *line;
	uint32_t n, cap;
	size_t bytes;	   /* of the message, with its line feeds */
	struct mono since; /* awake: its last line */
};

/* Begin a batch in the place of the one that the session has, if it has one. */
void client_batch_begin(struct step *, struct session *, struct span ref,
    struct span target, struct span tags);

/* Return how many bytes the message would have with one more line. */
size_t client_batch_size(const struct client_batch *, struct span text,
    bool joined);

void client_batch_add(struct step *, struct client_batch *, struct span text,
    bool joined);

/* Return true if none of its lines has text. */
bool client_batch_is_blank(const struct client_batch *);

/* Forget all but the reference. */
void client_batch_fail(struct client_batch *);

/* Forget the batch of the session, if it has one. */
void client_batch_drop(struct session *);

/* Return true if the batch of the session is open, and no line has come for too
 * long. If it is not yet, set the timer of the connection. */
bool client_batch_is_due(struct step *, const struct session *);

#endif
