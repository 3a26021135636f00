/*
 * monitor.h - the nicks that clients of this server watch (ircv3 monitor), and
 * who is told when a user of that nick comes or goes.
 *
 * A session has a list of its targets, and each target has a list of the
 * sessions that watch it, which is found by the nick. So a user who comes, goes
 * or changes nick costs one look into a table, however many clients watch.
 *
 * A sink of changes (core/types/change.h) tells the clients: whatever makes a
 * user come or go at any server of the network, also a split and a heal, tells
 * them alike.
 */
#ifndef CORE_MONITOR_H
#define CORE_MONITOR_H

#include "core/state.h"

/* Prepare the index of a new core, and add the sink. */
void monitor_init(struct core *);
/* Prepare the table, when the core has a key; free it at the core's end. */
void monitor_seed(struct core *);
void monitor_fini(struct core *);

/* Watch a nick. Return false if the session watches it already. */
bool monitor_add(struct core *, struct session *, struct span nick);
/* Stop watching a nick, or all nicks. */
void monitor_del(struct core *, struct session *, struct span nick);
void monitor_clear(struct core *, struct session *);
/* Let another session watch the nicks of a session, whose list it takes over
 * (session_more.monitor). */
void monitor_move(struct session *from, struct session *to);

/* Return how many nicks the session watches. */
uint32_t monitor_count(const struct session *);

/* Return the first watch of the session, in the order in which they were added,
 * and the one after a watch; or NULL. */
const struct watch *monitor_first(const struct session *);
const struct watch *monitor_next(const struct watch *);
/* Return the nick as the client has spelled it, borrowed. */
struct span watch_nick(const struct watch *);

/* Add the sessions to the audience that watch the nick of the user, and have
 * both extended-monitor and one of these capabilities. Call it after
 * audience_keep_cap(). */
void monitor_add_audience(struct step *, const struct user *, uint64_t cap);

#endif
