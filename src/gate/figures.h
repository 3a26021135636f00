/*
 * figures.h - the servers as place/net.h wants them: what their trunks say of
 * their load, whether they are well, and how far away they are.
 *
 * If there are several trunks to one server, one is the *first*: new clients
 * come to the server by it alone, so that the numbers of its streams are those
 * of the reservations (place/sent.h). If it ends, or takes no clients any more,
 * another one is the first, and has had no client yet.
 */
#ifndef GATE_FIGURES_H
#define GATE_FIGURES_H

#include "gate/gate.h"
#include "gate/trunkline.h"
#include "place/net.h"

/* The trunk is up, and may take clients. */
void figures_begin(struct trunk *);
/* The trunk takes no clients any more. It may never have taken any. */
void figures_end(struct trunk *);

/* The server tells its load (gate-protocol.md, 11.4). */
void figures_load(struct trunk *, const struct trunkline *);
/* Something has changed that decides whether the server takes clients: streams
 * that come and go, silence, bytes that wait. */
void figures_look(struct trunk *);
/* A BEAT shows how long a round trip takes. */
void figures_rtt(struct trunk *, int64_t ms);
/* A client who reads that much gets the next stream of the trunk. */
void figures_sent(struct trunk *, uint64_t rate);

/* Return the trunk by which clients come to a server, or NULL. */
struct trunk *figures_trunk(const struct gate *, struct place_sid);
/* Return the figures of the server of a trunk, or NULL if it takes no clients;
 * borrowed until a trunk begins or ends. */
struct place_server *figures_of(const struct trunk *);

#endif
