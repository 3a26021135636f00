/*
 * census.h - asks every server of the map what it has of the runs of a sid, by
 * questions (link-protocol.md, 10.7, HAVE). A FORGET is made only when no
 * server has more than its maker (11.11). If the server is to be forgotten
 * sooner than others, every server is asked, too, whether it has ever reached
 * that server (SEEN).
 */
#ifndef LINK_CENSUS_H
#define LINK_CENSUS_H

#include "base/mtime.h"
#include "base/writer.h"
#include "core/types/ids.h"

struct link_net;
struct link_step;
struct question;

struct census_of {   /* one server that was asked */
	uint64_t id; /* of the question */
	struct origin o;
	bool seen;     /* the question is SEEN, not HAVE */
	bool answered; /* a line came */
	bool more; /* it has more than this server, or has reached that one */
	bool done; /* the answer is complete */
};

struct census {
	struct sid sid;	   /* whose runs */
	uint32_t inc;	   /* up to this one */
	bool soon;	   /* every server must say that it never reached it */
	struct mono again; /* awake: ask again then */
	struct census_of *of; /* owned */
	size_t n;
};

/* Free what the census owns, and forget all answers. */
void census_clear(struct census *);
/*
 * Return true if every reachable server has said that it has no more of the
 * runs of like->sid up to like->inc than this server; and if like->soon is set,
 * that it has never reached that server. Else ask all of them, unless that was
 * done a moment ago.
 */
bool census_agrees(const struct link_step *, struct census *,
    const struct census *like);
/* Write the sids of the servers that have not answered in time, separated by
 * commas. Return how many there are; 0, too, if it is not time to ask again. */
size_t census_silent(const struct link_step *, const struct census *,
    struct writer *);

/* Return true if the question is HAVE or SEEN, after answering it. */
bool census_answer(const struct link_step *, const struct question *);
/* Return true if the line, or the end of the answer, is for a question that
 * this server asked by itself. Note what it says, if a census asked. */
bool census_line(const struct link_step *, const struct question *);
bool census_done(const struct link_step *, const struct question *);

#endif
