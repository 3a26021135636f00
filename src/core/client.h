/*
 * client.h - the life of a client: opened, its lines, its time, its end. How it
 * becomes a user is in core/registration.h, when its next line may come in
 * core/sessions/wait.h.
 */
#ifndef CORE_CLIENT_H
#define CORE_CLIENT_H

#include "core/state.h"

/* Take an event of a client; do nothing if it is unknown or closing. */
void client_open(struct step *, const struct event *);
/* The client behind a gateway, as the gateway tells. */
struct handed_on {
	struct addr addr;
	struct span host; /* counts if the address is not looked up */
	bool secure;
};

/* Let a client that is not registered be the one that a gateway hands on: every
 * limit counts its address from now on. It may be ended by this. */
void client_handed_on(struct step *, struct session *,
    const struct handed_on *);
/* Judge a client by how many connections its address and networks have and make
 * (wire/admission.h). Return false if it was ended. */
bool client_admit(struct step *, struct session *);
void client_line(struct step *, const struct event *);
void client_ended(struct step *, const struct event *);
void client_excess(struct step *, const struct event *);
void client_closed(struct step *, const struct event *);
void client_drained(struct step *, const struct event *);
/* Look at clients whose time has come: who registers too slowly, is silent too
 * long, or has waited long enough. Leave the rest to the next tick when no more
 * than `reserve` of this turn's work is left. */
void client_tick(struct step *, int64_t reserve);
/* On the network: looked at when it has been silent. */
void client_ping(struct step *, struct conn *);

/* Free the connection of a session on the network, and drop what the session
 * waits for. Its user stays. */
void client_disconnect(struct step *, struct session *);

/* Send ERROR and close; the user quits if this was the user's last session.
 * A session that has no connection is freed. */
void client_end(struct step *, struct session *, struct span reason);
/* Do what the home of a killed user does: tell the user, make the QUIT. */
void client_killed(struct step *, const struct user *, const struct part_say *);
/* Kill a user, here or elsewhere, as this server. */
void client_kill(struct step *, struct user *, struct span reason);
/* End the sessions of users whose facts are gone, or whose home is another run
 * now; no QUIT is made for these. */
void client_end_gone(struct step *);

/* Free all clients, and requests, at the end of a core. */
void client_fini(struct core *);

#endif
