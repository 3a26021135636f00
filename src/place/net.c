/*
 * net.c - see net.h. Each choice walks over all servers a few times; there are
 * at most PLACE_SERVERS_MAX.
 *
 * With 128 servers, sums of rates are below 2^47, and such a sum times the
 * greatest weight is below 2^57.
 */
#include "place/net.h"

#include <stdlib.h>

#include "base/mem.h"

/* In a small network, the bound is the share and one user, or what three
 * people read: otherwise a tenth would be less than one of them. These three
 * read as much as the mean, or as the one who comes, if that is more. */
#define SLACK_USERS 1
#define SLACK_READERS 3

void
place_net_init(struct place_net *net)
{
	*net = (struct place_net){ .bound_users = PLACE_BOUND_USERS,
		.bound_rate = PLACE_BOUND_RATE };
}

void
place_net_fini(struct place_net *net)
{
	free(net->v);
	place_net_init(net);
}

static int
sid_cmp(const struct place_sid *a, const struct place_sid *b)
{
	return memcmp(a->s, b->s, PLACE_SID_LEN);
}

/* Return the place of the first server whose sid is not less. */
static size_t
place_of(const struct place_net *net, const struct place_sid *sid)
{
	size_t low = 0, high = net->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sid_cmp(&net->v[mid].sid, sid) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct place_server *
place_net_find(const struct place_net *net, struct place_sid sid)
{
	size_t i = place_of(net, &sid);

	if (i == net->n || sid_cmp(&net->v[i].sid, &sid) != 0)
		return NULL;
	return &net->v[i];
}

struct place_server *
place_net_get(struct place_net *net, struct place_sid sid)
{
	struct place_server *s = place_net_find(net, sid);
	size_t i = place_of(net, &sid);

	if (s != NULL)
		return s;
	if (net->n == PLACE_SERVERS_MAX)
		return NULL;
	net->v = mem_array(net->v, net->n + 1, sizeof(*net->v));
	s = &net->v[i];
	memmove(s + 1, s, (net->n - i) * sizeof(*s));
	*s = (struct place_server){ .sid = sid, .weight = PLACE_WEIGHT };
	place_sent_init(&s->sent, PLACE_SENT_MS);
	net->n++;
	return s;
}

void
place_net_drop(struct place_net *net, struct place_sid sid)
{
	struct place_server *s = place_net_find(net, sid);

	if (s == NULL)
		return;
	net->n--;
	memmove(s, s + 1, (net->n - (size_t)(s - net->v)) * sizeof(*s));
}

void
place_net_load(struct place_server *s, uint32_t users, uint64_t rate,
    uint64_t seen)
{
	s->users = users;
	s->rate = rate < PLACE_LOAD_MAX ? rate : PLACE_LOAD_MAX;
	place_sent_seen(&s->sent, seen);
}

void
place_net_down(struct place_server *s)
{
	s->up = false;
	place_sent_init(&s->sent, PLACE_SENT_MS);
}

bool
place_is_open(const struct place_server *s)
{
	return s->up && !s->draining && !s->full;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
users_of(const struct place_server *s)
{
	return (uint64_t)s->users + place_sent_users(&s->sent);
}

static uint64_t
rate_of(const struct place_server *s)
{
	return least(s->rate + place_sent_rate(&s->sent), PLACE_LOAD_MAX);
}

uint16_t
place_weight(const struct place_server *s)
{
	if (s->weight == 0)
		return 1;
	return s->weight < PLACE_WEIGHT_MAX ? s->weight : PLACE_WEIGHT_MAX;
}

void
place_sum_init(struct place_sum *sum, const struct place_net *net,
    uint64_t rate)
{
	*sum = (struct place_sum){ .bound_users = net->bound_users,
		.bound_rate = net->bound_rate };
	for (size_t i = 0; i < net->n; i++) {
		const struct place_server *s = &net->v[i];

		if (!place_is_open(s))
			continue;
		sum->users += users_of(s);
		sum->rate += rate_of(s);
		sum->weight += place_weight(s);
	}
	if (rate == PLACE_RATE_UNKNOWN)
		rate = sum->users > 0 ? sum->rate / sum->users : 0;
	sum->coming = least(rate, PLACE_LOAD_MAX);
	sum->users++;
	sum->rate += sum->coming;
}

void
place_sum_late(struct place_sum *sum, const struct place_server *self,
    const struct place_sent *admitted)
{
	uint64_t others = sum->weight - place_weight(self);

	sum->users += place_sent_users(admitted) * others / place_weight(self);
	sum->rate += least(place_sent_rate(admitted), PLACE_LOAD_MAX) * others /
		     place_weight(self);
}

/* Return a share with so many hundredths of it, or with some more. */
static uint64_t
bound(uint64_t share, uint16_t hundredths, uint64_t slack)
{
	uint64_t more =
	    share / 100 * hundredths + share % 100 * hundredths / 100;

	return more > share + slack ? more : share + slack;
}

static uint64_t
bound_users(const struct place_sum *sum, const struct place_server *s)
{
	return bound(sum->users * place_weight(s) / sum->weight,
	    sum->bound_users, SLACK_USERS);
}

static uint64_t
bound_rate(const struct place_sum *sum, const struct place_server *s)
{
	uint64_t each = sum->rate / sum->users;

	if (each < sum->coming)
		each = sum->coming;
	return bound(sum->rate * place_weight(s) / sum->weight, sum->bound_rate,
	    SLACK_READERS * each);
}

bool
place_has_seat(const struct place_sum *sum, const struct place_server *s)
{
	return users_of(s) + 1 <= bound_users(sum, s);
}

/*
 * Most people read far less than the mean: a few busy channels make it. They
 * change nothing about the lines of a server, so these do not keep them out.
 */
static bool
reads_little(const struct place_sum *sum)
{
	return sum->coming < sum->rate / sum->users;
}

bool
place_has_room(const struct place_sum *sum, const struct place_server *s)
{
	return place_has_seat(sum, s) &&
	       (reads_little(sum) ||
		   rate_of(s) + sum->coming <= bound_rate(sum, s));
}

uint64_t
place_fill_users(const struct place_sum *sum, const struct place_server *s)
{
	return (users_of(s) + 1) * 1000 / bound_users(sum, s);
}

uint64_t
place_fill(const struct place_sum *sum, const struct place_server *s)
{
	uint64_t users = place_fill_users(sum, s), rate;

	rate = bound_rate(sum, s);
	rate = (rate_of(s) + sum->coming) * 1000 / (rate > 0 ? rate : 1);
	return users > rate ? users : rate;
}

int
place_server_cmp(const struct place_server *a, const struct place_server *b)
{
	uint64_t of_a = users_of(a) * place_weight(b);
	uint64_t of_b = users_of(b) * place_weight(a);

	if (of_a != of_b)
		return of_a < of_b ? -1 : 1;
	return sid_cmp(&a->sid, &b->sid);
}
