/*
 * gate.h - how a strict gate reads what a server sends on a trunk.
 *
 * It checks each rule of doc/gate-protocol.md that binds the server, as far as
 * the lines of the server and the numbers of streams tell. The owner gives it
 * lines, says which streams come, and gets what a line means for a stream.
 * After a breach `why` is not empty, and nothing more is read.
 */
#ifndef LIB_GATE_H
#define LIB_GATE_H

#include <stdint.h>

#include "core/types/vector.h"

struct gate_ops {
	/* A line came for a stream that the gate has not heard the end of. */
	void (*line)(void *ctx, uint32_t s, struct span line);
	void (*read)(void *ctx, uint32_t s, uint64_t lines);
	void (*queues)(void *ctx, uint32_t s, uint64_t sendq, uint64_t recvq);
	void (*drain)(void *ctx, uint32_t s, uint64_t n);
	void (*gone)(void *ctx, uint32_t s, struct span reason);
	void (*error)(void *ctx, struct span code, struct span reason);
};

/* A server that takes gates, as PEER says it. */
struct gate_peer {
	struct sid sid;
	char words[512]; /* behind the sid */
};

/* The last LOAD. */
struct gate_load {
	bool said;
	uint64_t users, rate, weight, s;
	char flags[64];
};

struct gate_list {
	bool used;
	uint32_t *v; /* in the order of their coming; owned */
	size_t n, cap;
};

enum gate_state {
	GATE_EARLY, /* SERVER has not come */
	GATE_FIRST, /* nor has the first POS */
	GATE_UP,
	GATE_ENDED
};

#define GATE_BEATS 64 /* that are remembered, at most */

struct gate {
	const struct gate_ops *ops;
	void *ctx;
	enum gate_state state;
	struct origin run; /* of the server */
	uint64_t streams;  /* that it accepts */
	struct vector pos;
	bool at_pos;	/* nothing but BEAT has come since the last POS */
	uint32_t last;	/* stream */
	uint8_t *ended; /* by stream - 1: GONE has come */
	size_t capended;
	struct gate_list *list; /* by g - 1 */
	size_t nlist;		/* numbers that there were */
	size_t nused, words;
	struct gate_peer *peer; /* in order of their sids; owned */
	size_t npeer, cappeer;
	struct gate_load load;
	uint64_t asked, answered;  /* questions */
	char more[8];		   /* the verb of a line that is not complete */
	uint32_t making;	   /* the list of it */
	bool by_difference;	   /* that list begins with another one */
	uint64_t beat, echo;	   /* the last t that came, and the last echo */
	uint64_t sent[GATE_BEATS]; /* BEATs of the gate, in a ring */
	uint64_t nsent;
	/* counts */
	uint64_t lines, copies, listed, unlisted, differences, came, went,
	    loads, known;
	char why[256];
};

void gate_init(struct gate *, const struct gate_ops *, void *ctx);
void gate_fini(struct gate *);

/* Return the number of a new stream, which the owner tells the server. */
uint32_t gate_new_stream(struct gate *);
/* Note that a BEAT with that time goes out. */
void gate_beat(struct gate *, uint64_t t);

/* Return the number of a new question, which the owner asks the server. */
uint64_t gate_ask(struct gate *);

/* Read a line, which is given without its end. now is in ms, for BEAT. */
void gate_line(struct gate *, struct span line, uint64_t now);

/* Return what PEER has said last of a server, behind its sid; NULL: nothing, or
 * that it takes no gates. */
const char *gate_peer(const struct gate *, struct sid);

/* Return true if a list has the stream. */
bool gate_list_has(const struct gate_list *, uint32_t s);

#endif
