/*
 * session.h - connections and sessions of this server.
 *
 *	conn ──1:1── session ──n:1── user
 *
 * A connection is a transport and its limits; a session is one client with
 * its capabilities, its numbered commands and what it waits for; a user is on
 * the network (core/facts/facts.h). A session without a user has not
 * registered.
 *
 *	EV_CONN_OPEN ─→ registering ─(entry applied)→ on the network ─→ closing
 *
 * A session on the network whose connection a restart has ended is held: it has
 * no connection for a time, and no line is sent to it (hold.h).
 *
 * One line at a time: a session is granted the next line (EFF_READ) when the
 * command before is done: its entry applied, its password compared, and its
 * flood allowance there.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <bsd/sys/queue.h>

#include "base/mtime.h"
#include "base/rcbuf.h"
#include "core/types/cap.h"
#include "core/types/ids.h"
#include "core/types/settings.h"
#include "wire/addr.h"

struct step;
struct user;

/*
 * Lines held back until a command is done: of a labelled one, to know whether
 * they need a batch (labeled-response); of one whose answer may be long, to
 * give it out in pieces.
 */
struct response {
	struct rcbuf *label; /* NULL: none */
	struct rcbuf **line; /* rendered, with their end */
	uint32_t n, cap;
	size_t bytes;	/* of all lines */
	size_t spent;	/* of them, that listings counted already */
	uint64_t batch; /* its reference, if it is open */
	bool open;
	bool told; /* lines in it tell of changes: nothing overtakes them */
	unsigned holds; /* listings that go on under the label, and waits */
	bool waits;	/* for the rest of its entry (core/apply.h) */
};

/* Before there is a user. */
struct registration {
	struct session *session;
	TAILQ_ENTRY(registration) link; /* core->registering */
	struct rcbuf *nick, *username, *realname;
	struct rcbuf *host;   /* NULL: the address */
	struct rcbuf *away;   /* NULL: the user will be here */
	struct rcbuf *certfp; /* in hex; NULL: there is no certificate */
	bool negotiating;     /* CAP LS or REQ, no END yet */
	bool complete;	      /* all there, waits for READY or entry */
	bool told;	      /* that it has to wait for a uid */
	bool passed;	      /* PASS had the password of its class */
	uint64_t bans;	      /* bans_serial() when it was compared */
	/* what modules have looked up; NULL: nothing */
	struct findings *findings;
	struct rcbuf *asked; /* folded, once there is an entry that claims it */
};

LIST_HEAD(request_list, request); /* core/sessions/request.h */
struct client_batch;		  /* core/sessions/client_batch.h */
struct findings;		  /* core/lookups.h */
struct given_keys;		  /* core/sessions/given_key.h */
struct hold;			  /* core/sessions/hold.h */
struct judgement;		  /* core/cmd/judge.h */
struct lag;			  /* core/sessions/lag.h */
struct monitor;			  /* core/sessions/monitor.h */
struct targets;			  /* core/sessions/targets.h */

/*
 * The things that few sessions have. Many thousands are idle, and have none.
 * Each object is owned by the file that is named above, and NULL if there is
 * none.
 */
struct session_more {
	struct given_keys *given_keys;
	struct targets *targets;
	struct monitor *monitor;     /* nicks that it watches */
	struct judgement *judgement; /* of the line that waits for it */
	struct client_batch *batch;  /* that the client sends */
	struct hold *hold;	     /* while it has no connection */
	/* other hosts of the user that masks match, as words (core/hosts.h) */
	struct rcbuf *hosts;
	bool hidden;	  /* a module has given the user another host */
	bool hidden_name; /* the first of `hosts` is the name before it */
};

struct session {
	struct session_id id; /* k 0 before registration */
	struct conn *conn;    /* NULL: it is held (hold.h) */
	struct user *user;    /* NULL before registration */
	LIST_ENTRY(session) user_link;
	struct request_list requests;
	uint64_t mark;	 /* core->mark: in the audience already */
	uint64_t caps;	 /* CAPB() */
	uint32_t listed; /* bytes of long answers since it was drained */
	uint32_t owed;	 /* bytes of slices since it was drained */
	bool cap_302;
	bool draining;	  /* EV_DRAINED was asked for */
	bool shunned;	  /* a shun may hit the user (core/banned.h) */
	bool arrives;	  /* registration_arrived() is to come */
	uint32_t answers; /* bytes of answers of other servers */
	struct registration *registration; /* NULL after it */
	uint64_t c;			   /* number of the command under way */
	int64_t t0;			   /* wall ms its line was read */
	uint64_t wait_entry;	   /* own entry the next line waits for */
	struct response *response; /* of the command under way */
	struct listing *listing;   /* long answers, being given */
	struct lag *lag;	   /* NULL: it has read what came */
	struct session_more *more; /* owned; NULL: nothing of it */
	struct wall spoke;	   /* for idle times */
	uint64_t batch_mark;	   /* core->mark of the batch it sees */
};

struct conn {
	struct conn_id id;
	struct addr addr;
	bool tls;
	bool web;     /* it speaks WebSocket */
	bool closing; /* EFF_CLOSE said; no more lines */
	bool pinged;
	bool granted;	      /* a line may come */
	bool ended;	      /* the client sends no more */
	bool handed_on;	      /* by a gateway: cmd/webirc.c */
	bool named;	      /* by its TLS: settings_has_name() */
	bool excused;	      /* a gateway's, and not judged yet: admission.h */
	uint8_t empties;      /* lines that were free: flood_charge_empty() */
	uint8_t news;	      /* lines that it is to be told (core/reload.c) */
	uint32_t timer_place; /* in the heap of timers, from 1; 0: none */
	const struct class_settings *class;
	struct session *session;
	struct rcbuf *cipher;  /* or NULL */
	struct rcbuf *gate;    /* the name of its gate; NULL: by none */
	struct mono flood_tat; /* when all its lines are paid for */
	struct mono parts_tat; /* when all parts of its entries are */
	struct mono nick_tat;  /* when all its changes of nick are */
	struct mono join_tat;  /* when all its joins are */
	struct mono opened;    /* awake */
	struct mono heard;     /* awake: its last line */
	struct mono due;       /* in the timers; NEVER: not set */
};

/* Return what the session has of it, to be read only: it may be shared. */
const struct session_more *session_more(const struct session *);
/* Return the same, to be written. */
struct session_more *session_get_more(struct session *);
/* Free it. The objects in it must be gone. */
void session_free_more(struct session *);

/* With the lines that have not left. NULL is allowed. */
void response_free(struct response *);

#endif
