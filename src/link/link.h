/*
 * link.h - one link: a connection to another server.
 *
 *	           EFF_DIAL                 EV_LINK_OPEN
 *	  (peer.h) --------> opening ----+------------------> HELLO
 *	                                 |   the dialler sends HELLO
 *	           EV_DIAL_FAILED        |
 *	           <---------------------+          the peer's HELLO accepted;
 *	                                            LSA lines and SYNC sent
 *	                                    HELLO ---------------> SYNCING
 *
 *	                                    the peer's SYNC
 *	                          SYNCING ------------------> UP
 *
 *	  any state: ERROR sent or received, EV_LINK_CLOSED ---> DEAD
 *
 * A link is an edge of the map in SYNCING and UP. Entries go over it in UP
 * only.
 *
 * A handler that ends a link only marks it DEAD. net.c buries DEAD links when
 * no handler runs: it writes their rows in the log, takes their edges out of
 * our link state, lets their peers wait, and frees them.
 *
 * A link owns its vectors, the lists and entries that it puts together, and a
 * snapshot under way in either direction. Sent bytes belong to the caller, who
 * writes them; `unsent` counts them until EV_LINK_WRITABLE.
 */
#ifndef LINK_LINK_H
#define LINK_LINK_H

#include "base/mtime.h"
#include "base/writer.h"
#include "core/types/entry.h"
#include "core/types/event.h"
#include "core/types/ids.h"
#include "core/types/vector.h"
#include "link/map/netmap.h"
#include "link/peers/differ.h"
#include "link/peers/limit.h"
#include "link/trust/fork.h"
#include "link/verb.h"

struct peer;
struct rcbuf;
struct snap_in;
struct snap_out;
struct link_step;

enum link_state {
	LINK_HELLO,
	LINK_SYNCING,
	LINK_UP,
	LINK_DEAD,
};

/* The same as bits, for the rows of verb.def. */
#define ST_HELLO (1u << LINK_HELLO)
#define ST_SYNCING (1u << LINK_SYNCING)
#define ST_UP (1u << LINK_UP)

/* Unsent bytes at which the pump stops, questions are dropped, and the link is
 * closed (link-protocol.md, part 13, as the others). */
#define LINK_PUMP_MAX ((size_t)256 * 1024)
#define LINK_QUESTION_MAX ((size_t)4 * 1024 * 1024)
#define LINK_UNSENT_MAX ((size_t)8 * 1024 * 1024)
#define LINK_ORIGINS_MAX 8192		     /* origins in any vector */
#define LINK_LINE_MAX (ENTRY_LINE_MAX - 2)   /* bytes of a line, no CR LF */
#define LINK_ENTRY_MAX ((size_t)1024 * 1024) /* bytes of an entry */
#define LINK_SLOW_MS 60000  /* without taking any of the unsent bytes */
#define LINK_REASON_MAX 200 /* bytes of a reason that is put together */
#define LINK_BEATS 4	    /* BEATs that are remembered for their echo */

/* An entry of which some lines have come. */
struct assembly {
	struct entry head; /* of its ENTRY line */
	bool known;	   /* a duplicate, of which no lines are kept */
	char *text;	   /* the lines so far */
	size_t n, cap;
	size_t parts; /* + lines that are missing; 0: no entry is coming */
	bool dropped; /* it is lost (msg/skip.c), and not kept */
	struct fork_check fork; /* of a duplicate */
	/* links whose peers were sent all of these lines, too */
	struct conn_id *also;
	size_t nalso, capalso;
};

struct beat {
	struct stamp clock;
	struct mono at;
};

enum link_by { LINK_BY_US, LINK_BY_PEER, LINK_BY_CONNECTION };

/* How a link ended. The spans live until the end of the step. */
struct link_end {
	enum link_by by;
	struct span code; /* of the ERROR, or "closed" */
	struct span reason;
	bool was_edge;
};

struct link {
	struct conn_id conn;
	enum link_state state;
	struct link_end end; /* of a DEAD one */
	bool dialled;	     /* by us */
	struct peer_proof proof;
	struct addr addr;
	struct peer *peer; /* borrowed; NULL: not known yet */
	struct origin o;   /* from SYNCING on */
	uint64_t instance;
	uint32_t caps; /* LINKCAPB() of what the peer announced */
	struct mono opened;
	struct mono helloed; /* when the peer's HELLO was accepted */
	struct mono sync_by; /* awake: the peer's SYNC must come before */
	struct mono heard;   /* awake: when the last line came */
	bool was_up;

	struct vector ph;   /* what the peer has or was sent */
	uint64_t pos;	    /* cursor in the log */
	bool rests;	    /* the pump goes on in the next step */
	uint64_t floors;    /* log.floors when it was last checked ... */
	bool checked;	    /* ... and found that the peer needs no snapshot */
	struct vector told; /* have as of the last DIGEST */
	unsigned behind;    /* successive DIGESTs that showed us behind */
	bool wanted_own;    /* a WANT asked for entries of this very run */
	uint64_t forgets;   /* core_forget_count() at the last snapshot sent */
	struct snap_out *out;
	struct snap_in *in;
	bool awaits;	      /* the text of a snapshot is being made for it */
	struct vector snap_v; /* what the last snapshot sent covers */
	bool offered, wanted; /* our OFFER waits; the peer asked for it */
	bool offers, asked;   /* the peer's OFFER waits; we asked for it */
	struct mono progress; /* awake: when we asked, or a line of it came */

