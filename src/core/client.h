/*
 * client.h - the life of a client: opened, registering, on the network, gone.
 */
#ifndef CORE_CLIENT_H
#define CORE_CLIENT_H

#include "core/state.h"

/* One for each event of a client; nothing if it is unknown, or closing. */
void client_open(struct step *, const struct event *);
void client_line(struct step *, const struct event *);
void client_closed(struct step *, const struct event *);
void client_drained(struct step *, const struct event *);
void client_hashed(struct step *, const struct event *);
/* Other settings: each connection's class, and what it waits for, anew. */
void client_conf(struct step *, const struct settings *before);
/* Due timers of connections and questions. */
void client_tick(struct step *);

/* Is all there to register? Then makes the entry, or waits. */
void client_try_register(struct step *, struct session *);
/* All who wait for READY or for uids. */
void client_retry(struct step *);
/* Own entry with USER of this session is applied: it is on the network. */
void client_attach(struct step *);
/* And its clients are told so. */
void client_welcome(struct step *);
/* The session is one of the user's from now on; it was nobody's. */
void session_attach(struct session *, struct user *);

/* Costs as much of the flood allowance as that many lines. */
void client_charge(struct step *, struct session *, unsigned lines);
/* A change of nick is paid for: see the class. */
void client_charge_nick(struct step *, struct session *);

/* ERROR, close; the user quits if this was his last session. */
void client_end(struct step *, struct session *, struct span reason);
/* The home of a user whom somebody killed. */
void client_killed(struct step *, struct user *, const struct part_say *);
/* Sessions of users whose facts are gone. */
void client_end_gone(struct step *);

/* The command under way is done: its response leaves, the next line may
 * come (or its flood allowance is waited for). */
void client_next(struct step *, struct session *);
/* Own entry n is being applied: its lines answer the command that made it. */
void client_answering(struct step *, uint64_t n);
/* Own entry n is applied. */
void client_applied(struct step *, const struct cause *, uint64_t n);

/* Frees all at the end of a core. */
void client_fini(struct core *);

/* A question under way for the session; its response goes along. */
struct pending *pending_add(struct step *, struct session *, struct span what,
    struct mono expires);
/* Borrowed; NULL when it is answered, or has expired. */
struct pending *pending_find(const struct core *, uint64_t id);
/* Frees the question. The session, with the response now the caller's; NULL,
 * and no response, if it does not live any more. */
struct session *pending_take(struct step *, struct pending *,
    struct response **);

/* Looked at no later than at. */
void timer_set(struct core *, struct conn *, struct mono at);

#endif
