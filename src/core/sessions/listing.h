/*
 * listing.h - answers that may be longer than what a client's sendq holds, or
 * that look at many things: LIST, NAMES, WHO, and any other whose lines are
 * collected first.
 *
 * Such an answer is given in pieces. A piece ends when the client has been
 * given as many bytes as it should have at once; the next one follows when it
 * has read most of them (EFF_DRAIN, EV_DRAINED). A piece also ends when it has
 * cost enough; it then goes to the end of the core's queue of work
 * (base/work.h), where the listings of all clients take turns. So an answer
 * costs nobody memory and nobody a turn, and nobody is closed for having
 * asked. It is a cursor into facts that change meanwhile: what is there from
 * beginning to end is told once, what comes or goes may be told or not.
 *
 * A session's long answers are given one after the other, in the order they
 * were asked for. It goes on with other commands while one is given; while a
 * second one waits it is granted no line. Under a label the batch stays open
 * until the end.
 *
 * To add one: a function that sends while listing_has_room(), spends what it
 * compares (step_spend), and says at the end that it was the last piece;
 * listing_start() calls it the first time.
 */
#ifndef CORE_LISTING_H
#define CORE_LISTING_H

#include "core/facts/walk.h"
#include "core/state.h"

struct listing {
	struct work_item item; /* queued: the first of its session's */
	struct session *session;
	struct listing *next;
	/* Send at least one item, as many as there is room for; return true
	 * when nothing is left. Look at walk.chan anew each time.
	 */
	bool (*piece)(struct step *, struct session *, struct listing *);
	struct response *response;     /* it is part of; or NULL */
	struct rcbuf *what;	       /* named at its end; a reference */
	void *asked;		       /* for piece: freed with it; or NULL */
	const struct command_row *row; /* that gives it; NULL: the core */
	struct chan_walk walk;	       /* chan NULL: of no channel */
	size_t at;		       /* as far as it is, as piece counts */
	uint32_t n;		       /* likewise */
	bool of_chan, opers;
	bool recorded; /* the log has a line about it (core/sessions/sight.h) */
	bool collected; /* its lines are those of response */
};

/* Give the first piece; copy what it is given if there are more. `asked` is
 * the listing's from now on. */
void listing_start(struct step *, struct session *, struct listing *);

/* Return a listing of the channel that waits with nothing given of it, and that
 * is part of no response; or NULL. */
struct listing *listing_unbegun(const struct session *,
    bool (*piece)(struct step *, struct session *, struct listing *),
    const struct chan *);

/* Return whether the piece that runs may look at one more thing, and spend
 * what that costs. Ask once for each thing. */
bool listing_has_room(struct step *);
size_t listing_room(const struct step *); /* bytes */

/* Return whether an answer of that many bytes may leave at once; then it
 * has to. */
bool listing_spend(struct step *, struct session *, size_t bytes);

/* Go on: the client has read what waited. */
void listing_drained(struct step *, struct session *);

/* Return whether there are so many that no other may be asked for. */
bool listing_is_full(const struct session *);

/* Give all the rows that their commands have in these tables. Drop those of
 * commands that the tables do not have; open batches are ended. */
void listing_move(struct step *, struct session *, const struct tables *);

/* Drop all; with a step, open batches are ended. */
void listing_drop(struct step *, struct session *);

#endif
