/*
 * asker.h - the control socket of a program. A connection carries one request
 * line and the lines of its answer:
 *
 *	accepted --line--> asked() --asker_line()...--> asker_finish()
 *	                       \--asker_tail(): events of the log, without end
 *
 * The number of connections at a time is bounded, and so is a request.
 */
#ifndef HOST_ASKER_H
#define HOST_ASKER_H

#include <bsd/sys/queue.h>

#include "conf/report.h"
#include "host/logger.h"
#include "net/listen.h"
#include "net/stream.h"

struct askers;

/* A connection. It is gone when its answer is complete. */
struct asker {
	struct askers *askers;
	struct stream *stream;
	uint64_t token; /* no other connection has it, now or later */
	/* the owner's: which answer it waits for; 0: none */
	unsigned int waits;
	uint64_t waits_n;
	bool asked;
	bool tails, json;
	enum log_level level; /* of the events that it is told */
	LIST_ENTRY(asker) link;
};

struct asker_ops {
	/* The request of a connection, without its end. */
	void (*asked)(void *ctx, struct asker *, struct span line);
	/* Descriptors or memory ran out (net/listen.h). */
	void (*starved)(void *ctx, int err);
};

struct askers_conf {
	struct loop *loop;
	struct streams *streams;
	struct span path; /* of the socket */
	const struct asker_ops *ops;
	void *ctx;
};

/* Listen on the path. The caller frees the result with askers_free. Return NULL
 * and fill in why on failure. */
struct askers *askers_new(const struct askers_conf *, char why[LISTEN_WHY_LEN]);
/* Close every connection without an answer. NULL is allowed. */
void askers_free(struct askers *);

/* Return the connection with that token, or NULL if it has gone. */
struct asker *askers_find(struct askers *, uint64_t token);
/* Return a connection that waits for this answer, after one (NULL: from the
 * first on); NULL at the end. Ask for the next one before an answer ends. */
struct asker *askers_next(struct askers *, struct asker *after,
    unsigned int waits);

/* Send a line of the answer, without its end. */
void asker_line(struct asker *, struct span line);
/* Send the last line, or none if it is empty; the connection is gone. */
void asker_finish(struct asker *, struct span line);
/* Send each problem of a report as a line, up to a bound. */
void asker_problems(struct asker *, const struct conf_report *);
/* Send one problem as a line. */
void asker_problem(struct asker *, struct span text);

/*
 * Answer `tail [LEVEL] [json]`, whose rest this is: from now on each event of
 * the level, or a higher one, is a line as in the log. A reader that leaves too
 * many bytes unread is told so and cut off.
 */
void asker_tail(struct asker *, struct span rest);
/* Pass an event to the connections that tail. */
void askers_event(struct askers *, const struct log_event *);

#endif
