/*
 * choose.h - the first choice: which server somebody is sent to who connects.
 *
 * The gate has a struct place_net, and, for the strategy `together`, the answer
 * of a server (cost.h). It calls place_choose(), sends the person to that
 * server, and counts that with place_sent_add(). If the server refuses, since
 * others have been faster, the gate chooses again and passes the servers that
 * refused. A server decides by place_admits().
 *
 * A session stays at its server. So nothing here is called for somebody who is
 * connected.
 */
#ifndef PLACE_CHOOSE_H
#define PLACE_CHOOSE_H

#include "base/rng.h"
#include "place/cost.h"

enum place_strategy {
#define STRATEGY(name, word, rank, chosen, what) PLACE_##name,
#include "place/strategy.def"
#undef STRATEGY
	PLACE_STRATEGIES
};

/* Return the word of a strategy, and what it chooses; both are static. */
struct span place_strategy_word(enum place_strategy);
struct span place_strategy_what(enum place_strategy);
/* Return the strategy of that word, or PLACE_STRATEGIES. */
enum place_strategy place_strategy_find(struct span word);

struct place_ask {
	enum place_strategy strategy;
	struct span address; /* what `hash` goes by */
	/* what a server says of the person; NULL: none was asked, or none
	 * answered in time */
	const struct place_answer *answer;
	/* the servers that refused this person */
	const struct place_sid *refused;
	size_t nrefused;
	struct rng *rng; /* for `random` */
};

enum place_why {
	PLACE_HOME,   /* the account is online there */
	PLACE_BEST,   /* the strategy says so */
	PLACE_OVER,   /* nobody has room; this server is the least full */
	PLACE_NOBODY, /* no server takes people */
};

struct place_choice {
	enum place_why why;
	struct place_server *server; /* borrowed; NULL if PLACE_NOBODY */
	uint64_t rate; /* what the person would read, for place_sent_add() */
};

/*
 * Choose a server. PLACE_OVER is counted in the struct place_net; the gate
 * tells the server then that it must take the person nevertheless.
 */
struct place_choice place_choose(struct place_net *, const struct place_ask *);

/*
 * Return whether a server takes somebody who would read that much (rate as in
 * place_sum_init()). The server itself asks. Its own figures are exact: they
 * have everybody whom it has admitted, registered or not. Those of the others
 * may be late, so `admitted` has the people of the last PLACE_LATE_MS; the
 * server calls place_sent_expire() before, and place_sent_add() if it takes the
 * person. With PLACE_OVER of the gate, it passes NULL for `admitted`, and the
 * bound does not count.
 */
bool place_admits(const struct place_net *, const struct place_server *self,
    uint64_t rate, const struct place_sent *admitted);

#endif
