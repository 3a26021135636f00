/*
 * cost.c - see cost.h. For each channel, the seats are counted by server first;
 * then each server is given its share of the cost. A large channel has a seat
 * for each gate at each server. So servers are found in a table by sid, not by
 * a search, which would be most of the work.
 *
 * All servers that know the same get the same numbers: the arithmetic is in
 * whole numbers, and sums do not depend on the order of seats.
 */
#include "place/cost.h"

#include "base/ascii.h"

_Static_assert(PLACE_SERVERS_MAX < 256, "a server and one is a byte");

/* The members of one channel. */
struct count {
	uint32_t server[PLACE_SERVERS_MAX]; /* by server of the network */
	uint32_t gate[PLACE_SERVERS_MAX];   /* there, behind the gate */
	uint32_t region[PLACE_SERVERS_MAX]; /* by struct sheet, region */
};

/* A sid is a digit and two digits or letters, so there are as many. */
#define SIDS (10 * 36 * 36)
#define NO_SID SIDS

/* The work under way. */
struct sheet {
	const struct place_net *net;
	const struct place_gate *gate;
	size_t region[PLACE_SERVERS_MAX]; /* the first server of its region */
	int64_t cost[PLACE_SERVERS_MAX];
	int64_t rest;
	uint64_t rate;
	size_t looks;
	unsigned char at[SIDS + 1]; /* the server of a sid, and one; 0: none */
};

static unsigned
digit(char c)
{
	if (ascii_is_digit(c))
		return (unsigned)(c - '0');
	return ascii_is_upper(c) ? (unsigned)(c - 'A') + 10 : 36;
}

/* Return the number of a sid, or NO_SID. */
static unsigned
sid_number(const struct place_sid *sid)
{
	unsigned a = digit(sid->s[0]), b = digit(sid->s[1]),
		 c = digit(sid->s[2]);

	if (a > 9 || b > 35 || c > 35)
		return NO_SID;
	return (a * 36 + b) * 36 + c;
}

static void
sheet_init(struct sheet *sh, const struct place_net *net,
    const struct place_gate *gate)
{
	memset(sh, 0, sizeof(*sh));
	sh->net = net;
	sh->gate = gate;
	for (size_t i = 0; i < net->n; i++) {
		while (net->v[sh->region[i]].region != net->v[i].region)
			sh->region[i]++;
		sh->at[sid_number(&net->v[i].sid)] = (unsigned char)(i + 1);
	}
	sh->at[NO_SID] = 0;
}

/* Add, as far as there can be so many. */
static uint32_t
plus(uint32_t a, uint32_t b)
{
	return b < UINT32_MAX - a ? a + b : UINT32_MAX;
}

/* Most people are near their server, and come by a gate that is near them. */
static bool
is_behind(const struct sheet *sh, const struct place_seat *seat, size_t server)
{
	if (seat->gate == PLACE_GATE_UNKNOWN)
		return sh->net->v[server].region == sh->gate->region;
	return seat->gate == sh->gate->gate;
}

static void
count_seat(const struct sheet *sh, const struct place_seat *seat,
    struct count *count)
{
	size_t i = sh->at[sid_number(&seat->sid)], r;

	if (i == 0)
		return;
	r = sh->region[--i];
	count->server[i] = plus(count->server[i], seat->members);
	count->region[r] = plus(count->region[r], seat->members);
	if (is_behind(sh, seat, i))
		count->gate[i] = plus(count->gate[i], seat->members);
}

/* Between a server of that region and the gate, a line costs so much. */
static int64_t
way_to_gate(const struct sheet *sh, uint16_t region)
{
	return region == sh->gate->region ? 1 : 1 + PLACE_WAN;
}

static void
cost_of_chan(struct sheet *sh, uint64_t rate, const struct count *count)
{
	const struct place_net *net = sh->net;

	for (size_t i = 0; i < net->n; i++)
		sh->cost[i] +=
		    place_pull(rate, count->server[i]) +
		    place_pull(rate, count->gate[i]) *
			way_to_gate(sh, net->v[i].region) +
		    place_pull(rate, count->region[sh->region[i]]) * PLACE_WAN;
	/* a server that is not known is elsewhere, and has no member */
	sh->rest += place_pull(rate, 0) * (1 + (1 + PLACE_WAN) + PLACE_WAN);
	sh->rate += rate;
}

static void
add_chan(struct sheet *sh, const struct place_facts *facts, struct span name)
{
	struct count count;
	struct place_seat seat;
	unsigned class;

	sh->looks++;
	if (!facts->chan(facts->ctx, name, &class))
		return;
	memset(&count, 0, sizeof(count));
	for (; facts->seat(facts->ctx, &seat); sh->looks++)
		count_seat(sh, &seat, &count);
	sh->looks += sh->net->n;
	cost_of_chan(sh, place_rate(class), &count);
}

static void
add_peer(struct sheet *sh, const struct place_peer *peer)
{
	int64_t cost = place_pull(peer->rate, 0);

	for (size_t i = 0; i < sh->net->n; i++)
		if (memcmp(sh->net->v[i].sid.s, peer->home.s, PLACE_SID_LEN) !=
		    0)
			sh->cost[i] += cost;
	sh->rest += cost;
	sh->rate += peer->rate < PLACE_RATE_MAX ? peer->rate : PLACE_RATE_MAX;
	sh->looks += sh->net->n;
}

size_t
place_cost(const struct place_net *net, const struct place_gate *gate,
    const struct place_person *person, const struct place_facts *facts,
    struct place_answer *answer)
{
	struct span rest = person->channels, name;
	struct sheet sh;

	sheet_init(&sh, net, gate);
	for (size_t n = 0; n < PLACE_CHANNELS_MAX; n++) {
		name = span_word(&rest);
		if (name.n == 0)
			break;
		add_chan(&sh, facts, name);
	}
	for (size_t i = 0; i < person->npeers && i < PLACE_PEERS_MAX; i++)
		add_peer(&sh, &person->peer[i]);

	*answer = (struct place_answer){ .home = person->home,
		.joins = person->joins,
		.rate = sh.rate,
		.rest = sh.rest };
	for (size_t i = 0; i < net->n; i++)
		if (net->v[i].up)
			answer->cost[answer->n++] =
			    (struct place_cost){ net->v[i].sid, sh.cost[i] };
	return sh.looks + net->n;
}

int64_t
place_answer_cost(const struct place_answer *a, struct place_sid sid)
{
	size_t low = 0, high = a->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = memcmp(a->cost[mid].sid.s, sid.s, PLACE_SID_LEN);

		if (d == 0)
			return a->cost[mid].cost;
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return a->rest;
}

bool
place_answer_knows(const struct place_answer *a)
{
	return a->rate > 0;
}
