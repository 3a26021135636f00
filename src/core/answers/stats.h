/*
 * stats.h - the answers of STATS: a row of stats.def for each letter.
 *
 * To add a letter: a row, and a function that sends a piece of its answer, as
 * listings do (core/sessions/listing.h). The end (219) is not its business. The
 * session is NULL if an operator of another server asks.
 */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include "core/sessions/listing.h"
#include "core/types/privilege.h"

/* The subject of one STATS; listing.asked. */
struct stats_asked {
	const struct stats_row *row;
	bool sees;	/* the reader may see addresses */
	struct cinc at; /* the next ban; for others, listing.at and n */
};

/* Send at least one item, as many as there is room for; return true when
 * nothing is left. */
typedef bool stats_fn(struct step *, struct session *, struct listing *);

struct stats_row {
	char letter;
	/* NULL: the links answer (link/peers/traffic.h); stats_figures: the
	 * daemon does (figures.h) */
	stats_fn *piece;
	bool same;		  /* the answer of all servers is the same */
	enum privilege privilege; /* PRIV_COUNT: everybody may see it */
	const char *what;
};

/* Return the row of a letter, or NULL. */
const struct stats_row *stats_find(char letter);

/* Return true if the letter may have a client behind it. */
bool stats_is_of_client(struct span letter);

/* Send the answer, and 219 at its end. */
void reply_stats(struct step *, struct session *, const struct stats_row *);

/* Answer the question of the step, for an operator of any server: the letter's
 * answer as far as one step may go, what is missing, and 219. For l and L, name
 * may be the uid of a user. Return true if the answer and its DONE come later.
 */
bool stats_answer(struct step *, struct uid from, struct span letter,
    struct span name);

#endif
