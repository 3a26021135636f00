/*
 * placing.h - a client from the end of its handshake until a server takes it
 * (gate-protocol.md, part 12).
 *
 *	reads until NICK --> asks a server --> chooses --> NEW --> READ: taken
 *	    |                                    ^           |
 *	    +-- no NICK in time; not `together` -+-- FULL ---+
 *
 * The lines that are looked at stay unread, and wait for READ as all others.
 */
#ifndef GATE_PLACING_H
#define GATE_PLACING_H

#include "gate/gate.h"
#include "gate/trunkline.h"
#include "place/choose.h"

#define PLACING_NICK_MS 300	/* for NICK, from the first line */
#define PLACING_COST_MS 500	/* for the answer (12.3) */
#define PLACING_QUESTIONS 1024	/* of a trunk that wait (part 8) */
#define PLACING_REFUSALS_MAX 16 /* servers that may refuse one client */
#define PLACING_NICK_MAX 64	/* bytes; a longer one counts as none */

/* The questions of a trunk. */
struct placing_questions {
	struct placing **v;	  /* PLACING_QUESTIONS, by number; an empty
				   * place is of a client who waits no more */
	uint64_t asked, answered; /* so many */
};

/* Begin with a client that is on no trunk. */
void placing_begin(struct client *);
/* Look at the unread bytes of a client that is placed. */
void placing_look(struct client *, struct span unread, bool eof);
/* Wait for no more bytes of the client. */
void placing_hurry(struct client *);
/* Forget what is known of the client: a server has taken it, or it goes. */
void placing_end(struct client *);

/* ---- from the trunk ---- */

/* Take COST. Return the code of ERROR (7.1) if it breaks a rule, or NULL. */
const char *placing_cost(struct trunk *, const struct trunkline *);
/* A server has no room for the client, which is on no trunk any more. Return
 * false if the server cannot say that now. */
bool placing_may_be_full(const struct client *);
void placing_full(struct client *, struct place_sid);
/* No answers come any more. */
void placing_trunk_ended(struct trunk *);

#endif
