/*
 * request.h - what this server has asked for and waits for, while everything
 * else goes on: a password that a worker compares (core/cmd/oper.c), a mark of
 * uids that a disk must remember (core/registration.c), a question that another
 * server answers (core/answers/query.h).
 *
 *	request_ask() --> EFF_ASK ... EV_ANSWERED --> answered(), once
 *	                  or its kind's time passes --> answered(), expired
 *	                  or its owner goes         --> nothing
 *
 * A request belongs to a session, registered or not, or to the core itself. It
 * is dropped when the session ends; an answer that comes then, late, or twice
 * finds no request and is ignored. The kinds are rows of
 * core/types/request.def. To add a use: a constant struct request_use in the
 * file that asks.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include "core/state.h"
#include "core/types/request_kind.h"

/* The things that a client cannot do before the answer. */
enum request_hold {
	HOLD_NOTHING,
	HOLD_LINE, /* its next line is not read */
	HOLD_ENTRY /* its registration waits; its lines are read */
};

struct request_use {
	enum request_kind kind;
	enum request_hold hold;
	/* Go on with the answer, which is lent for the call, as is the
	 * request. The session is neither closing nor gone, and it may be ended
	 * here; it is NULL for a request of the core itself. With HOLD_ENTRY,
	 * call registration_try() at the end. */
	void (*answered)(struct step *, struct session *,
	    const struct request *, enum answer_status, struct span bytes);
	/* Free the data of a request; NULL: it has none. */
	void (*free_data)(void *);
};

struct request {
	uint64_t token;
	const struct request_use *use;
	bool of_core;
	struct conn_id conn; /* of its owner, if not the core */
	struct mono expires; /* awake */
	struct rcbuf *what;  /* for answered(): what it is about */
	void *data;	     /* for answered(), too; NULL: none */
	LIST_ENTRY(request) of_owner;
	TAILQ_ENTRY(request) of_kind;
};

/* Prepare the table of requests. */
void request_init(struct core *);
/* Free all requests that are left, at the end of a core. */
void request_fini(struct core *);

/*
 * Ask the world for a session, or for the core itself if that is NULL. The
 * bytes lie in st->arena and are not copied, since they are wiped there; `what`
 * is copied. Return false, and ask nothing, if the owner or all together have
 * as many requests of this kind as its row allows. The caller then goes on as
 * after ANSWER_REFUSED.
 */
bool request_ask(struct step *, struct session *, const struct request_use *,
    struct span bytes, struct span what);

/* Do the same without EFF_ASK: the caller asks somebody else, by the token, and
 * calls request_end(). Return the request, borrowed, or NULL. */
struct request *request_begin(struct step *, struct session *,
    const struct request_use *, struct span what);
/* Return the request of that kind, borrowed, or NULL if it has ended. */
struct request *request_find(const struct core *, uint64_t token,
    enum request_kind);
/* Return the session that the request belongs to, borrowed, or NULL if it
 * belongs to the core itself. */
struct session *request_owner(const struct core *, const struct request *);
/* Give the answer, and free the request. */
void request_end(struct step *, struct request *, enum answer_status,
    struct span bytes);
/* Take an answer of the world, EV_ANSWERED. */
void request_answered(struct step *, const struct event *);
/* End the requests whose time has passed. Leave the rest to the next tick when
 * no more than `reserve` of this turn's work is left. */
void request_tick(struct step *, int64_t reserve);
/* Return when the next request expires, on the awake clock, or MONO_NEVER. */
struct mono request_next(const struct core *);

/* Return true if a request of the session has that hold. */
bool request_holds(const struct session *, enum request_hold);
/* Drop the requests of a session that ends. */
void request_drop(struct core *, struct session *);
/* Return NULL, or what is wrong with the requests (core/check.c). */
const char *request_check(const struct core *);

#endif
