/*
 * listing.h - answers that may be longer than what a client's sendq holds:
 * LIST, NAMES, WHO, and any other whose lines are collected first.
 *
 * Such an answer is given in pieces, each when the client has read most of
 * the one before (EFF_DRAIN, EV_DRAINED), so that it costs nobody memory and
 * nobody a turn, and nobody is closed for having asked. It is a cursor into
 * facts that change meanwhile: what is there from beginning to end is told
 * once, what comes or goes may be told or not.
 *
 * A session's long answers are given one after the other, in the order they
 * were asked for. It goes on with other commands while one is given; while a
 * second one waits it is granted no line. Under a label the batch stays open
 * until the end.
 *
 * To add one: a function that sends while listing_has_room() and says at the
 * end that it was the last piece; listing_start() calls it the first time.
 */
#ifndef CORE_LISTING_H
#define CORE_LISTING_H

#include "core/state.h"
#include "core/facts/walk.h"

struct listing {
	struct listing *next;
	/* Sends at least one item, as many as there is room for; true when
	 * nothing is left. Of a channel it looks at walk.chan anew each time.
	 */
	bool (*piece)(struct step *, struct session *, struct listing *);
	struct response *response; /* it is part of; or NULL */
	struct rcbuf *what;	   /* named at its end; a reference */
	struct chan_walk walk;	   /* chan NULL: of no channel */
	size_t at;		   /* as far as it is, as piece counts */
	uint32_t n;		   /* likewise */
	bool of_chan, opers;
	bool collected; /* its lines are those of response */
};

/* Gives the first piece; copies what it is given if there are more. */
void listing_start(struct step *, struct session *, struct listing *);

/* Of the piece that runs. Asked once for each thing that is looked at. */
bool listing_has_room(struct step *);
size_t listing_room(const struct step *); /* bytes */

/* May an answer of that many bytes leave at once? Then it has. */
bool listing_spend(struct step *, struct session *, size_t bytes);

/* The client has read what waited, or the turn of others is over. */
void listing_drained(struct step *, struct session *);
void listing_go_on(struct step *, struct session *);

/* Are there so many that no other may be asked for? */
bool listing_is_full(const struct session *);

/* Drops all; with a step, open batches are ended. */
void listing_drop(struct step *, struct session *);

#endif
