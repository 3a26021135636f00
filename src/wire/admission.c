/*
 * A connection is charged to all steps or to none. So a stranger who is refused
 * by one step does not use up what the others have: neighbours on the same
 * network still come in.
 */
#include "wire/admission.h"

struct step_row {
	struct tally_net of;	    /* v4 0: not for IPv4 */
	uint32_t connections, rate; /* factors */
	struct span many, fast;
};

static const struct step_row rows[ADMISSION_STEPS] = {
	[ADMISSION_ADDRESS] = { { 32, 64 }, 1, 1,
	    SPAN_INIT("Too many connections from your host"),
	    SPAN_INIT("Too many connections in a short time from your host; "
		      "wait a minute") },
	[ADMISSION_NETWORK] = { { 24, 56 }, 1, 4,
	    SPAN_INIT("Too many connections from your network"),
	    SPAN_INIT("Too many connections in a short time from your "
		      "network; wait a minute") },
	[ADMISSION_PROVIDER] = { { 0, 48 }, 2, 8,
	    SPAN_INIT("Too many connections from your network"),
	    SPAN_INIT("Too many connections in a short time from your "
		      "network; wait a minute") },
};

void
admission_init(struct admission *a, const unsigned char key[SIPHASH_KEY])
{
	for (unsigned int i = 0; i < ADMISSION_STEPS; i++) {
		tally_init(&a->count[i], rows[i].of, key);
		pace_init(&a->pace[i], rows[i].of, key);
	}
}

size_t
admission_fini(struct admission *a)
{
	size_t left = 0;

	for (unsigned int i = 0; i < ADMISSION_STEPS; i++) {
		left += tally_fini(&a->count[i]);
		pace_fini(&a->pace[i]);
	}
	return left;
}

static bool
has_step(unsigned int i, const struct addr *addr)
{
	return rows[i].of.v4 > 0 || !addr_is_v4(addr);
}

void
admission_add(struct admission *a, const struct addr *addr)
{
	for (unsigned int i = 0; i < ADMISSION_STEPS; i++)
		if (has_step(i, addr))
			(void)tally_add(&a->count[i], addr);
}

void
admission_del(struct admission *a, const struct addr *addr)
{
	for (unsigned int i = 0; i < ADMISSION_STEPS; i++)
		if (has_step(i, addr))
			tally_del(&a->count[i], addr);
}

static uint64_t
most(unsigned int i, const struct admission_limits *limits)
{
	return (uint64_t)rows[i].connections * (i == ADMISSION_ADDRESS
						       ? limits->per_address
						       : limits->per_network);
}

static uint32_t
rate(unsigned int i, const struct admission_limits *limits)
{
	return rows[i].rate * limits->connect_rate;
}

struct span
admission_judge(struct admission *a, const struct addr *addr,
    const struct admission_limits *limits, struct mono now)
{
	uint64_t max;

	if (addr_is_loopback(addr))
		return SPAN_NONE;
	for (unsigned int i = 0; i < ADMISSION_STEPS; i++) {
		if (!has_step(i, addr))
			continue;
		max = most(i, limits);
		if (max != 0 && tally_count(&a->count[i], addr) > max)
			return rows[i].many;
		if (!pace_may(&a->pace[i], addr, rate(i, limits), now))
			return rows[i].fast;
	}
	for (unsigned int i = 0; i < ADMISSION_STEPS; i++)
		if (has_step(i, addr))
			pace_charge(&a->pace[i], addr, rate(i, limits), now);
	return SPAN_NONE;
}
