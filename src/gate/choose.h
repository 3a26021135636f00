/*
 * choose.h - which server a new client goes to: place/choose.h, by what the
 * gate knows of its servers.
 */
#ifndef GATE_CHOOSE_H
#define GATE_CHOOSE_H

#include "gate/gate.h"
#include "place/choose.h"

/* A client who is placed. */
struct choose_from {
	const struct place_answer *answer; /* of a server; NULL: none */
	const struct place_sid *refused;   /* these have no room */
	size_t nrefused;
};

struct choice {
	struct trunk *trunk; /* NULL: no server takes clients */
	enum place_why why;
	uint64_t rate; /* what the client would read */
};

struct choice choose(struct gate *, const struct client *,
    const struct choose_from *);

#endif
