/*
 * choose.c - see choose.h. Each strategy is a function that ranks one server,
 * so all of them share the rest: servers that take nobody, the bound, and what
 * happens if nobody has room.
 */
#include "place/choose.h"

#include "base/siphash.h"

/* Parts of a rank: the earlier ones count more. */
#define RANK_PARTS 2

struct rank {
	uint64_t part[RANK_PARTS];
};

/* A choice under way. */
struct pick {
	const struct place_ask *ask;
	struct place_sum sum;
	uint32_t rtt_least; /* of the servers that may be chosen */
	struct place_server *may[PLACE_SERVERS_MAX];
	size_t n;
};

/* Nearest: a server above this many thousandths of its bound comes last; above
 * the lower number it counts as if it were farther away. So those who must be
 * there find room. */
#define NEARLY_FULL 970
#define FILLING 900
#define FILLING_US 20000

/* Far beyond any turn of `round-robin`. */
#define TURN_MAX (INT64_C(1) << 62)

/* Bits behind the point of the logarithms that `random` and `hash` use. */
#define LOG_BITS 24

/*
 * Return 64 - log2(x + 1), with LOG_BITS bits behind the point: squaring a
 * number doubles its logarithm, so each square gives one more bit.
 */
static uint64_t
log_from_top(uint64_t x)
{
	unsigned whole;
	uint64_t m, log;

	if (x == UINT64_MAX)
		return 0;
	x++;
	whole = 63 - (unsigned)__builtin_clzll(x);
	m = x << (63 - whole) >> 32; /* from 2^31 to 2^32 */
	log = whole;
	for (int i = 0; i < LOG_BITS; i++) {
		m = m * m >> 31;
		log = log * 2 + (m >> 32);
		m >>= m >> 32;
	}
	return (UINT64_C(64) << LOG_BITS) - log;
}

/*
 * Make a rank of a random number such that of several servers each is the least
 * as often as its weight says: the negative logarithm of a random number,
 * divided by the weight (Efraimidis and Spirakis, 2006; for hashes,
 * Schindelhauer and Schomaker, 2005).
 */
static uint64_t
by_weight(const struct place_server *s, uint64_t number)
{
	return (log_from_top(number) << LOG_BITS) / place_weight(s);
}

static struct rank
rank_random(const struct pick *p, const struct place_server *s)
{
	return (struct rank){ { by_weight(s, rng_u64(p->ask->rng)), 0 } };
}

/* The server that was passed over for longest has the greatest turn. */
static struct rank
rank_turn(const struct pick *p, const struct place_server *s)
{
	(void)p;
	return (struct rank){
		{ (uint64_t)(TURN_MAX - s->turn - place_weight(s)), 0 }
	};
}

static struct rank
rank_load(const struct pick *p, const struct place_server *s)
{
	return (struct rank){ { place_fill(&p->sum, s), 0 } };
}

/*
 * A server that comes takes some addresses of each of the others, and one that
 * goes leaves its own to all of them; no other address moves (rendezvous
 * hashing, Thaler and Ravishankar, 1998). The key is the same at all gates.
 */
static struct rank
rank_hash(const struct pick *p, const struct place_server *s)
{
	static const unsigned char of_address[SIPHASH_KEY] = "place by address";
	unsigned char of_server[SIPHASH_KEY] = { 0 };
	uint64_t hash = siphash(of_address, p->ask->address);

	memcpy(of_server, &s->sid, PLACE_SID_LEN);
	for (size_t i = 0; i < sizeof(hash); i++)
		of_server[8 + i] = (unsigned char)(hash >> (8 * i));
	hash = siphash(of_server, SPAN("server"));
	return (struct rank){ { by_weight(s, hash), 0 } };
}

static struct rank
rank_nearest(const struct pick *p, const struct place_server *s)
{
	uint64_t fill = place_fill(&p->sum, s);
	uint64_t us = s->rtt_us;

	if (fill > FILLING)
		us += FILLING_US;
	return (struct rank){ { fill > NEARLY_FULL, us } };
}

/*
 * A server that many people are near is always close to its bound, and gets
 * somebody only when somebody leaves. With a price on its last seats, they go
 * to the people who gain most by them, and not to those who come at the right
 * moment.
 */
static uint64_t
price_of(const struct pick *p, const struct place_server *s)
{
	return (uint64_t)place_price(p->sum.rate / p->sum.users,
	    place_fill_users(&p->sum, s));
}

static struct rank
rank_together(const struct pick *p, const struct place_server *s)
{
	const struct place_answer *answer = p->ask->answer;
	uint32_t later = (s->rtt_us - p->rtt_least) / 2;

	if (answer == NULL || !place_answer_knows(answer))
		return rank_nearest(p, s);
	return (struct rank){ { (uint64_t)place_answer_cost(answer, s->sid) +
				    (uint64_t)place_delay(answer->rate, later) +
				    price_of(p, s),
	    s->rtt_us } };
}

/* Each server comes nearer to its turn; the chosen one goes back by as much as
 * all have come nearer, so the sum of the turns stays as it is. */
static void
count_turn(const struct pick *p, struct place_server *chosen)
{
	for (size_t i = 0; i < p->n; i++) {
		p->may[i]->turn += place_weight(p->may[i]);
		chosen->turn -= place_weight(p->may[i]);
	}
}

