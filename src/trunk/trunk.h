/*
 * trunk.h - one trunk: a connection of a gate.
 *
 *	     EV_TRUNK_OPEN          GATE accepted        this server is open for
 *	  ────────────────→ OPEN ────────────────→ WAITS ────────────────→ UP
 *	                                                  clients; SERVER sent
 *
 *	  any state: ERROR sent or received, EV_TRUNK_CLOSED ──→ DEAD
 *
 * A trunk that is DEAD stays until the core has been told, in slices, that all
 * its streams have ended.
 *
 * A trunk owns its lists and what it puts together. The lines of a step are
 * written into the step's arena, and go out as one buffer at its end.
 */
#ifndef TRUNK_TRUNK_H
#define TRUNK_TRUNK_H

#include <bsd/sys/queue.h>

#include "base/chains.h"
#include "base/mtime.h"
#include "base/rcbuf.h"
#include "base/writer.h"
#include "core/types/event.h"
#include "core/types/ids.h"
#include "core/types/settings.h"
#include "core/types/vector.h"
#include "trunk/ahead.h"
#include "trunk/list.h"
#include "trunk/load.h"
#include "wire/name.h"

struct trunk_stream;
struct trunk_step;

enum trunk_state { TRUNK_OPEN, TRUNK_WAITS, TRUNK_UP, TRUNK_DEAD };

/* The same as bits, for the rows of verb.def. */
#define ST_OPEN (1u << TRUNK_OPEN)
#define ST_WAITS (1u << TRUNK_WAITS)
#define ST_UP (1u << TRUNK_UP)

/* gate-protocol.md, part 8 */
#define TRUNK_LINE_MAX 16382			 /* bytes of a line, no CR LF */
#define TRUNK_GATE_MS 10000			 /* until GATE has come */
#define TRUNK_SILENCE_MS 20000			 /* until a trunk is closed */
#define TRUNK_READ_MAX ((size_t)256 * 1024)	 /* unsent; READ waits */
#define TRUNK_TELL_MAX ((size_t)4 * 1024 * 1024) /* operators are told */
#define TRUNK_UNSENT_MAX ((size_t)64 * 1024 * 1024) /* ERROR slow */
#define TRUNK_REASON_MAX 200 /* bytes of a reason that is told */
#define TRUNK_BEATS 4	     /* BEATs that are remembered for their echo */

enum trunk_by { TRUNK_BY_US, TRUNK_BY_GATE, TRUNK_BY_CONNECTION };

/* A BEAT that was sent, or has come. */
struct trunk_beat {
	uint64_t t; /* 0: none */
	struct mono at;
};

/* The receivers of a line on one trunk, while effects are read. */
struct trunk_share {
	uint32_t *v; /* numbers of streams, in the order of the effect */
	size_t n, cap;
	uint64_t hash;
	uint32_t list; /* the number of the list; 0: there is one receiver */
};

struct trunk {
	struct conn_id conn;
	enum trunk_state state;
	struct peer_proof proof;
	struct addr addr;
	char name[NAME_GATE_MAX + 1];	/* of the gate; "": not known yet */
	struct rcbuf *by;		/* the same, for its clients */
	char region[NAME_GATE_MAX + 1]; /* as the gate has said */
	/* borrowed until EV_CONF; NULL: not known yet */
	const struct gate_settings *gate;
	bool peers;	     /* the gate reads PEER */
	uint64_t peers_told; /* as far as it has been told (peer.h) */
	bool load;	     /* the gate reads LOAD */
	struct trunk_figures told_load; /* what it was told last */
	struct mono load_at;		/* when that was */
	bool place;			/* the gate reads COST and FULL */
	uint64_t asked;			/* the number of its last question */
	struct mono opened;		/* awake */
	struct mono heard;		/* awake: when the last line came */
	bool was_up;
	bool held; /* DEAD: users are held who may come back */
	char *why; /* DEAD: told with the quits; owned */

	LIST_HEAD(, trunk_stream) streams;
	size_t nstreams;
	uint32_t last; /* the greatest number that a stream had */
	struct chains by_number;
	TAILQ_HEAD(, trunk_stream) owed; /* their READ waits */
	size_t lines; /* that streams were granted, and the core has not got */
	TAILQ_HEAD(, trunk_ahead) ready; /* streams: ahead.h */
	bool busy;			 /* on net->busy */
	TAILQ_ENTRY(trunk) busy_link;

	struct writer out; /* lines of this step */
	bool writes;	   /* out is prepared */
	size_t beat_end;   /* the end of a BEAT that out begins with; or 0 */
	uint32_t *read;	   /* streams of the READ that is put together */
	size_t nread, capread;
	unsigned read_lines; /* that it grants to each */
	struct trunk_share share;
	struct lists lists;

	size_t unsent;			      /* bytes */
	bool slow;			      /* operators were told */
	struct vector told;		      /* the position, as told by POS */
	uint64_t told_serial;		      /* of struct trunk_position */
	bool told_any;			      /* a POS was sent */
	struct trunk_beat beats[TRUNK_BEATS]; /* the last ones sent */
	size_t nbeats;
	struct trunk_beat beat; /* the last one that came */
	int64_t rtt_ms;		/* -1: not known */
	uint64_t lines_in, lines_out, bytes_in, bytes_out;
};

/* Make a trunk in TRUNK_OPEN. trunk_free() frees what it owns; it has no
 * streams then. */
struct trunk *trunk_new(struct conn_id, const unsigned char *key);
void trunk_free(struct trunk *);

/* Return the name of the gate, or "". */
struct span trunk_name(const struct trunk *);
const char *trunk_state_name(enum trunk_state); /* static */

/* Return the writer of this step's lines. */
struct writer *trunk_out(const struct trunk_step *, struct trunk *);
/* Begin a line with this text, and return its writer. The caller writes the
 * rest, and ends it. */
struct writer *trunk_line(const struct trunk_step *, struct trunk *,
    const char *verb);
void trunk_line_end(struct writer *);

/*
 * Send ERROR code :reason, close the trunk, and mark it DEAD. Do nothing if it
 * is DEAD. The reason is one line of UTF-8.
 */
void trunk_refuse(const struct trunk_step *, struct trunk *, const char *code,
    const char *reason);
void trunk_refuse_for(const struct trunk_step *, struct trunk *,
    const char *code, struct span reason);
/* Mark the trunk DEAD because the gate sent ERROR, and close it. */
void trunk_end_by_gate(const struct trunk_step *, struct trunk *,
    struct span code, struct span reason);
/* Mark the trunk DEAD because its connection has ended. */
void trunk_end_by_conn(const struct trunk_step *, struct trunk *,
    struct span reason);

#endif
