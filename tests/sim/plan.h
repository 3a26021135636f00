/*
 * plan.h - what happens in a random network, and how often.
 *
 * Each act has a usual weight, by which the simulator draws the next one. A
 * plan changes some of these weights, and says how links and servers are.
 */
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum act {
	ACT_CONNECT,
	ACT_QUIT,
	ACT_DROP,
	ACT_HOLD, /* a restart ends the connection, and holds the user */
	ACT_NICK,
	ACT_JOIN,
	ACT_PART,
	ACT_CYCLE,
	ACT_KICK,
	ACT_STATUS,
	ACT_MODE,
	ACT_LIST,
	ACT_TOPIC,
	ACT_RENAME,
	ACT_PERMANENT,
	ACT_INVITE,
	ACT_AWAY,
	ACT_SAY,
	ACT_FAREWELL,
	ACT_TELL,
	ACT_OPER,
	ACT_HOST,
	ACT_KILL,
	ACT_FORCE,
	ACT_WATCH,
	ACT_ASK,
	ACT_DEAF,
	ACT_FILTER, /* what keeps messages away from oneself */
	ACT_CUT,
	ACT_BLOCK,
	ACT_UNBLOCK,
	ACT_SPLIT,
	ACT_HEAL,
	ACT_CRASH,
	ACT_START,
	ACT_CLOCK,
	ACT_LATER,
	ACT_FORGET,
	ACT_FREEZE,
	ACT_TAKE,
	ACT_ROWS,
	ACT_RELOAD,
	ACT_BAN,
	ACT_UNBAN,
	ACT_GO_ON, /* start again in place */
	ACT_GATE,  /* something happens to a trunk */
	ACT_COUNT
};

struct plan {
	const char *name;
	unsigned weight[ACT_COUNT]; /* in place of the usual ones, if not 0 */
	double seconds, rate;	    /* acts a second */
	unsigned keep_s;
	uint64_t keep_bytes;
	int64_t delay_min_ms, delay_max_ms;
	uint64_t bandwidth;
	size_t pump_bytes; /* for settings; 0: the default */
	unsigned dial_fails;
	bool skewed;
	bool doors;  /* channels are often shut */
	bool uneven; /* some links are much slower than others */
	bool gentle; /* outages are short: nothing may get lost */
	/* servers that are gone are also forgotten by themselves */
	bool forgets;
	bool patient;  /* every other server waits long for its peers */
	bool homes;    /* users have a home that moves */
	bool crowd;    /* many servers, users, nicks and channels */
	bool rows;     /* some servers have more rows than others */
	bool restarts; /* in the end all servers are started again */
	bool copies;   /* a copy of a server runs for a while */
	bool modules;  /* servers have the rows of rows_modules() */
	double late;   /* when the last server starts */
};

/* Return a plan by its number, or the plan of that seed if it is negative. */
const struct plan *plan_get(int, uint64_t seed);

unsigned plan_count(void);

/* Return the name of a plan, or NULL beyond the last one. */
const char *plan_name(int);

/* Return how often the act happens in comparison with others; 0: never. */
unsigned plan_weight(const struct plan *, enum act);

#endif
