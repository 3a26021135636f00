/*
 * hold.h - sessions whose connection a restart has ended, and which may come
 * back (doc/decisions/0064). core/held.h decides who is held, and who comes
 * back as whom.
 *
 * A hold is owned by its session (session_more.hold). It has what a session
 * needs only while it has no connection: when it ends, the client that takes
 * it, and the messages that are kept for it.
 */
#ifndef CORE_HOLD_H
#define CORE_HOLD_H

#include "core/sessions/line.h"

#define HOLD_MAX_MS ((int64_t)600 * 1000) /* the most of server.hold_s */

/* The bytes that are kept for one session, at most; and for all. */
#define HOLD_BYTES ((size_t)32 * 1024)
#define HOLD_BYTES_ALL ((size_t)16 * 1024 * 1024)

/* A message that came meanwhile. */
struct hold_line {
	STAILQ_ENTRY(hold_line) link;
	struct stamp at;
	struct rcbuf *body, *tags, *msgid; /* references; NULL: none */
	size_t text;			   /* struct line */
};

struct hold {
	TAILQ_ENTRY(hold) link; /* core->holds.queue, by its end */
	struct session *session;
	struct mono end; /* awake */
	/* the client that takes it when an entry is applied, which gives away
	 * what the client may not have; gen 0: none */
	struct conn_id taker;
	uint64_t taken_n;	 /* the number of that entry */
	TAILQ_ENTRY(hold) taken; /* core->holds.taken, by that number */
	bool over;		 /* its end came while a client was taking it */
	uint64_t wait_entry;	 /* of the session, when it was held */
	STAILQ_HEAD(, hold_line) lines;
	size_t bytes; /* of them */
};

/* Return the hold of a session, or NULL if it is not held. */
static inline struct hold *
session_hold(const struct session *s)
{
	return s->conn == NULL ? session_more(s)->hold : NULL;
}

/* Return the hold of a user of this server, or NULL if the user is not held. */
struct hold *user_hold(const struct user *);

void hold_init(struct core *);

/* Hold a session that has no connection any more for that time; not for less
 * than those that are held already, so that the queue stays in order. */
void hold_begin(struct step *, struct session *, int64_t ms);
/* Return how long it is held from now on. */
int64_t hold_left_ms(const struct hold *, struct mono awake);
/* Hold it for that time from now on, behind all others. */
void hold_renew(struct step *, struct hold *, int64_t ms);
/* End the hold, and drop what is kept. */
void hold_end(struct core *, struct session *);

/* Note, or forget, the client that takes the session when that entry is
 * applied. */
void hold_take(struct core *, struct hold *, struct conn_id, uint64_t n);
void hold_untake(struct core *, struct hold *);

/* Keep a message of this step for the session. Return false if there is no
 * room for it. */
bool hold_keep(struct step *, struct hold *, const struct line *);
/* Keep a line that was kept before, since that time. */
bool hold_keep_from(struct core *, struct hold *, const struct line *,
    struct stamp);
/* Send the session, which has a connection again, what this hold of another
 * session has kept. */
void hold_give(struct step *, const struct hold *, struct session *);

/* Return when the first hold ends, in the awake clock, or MONO_NEVER. */
struct mono hold_due(const struct core *);

/* Return NULL, or the invariant that does not hold (core/check.c). */
const char *hold_check(const struct core *);

#endif
