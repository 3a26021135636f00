/*
 * census.h - asks every server of the map what it has of the runs of a sid, by
 * questions (link-protocol.md, 10.7, HAVE). A FORGET is made only when no
 * server has more than its maker (11.11).
 */
#ifndef LINK_CENSUS_H
#define LINK_CENSUS_H

#include "base/mtime.h"
#include "core/types/ids.h"

struct link_net;
struct link_step;
struct question;

struct census_of {   /* one server that was asked */
	uint64_t id; /* of the question */
	struct origin o;
	bool answered; /* a line came */
	bool more;     /* it has more than this server */
	bool done;     /* the answer is complete */
};

struct census {
	struct sid sid;	      /* whose runs */
	uint32_t inc;	      /* up to this one */
	struct mono again;    /* awake: ask again then */
	struct census_of *of; /* owned */
	size_t n;
};

/* Free what the census owns, and forget all answers. */
void census_clear(struct census *);
/*
 * Return true if every reachable server has said that it has no more of the
 * runs of sid up to inc than this server. Else ask all of them, unless that was
 * done a moment ago.
 */
bool census_agrees(const struct link_step *, struct census *, struct sid,
    uint32_t inc);

/* Return true if the question is HAVE, after answering it. */
bool census_answer(const struct link_step *, const struct question *);
/* Return true if the line, or the end of the answer, is for a question that
 * this server asked by itself. Note what it says, if a census asked. */
bool census_line(const struct link_step *, const struct question *);
bool census_done(const struct link_step *, const struct question *);

#endif