	uint32_t limit[LIMIT_COUNT]; /* of the peer; 0: not known */
	struct rcbuf *modules; /* of the peer, as words; NULL: not known */
	struct differ limits_differ, modules_differ;

	struct assembly entry;
	struct vector words; /* a vector, of which some lines have come */
	enum verb words_of;  /* the verb of these lines; VERB_COUNT: none */
	struct lsa lsa;	     /* a link state, of which some lines have come */
	bool lsa_open;	     /* more lines of lsa are to come */
	struct lsa *doubted; /* that came and are not believed yet (doubt.h) */
	size_t ndoubted;
	bool told_fork; /* an entry that differs was told to our operator */
	unsigned forks; /* that it has brought ... */
	struct mono forks_since; /* ... since then (fork.c) */
	/* forged entries, or link states, of this run that it brought were
	 * told */
	bool told_forged, told_forged_lsa;

	struct vector skip; /* not sent, and the peer is not told yet */
	bool skipped;	    /* it was told of some */
	/* what the peer skipped, and is not here: nothing more is read until
	 * it is, or by the awake clock until then */
	struct vector lacks;
	struct mono skip_until;
	bool lost; /* it did not come: entries are dropped until the peer
		    * begins anew */

	struct entry *deferred;	 /* the link waits with it, unread (defer.h) */
	struct mono defer_until; /* awake: the link waits until then at most */

	size_t waiting; /* bytes of entries that it brought, not processed */
	bool held;	/* nothing of it is read (backlog.h) */
	bool ended_in;	/* END came: the snapshot waits (snap_wait.h) */

	size_t unsent;	   /* bytes */
	struct mono taken; /* awake: when bytes were taken, or became unsent */
	uint64_t ack;	   /* the ACK to send; 0: none */
	struct beat beats[LINK_BEATS]; /* the last ones that were sent */
	size_t nbeats;		       /* BEATs sent so far */
	struct beat beat;	       /* the last one that came */
	int64_t rtt_ms;		       /* -1: unknown */
	uint64_t bytes_in, bytes_out, entries_in, entries_out, snaps_in,
	    snaps_out;
};

/* Make a link in LINK_HELLO without a peer. link_free() frees all that the link
 * owns. */
struct link *link_new(struct conn_id);
void link_free(struct link *);

bool link_is_edge(const struct link *);	      /* SYNCING or UP */
const char *link_state_name(enum link_state); /* static */

/* Return the configured name of the peer, or "" if the peer is not known
 * yet. */
struct span link_name(const struct link *);
/* Return the address as text in the step's arena, for log fields. */
struct span link_address(const struct link_step *, const struct link *);

/* A line on its way out. */
struct link_line {
	enum verb verb;
	struct writer w;
};

/* Begin a line with its verb, in the step's arena. */
struct link_line link_line(const struct link_step *, enum verb);
/* Return true if the peer has announced the capabilities that the verb needs
 * (link-protocol.md, 3.8). */
bool link_knows(const struct link *, enum verb);
/* Send the line, with CRLF. A line that is too long (a question with a long
 * text), or that the peer does not know, is not sent. */
void link_send(const struct link_step *, struct link *,
    const struct link_line *);
/* Send a buffer of whole lines. The reference moves to the effects. */
void link_send_buf(const struct link_step *, struct link *, struct rcbuf *);

/* Send the vector as one or more lines. */
void link_send_vector(const struct link_step *, struct link *, enum verb,
    const struct vector *);
/* Read one such line into l->words. Return 1 if the vector is complete, 0 if
 * more lines must come, -1 if the line is malformed or the vector too large. */
int link_read_vector(struct link *, enum verb, struct span rest);

/*
 * Send ERROR code :reason, close the link, and mark it DEAD. Do nothing if it
 * is DEAD already. The reason is one line of UTF-8 and lives until the end of
 * the step. It is in the words of this server: "the peer" is the other one.
 */
void link_refuse(const struct link_step *, struct link *, const char *code,
    const char *reason);
void link_refuse_for(const struct link_step *, struct link *, const char *code,
    struct span reason);
/* Refuse the link with `bounds`: something is more than max of a kind. The
 * reason is "WHAT: more than MAX UNIT". */
void link_refuse_bounds(const struct link_step *, struct link *,
    const char *what, uint64_t max, const char *unit);
/* Mark the link DEAD because the peer sent ERROR, and close it. */
void link_end_by_peer(const struct link_step *, struct link *, struct span code,
    struct span reason);
/* Mark the link DEAD because its connection has ended. */
void link_end_by_conn(struct link *, struct span reason);

#endif
