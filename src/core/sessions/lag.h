/*
 * lag.h - which clients have not read what a split or heal brought them.
 *
 * Users are shown and hidden in slices (core/slice.h), and a slice brings
 * lines to many clients at once. A session *lags* when slices have brought it
 * half a piece (core/sessions/drain.h) and it has not read that yet. The next
 * slice waits until no session lags.
 *
 *	   read ──(half a piece)──→ awaited ──(too long)──→ overdue
 *	    ↑                          │                       │
 *	    └──────(EV_DRAINED)────────┴───────────────────────┘
 *
 * An overdue session holds nobody up: it is given everything as fast as it
 * comes, and is closed for its sendq if it does not read. A session is overdue
 * after LAG_MS, or after LAG_LEAST_MS once slices of one split or heal have
 * waited for LAG_TOTAL_MS in all, or while void users are hidden
 * (doc/decisions/0021).
 *
 * core->lagging owns nothing. A session owns its struct lag, which is not in
 * the queue once it is overdue.
 */
#ifndef CORE_LAG_H
#define CORE_LAG_H

#include "core/state.h"

#define LAG_MS 5000
#define LAG_TOTAL_MS 30000
#define LAG_LEAST_MS 250

struct lag {
	TAILQ_ENTRY(lag) link; /* core->lagging */
	struct mono since;     /* awake */
	bool overdue;
};

/* Prepare core->lagging. */
void lag_init(struct core *);

/* Say that slices are about to begin: those of a split or heal, of postponed
 * memberships, of postponed lists, or of rows that come and go. LAG_TOTAL_MS
 * starts anew, unless other slices are under way. */
void lag_begin(struct step *);

/* Count the bytes that slices have brought to each session: those of all
 * effects from number `from` on. Note the sessions that lag now. */
void lag_count(struct step *, size_t from);

/* Return how many bytes a slice may bring to one session. */
size_t lag_room(const struct core *);

/* Return true if slices have to wait. When they need not wait any longer,
 * lag_end() or lag_tick() adds those that are left to the queue of work. */
bool lag_holds(const struct core *);

/* Note that the client has read what waited, or has gone. */
void lag_end(struct step *, struct session *);

/* Free what a session has of it. The session is not waited for, or the core is
 * being freed. */
void lag_free(struct session *);

/* Wait no longer for sessions that are overdue now. */
void lag_tick(struct step *);
/* Return when lag_tick() has something to do, in awake time, or MONO_NEVER. */
struct mono lag_due(const struct core *);

#endif
