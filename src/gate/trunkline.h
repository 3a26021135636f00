/*
 * trunkline.h - the lines of a trunk: reads those of a server, and writes those
 * of a gate (gate-protocol.md, 3.4).
 *
 * This file knows the form of each line and nothing of its meaning: whether a
 * stream exists, or a line was granted, is for trunk.c and roll.c.
 *
 * To add a line of the server: a verb here, and a row in trunkline.c.
 */
#ifndef GATE_TRUNKLINE_H
#define GATE_TRUNKLINE_H

#include "base/span.h"
#include "base/writer.h"
#include "wire/addr.h"

#define TRUNK_LINE_MAX 16384 /* bytes with CR LF (3.1) */
#define TRUNK_ORIGIN_MAX 23  /* bytes of an origin (1) */
#define TRUNK_NAME_MAX 63    /* bytes of a name or region (1.2) */

enum trunk_verb {
	TRUNK_SERVER,
	TRUNK_L,
	TRUNK_LIST,
	TRUNK_UNLIST,
	TRUNK_READ,
	TRUNK_QUEUES,
	TRUNK_DRAIN,
	TRUNK_GONE,
	TRUNK_POS,
	TRUNK_PEER,
	TRUNK_LOAD,
	TRUNK_COST,
	TRUNK_FULL,
	TRUNK_BEAT,
	TRUNK_ERROR
};

/* A line of the server. Spans borrow from its bytes. Members that a verb does
 * not have are zero. */
struct trunkline {
	enum trunk_verb verb;
	uint32_t to;	    /* the stream, or the list, of the line; LOAD: s */
	bool of_list;	    /* L: `to` is a list */
	bool more;	    /* LIST, POS: the line is not the last one (3.3) */
	bool has_echo;	    /* BEAT */
	bool is_gone;	    /* PEER: the server is taken from the list */
	uint64_t n[3];	    /* READ: n; QUEUES: sendq, recvq; DRAIN: n; BEAT:
			    * t, echo, held; SERVER: its version; PEER: port;
			    * LOAD: users, rate, weight; COST: q */
	struct span words;  /* READ, QUEUES: streams; LIST: its words; POS;
			    * LOAD: flags */
	struct span origin; /* SERVER */
	struct span name, region; /* SERVER, PEER */
	struct span sid, host;	  /* PEER */
	struct span pin;	  /* PEER: 64 hex digits, or empty */
	struct span code;	  /* ERROR */
	struct span text; /* L, GONE, ERROR, the caps of SERVER, and the answer
			   * of COST */
};

/* Read a line of the server, given without its CR LF. Return false if it does
 * not have its form. The words of READ, QUEUES, LIST and POS are read by
 * word_next() (wire/words.h) and the functions below. */
bool trunkline_parse(struct span line, struct trunkline *);

/* Read a number of a stream or a list: 1 to 2^32 - 1 (part 1). */
bool trunkline_number(struct span word, uint32_t *n);
/* Return true if the words of POS have their form. */
bool trunkline_is_position(struct span words);
/* Find a capability among those of SERVER. *value is empty if it has none. */
bool trunkline_cap(struct span caps, struct span name, struct span *value);

/* A client, as its NEW describes it (5.2). */
struct trunk_client {
	struct addr addr;
	uint16_t port; /* of the listener */
	bool tls;
	struct span version, cipher; /* of TLS; empty: not known */
	struct span asked;	     /* the host name of TLS (SNI); or empty */
	struct span pin;	     /* 32 bytes; or empty */
	bool web;		     /* it speaks WebSocket */
	bool over;		     /* no server has room (12.4) */
	uint64_t rate;		     /* of COST (12.5); 0: not known */
};

/* Append a line with its CR LF. A reason is cut to what a line has room for,
 * and bytes that would end the line are left out. */
struct trunk_gate {
	struct span name, region; /* the region is empty: none */
	struct span network;	  /* empty: not known */
	struct span caps;	  /* words, or empty (4.1) */
};
void trunkline_gate(struct writer *, const struct trunk_gate *);
void trunkline_new(struct writer *, uint32_t s, const struct trunk_client *);
void trunkline_closed(struct writer *, uint32_t s, struct span reason);
void trunkline_error(struct writer *, const char *code, struct span reason);
/* Append a question; the words are those of place/ask.h (12.1). */
void trunkline_place(struct writer *, uint64_t q, struct span words);
/* Append a line of one number: EOF, EXCESS, DRAINED. */
void trunkline_of(struct writer *, const char *verb, uint32_t s);
/* Append BEAT; echo is 0 before the first BEAT of the server has come. */
void trunkline_beat(struct writer *, uint64_t t, uint64_t echo, uint64_t held);

/* Faults of a line of a client (5.5). */
enum { TRUNK_CMD_LONG = 1, TRUNK_CMD_BAD = 2 };
/* Append a line of the client; with TRUNK_CMD_BAD its text is left out. */
void trunkline_cmd(struct writer *, uint32_t s, uint64_t c, struct span line,
    unsigned int wrong);

#endif
