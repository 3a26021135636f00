/*
 * link.h - one link: an authenticated connection to another server.
 *
 *	           EFF_DIAL                 EV_LINK_OPEN
 *	  (peer.h) --------> opening ----+------------------> HELLO
 *	                                 |   dialler: HELLO sent
 *	           EV_DIAL_FAILED        |
 *	           <---------------------+          the peer's HELLO accepted;
 *	                                            all LSA and SYNC sent
 *	                                    HELLO ---------------> SYNCING
 *
 *	                                    the peer's SYNC
 *	                          SYNCING ------------------> UP
 *
 *	  any: ERROR sent or come, EV_LINK_CLOSED, silence ---> DEAD
 *
 * A link is an edge of the map from SYNCING on; entries go in UP only.
 *
 * A handler that ends a link only marks it DEAD. net.c buries DEAD links when
 * no handler runs: it writes their rows in the log, takes their edges out of
 * our link state, lets their peers wait, and frees them.
 *
 * Owns its vectors, what it is assembling, and a snapshot under way in either
 * direction. The bytes it has sent belong to who writes them; `unsent` counts
 * them until EV_LINK_WRITABLE.
 */
#ifndef LINK_LINK_H
#define LINK_LINK_H

#include "base/mtime.h"
#include "base/writer.h"
#include "core/types/event.h"
#include "core/types/entry.h"
#include "core/types/ids.h"
#include "core/types/vector.h"
#include "link/limit.h"
#include "link/netmap.h"
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

#define LINK_PUMP_MAX ((size_t)256 * 1024) /* unsent: pump stops */
#define LINK_QUESTION_MAX \
	((size_t)4 * 1024 * 1024) /* unsent: questions are dropped */
#define LINK_UNSENT_MAX ((size_t)8 * 1024 * 1024) /* unsent: closed */
#define LINK_ORIGINS_MAX 8192			  /* of any vector */
#define LINK_LINE_MAX (ENTRY_LINE_MAX - 2)	  /* bytes without CR LF */
#define LINK_ENTRY_MAX ((size_t)1024 * 1024)	  /* bytes of an entry */
#define LINK_CLOCK_MAX_MS 5000 /* clocks of neighbours apart */
#define LINK_SLOW_MS 60000     /* nothing taken of what is unsent: closed */
#define LINK_REASON_MAX 200    /* bytes of a reason that is put together */
#define LINK_BEATS 4	       /* sent ones remembered, for echoes */

/* The entry whose lines are coming. */
struct assembly {
	struct entry head; /* of its ENTRY line */
	bool known;	   /* a duplicate: its lines are not kept */
	char *text;	   /* lines that have come */
	size_t n, cap;
	size_t parts; /* + lines to come; 0: no entry is coming */
};

struct beat {
	struct stamp clock;
	struct mono at;
};

enum link_by { LINK_BY_US, LINK_BY_PEER, LINK_BY_CONNECTION };

/* How a link ended. The spans live as long as the step. */
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
	struct peer *peer; /* configured; NULL: not known yet */
	struct origin o;   /* from SYNCING on */
	uint64_t instance;
	uint32_t caps; /* LINKCAPB() of what the peer announced */
	struct mono opened;
	struct mono helloed; /* the peer's HELLO accepted */
	struct mono sync_by; /* awake: its SYNC must have come */
	struct mono heard;   /* awake: any line */
	bool was_up;

	struct vector ph;   /* what the peer has or was sent */
	uint64_t pos;	    /* cursor in the log */
	uint64_t floors;    /* log.floors when floor <= ph held */
	bool checked;	    /* floor <= ph held at floors */
	struct vector told; /* have as of the last DIGEST */
	unsigned behind;    /* DIGESTs running */
	uint64_t forgets;   /* core_forgets() as of the last snapshot sent */
	struct snap_out *out;
	struct snap_in *in;

	uint32_t limit[LIMIT_COUNT]; /* of the peer; 0: not told */

	struct assembly entry;
	struct vector words; /* of a vector over several lines */
	enum verb words_of;  /* its verb; VERB_COUNT: none under way */
	struct lsa lsa;	     /* likewise of a link state */
	bool lsa_open;	     /* one is under way */

	size_t unsent;
	struct mono taken; /* awake: last, or since when something is unsent */
	uint64_t ack;	   /* to be sent; 0: none */
	struct beat beats[LINK_BEATS];
	size_t nbeats;	  /* sent */
	struct beat beat; /* last that came */
	int64_t rtt_ms;	  /* -1: unknown */
	uint64_t bytes_out, entries_in, entries_out, snaps_in, snaps_out;
};

/* In LINK_HELLO, of no peer. Freed with all that it owns. */
struct link *link_new(struct conn_id);
void link_free(struct link *);

bool link_is_edge(const struct link *);	      /* SYNCING or UP */
const char *link_state_name(enum link_state); /* static */

/* Who it is, as far as is known: the configured name, or "". */
struct span link_name(const struct link *);
/* Its address as text, in the step's arena: for log fields. */
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
/* A reference to whole lines; taken over. */
void link_send_buf(const struct link_step *, struct link *, struct rcbuf *);

/* The vector as one or more lines of verb. */
void link_send_vector(const struct link_step *, struct link *, enum verb,
    const struct vector *);
/*
 * One such line: 1 when the last has come and l->words is whole, 0 when more
 * will, -1 if it is none.
 */
int link_read_vector(struct link *, enum verb, struct span rest);

/*
 * ERROR code :reason, closed, DEAD. Nothing if it is DEAD. The reason is one
 * line of UTF-8 and lives until the end of the step.
 */
void link_refuse(const struct link_step *, struct link *, const char *code,
    const char *reason);
void link_refuse_for(const struct link_step *, struct link *, const char *code,
    struct span reason);
/* Mark the link DEAD because the peer sent ERROR, and close it. */
void link_end_by_peer(const struct link_step *, struct link *, struct span code,
    struct span reason);
/* Mark the link DEAD because its connection has ended. */
void link_end_by_conn(struct link *, struct span reason);

#endif