struct strategy_row {
	struct span word, what;
	struct rank (*rank)(const struct pick *, const struct place_server *);
	void (*chosen)(const struct pick *, struct place_server *);
};

static const struct strategy_row rows[] = {
#define STRATEGY(name, word, rank, chosen, what) \
	[PLACE_##name] = { SPAN_INIT(word), SPAN_INIT(what), rank, chosen },
#include "place/strategy.def"
#undef STRATEGY
};

struct span
place_strategy_word(enum place_strategy s)
{
	return rows[s].word;
}

struct span
place_strategy_what(enum place_strategy s)
{
	return rows[s].what;
}

enum place_strategy
place_strategy_find(struct span word)
{
	enum place_strategy s = PLACE_RANDOM;

	while (s < PLACE_STRATEGIES && !span_eq(rows[s].word, word))
		s++;
	return s;
}

static bool
has_refused(const struct place_ask *ask, const struct place_server *s)
{
	for (size_t i = 0; i < ask->nrefused; i++)
		if (memcmp(ask->refused[i].s, s->sid.s, PLACE_SID_LEN) == 0)
			return true;
	return false;
}

static void
pick_init(struct pick *p, struct place_net *net, const struct place_ask *ask)
{
	uint64_t rate = PLACE_RATE_UNKNOWN;

	if (ask->answer != NULL && place_answer_knows(ask->answer))
		rate = ask->answer->rate;
	p->ask = ask;
	p->n = 0;
	p->rtt_least = UINT32_MAX;
	place_sum_init(&p->sum, net, rate);
	for (size_t i = 0; i < net->n; i++) {
		struct place_server *s = &net->v[i];

		if (!place_is_open(s) || has_refused(ask, s) ||
		    !place_has_room(&p->sum, s))
			continue;
		p->may[p->n++] = s;
		if (s->rtt_us < p->rtt_least)
			p->rtt_least = s->rtt_us;
	}
}

/* Compare two servers by rank, and then by what all strategies go by. */
static bool
is_before(const struct rank *a, const struct rank *b,
    const struct place_server *of_a, const struct place_server *of_b)
{
	for (int i = 0; i < RANK_PARTS; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i];
	return place_server_cmp(of_a, of_b) < 0;
}

static struct place_server *
best_of(const struct pick *p)
{
	const struct strategy_row *row = &rows[p->ask->strategy];
	struct place_server *best = NULL;
	struct rank least = { { 0 } };

	for (size_t i = 0; i < p->n; i++) {
		struct rank rank = row->rank(p, p->may[i]);

		if (best == NULL || is_before(&rank, &least, p->may[i], best)) {
			best = p->may[i];
			least = rank;
		}
	}
	if (best != NULL && row->chosen != NULL)
		row->chosen(p, best);
	return best;
}

/* A server that is within its bound of people, and has not refused, is less
 * full than any other: lines come and go, but people stay. */
static struct rank
rank_full(const struct pick *p, const struct place_server *s)
{
	return (struct rank){ { has_refused(p->ask, s) ||
				    !place_has_seat(&p->sum, s),
	    place_fill(&p->sum, s) } };
}

static struct place_server *
least_full(const struct place_net *net, const struct pick *p)
{
	struct place_server *best = NULL;
	struct rank least = { { 0 } };

	for (size_t i = 0; i < net->n; i++) {
		struct place_server *s = &net->v[i];
		struct rank rank;

		if (!place_is_open(s))
			continue;
		rank = rank_full(p, s);
		if (best == NULL || is_before(&rank, &least, s, best)) {
			best = s;
			least = rank;
		}
	}
	return best;
}

/*
 * Return the server where the account is online, if the person may go there. A
 * connection that joins the user there adds no user, so the bound does not
 * count.
 */
static struct place_server *
home_of(const struct place_net *net, const struct pick *p)
{
	const struct place_answer *answer = p->ask->answer;
	struct place_server *s;

	if (answer == NULL || answer->home.s[0] == '\0')
		return NULL;
	s = place_net_find(net, answer->home);
	if (s == NULL || !place_is_open(s) || has_refused(p->ask, s))
		return NULL;
	return answer->joins || place_has_room(&p->sum, s) ? s : NULL;
}

/*
 * The order of the choice:
 *
 * 1. The server where the account is online, so that one person's sessions are
 *    together.
 * 2. Among the servers with room that have not refused, the one that the
 *    strategy ranks first.
 * 3. The server that is the least full, even if it has refused. This is the
 *    only way over a bound.
 */
struct place_choice
place_choose(struct place_net *net, const struct place_ask *ask)
{
	struct place_choice c = { .why = PLACE_HOME };
	struct pick p;

	pick_init(&p, net, ask);
	c.rate = p.sum.coming;
	c.server = home_of(net, &p);
	if (c.server != NULL)
		return c;
	c.why = PLACE_BEST;
	c.server = best_of(&p);
	if (c.server != NULL)
		return c;
	c.server = least_full(net, &p);
	c.why = c.server != NULL ? PLACE_OVER : PLACE_NOBODY;
	if (c.server != NULL)
		net->over++;
	return c;
}

bool
place_admits(const struct place_net *net, const struct place_server *self,
    uint64_t rate, const struct place_sent *admitted)
{
	struct place_sum sum;

	if (!place_is_open(self))
		return false;
	if (admitted == NULL)
		return true;
	place_sum_init(&sum, net, rate);
	place_sum_late(&sum, self, admitted);
	return place_has_room(&sum, self);
}
