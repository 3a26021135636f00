/*
 * RFC 2782, "Usage rules", says how to choose among servers of one priority:
 * one after the other, each time at random among those that are left, by
 * weight. A server without weight is first in the list, so it has a chance if
 * the random number is 0. The order of the list is else free. It is random
 * here, so that servers which all have no weight share what comes.
 */
#include "net/srv.h"

#include <string.h>

static void
swap(struct dns_srv *a, struct dns_srv *b)
{
	struct dns_srv was = *a;

	*a = *b;
	*b = was;
}

static size_t
drop_undialable(struct dns_srv *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].port == 0 || strcmp(v[i].target, ".") == 0)
			continue;
		if (kept != i)
			v[kept] = v[i];
		kept++;
	}
	return kept;
}

/* Return true if a comes before b in the list from which is chosen. */
static bool
is_before(const struct dns_srv *a, const struct dns_srv *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->weight == 0 && b->weight > 0;
}

static void
mix(struct dns_srv *v, size_t n, struct rng *rng)
{
	for (; n > 1; n--)
		swap(&v[n - 1], &v[rng_below(rng, n)]);
}

/* Keep the order of those that may come in any order. */
static void
sort(struct dns_srv *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && is_before(&v[k], &v[k - 1]); k--)
			swap(&v[k], &v[k - 1]);
}

/* Return the index of one of n servers of one priority, at random by weight. */
static size_t
choose(const struct dns_srv *v, size_t n, struct rng *rng)
{
	uint64_t sum = 0, at, i = 0;

	for (size_t k = 0; k < n; k++)
		sum += v[k].weight;
	at = rng_below(rng, sum + 1);
	for (sum = v[0].weight; sum < at; sum += v[i].weight)
		i++;
	return i;
}

/* Bring n servers of one priority into a random order. */
static void
shuffle(struct dns_srv *v, size_t n, struct rng *rng)
{
	struct dns_srv chosen;
	size_t at;

	for (; n > 1; v++, n--) {
		at = choose(v, n, rng);
		chosen = v[at];
		/* those without weight stay first */
		memmove(v + 1, v, at * sizeof(*v));
		v[0] = chosen;
	}
}

size_t
srv_order(struct dns_srv *v, size_t n, struct rng *rng)
{
	size_t first = 0, i;

	n = drop_undialable(v, n);
	mix(v, n, rng);
	sort(v, n);
	for (i = 1; i <= n; i++) {
		if (i < n && v[i].priority == v[first].priority)
			continue;
		shuffle(v + first, i - first, rng);
		first = i;
	}
	return n;
}
