/*
 * rate.c - see rate.h. A cost stays far below 2^63: a channel costs at most
 * 2^24 (its rate) * 2^24 (PLACE_ONE) * 8 (its three places, with the
 * surcharge between regions), and a person has at most 2^7 channels and peers.
 */
#include "place/rate.h"

/* The cost of a quarter of a line an hour for each millisecond of delay:
 * 0.0003 of PLACE_ONE. */
#define DELAY_OF_MS (PLACE_ONE * 3 / 10000)

/* No client waits for longer, and no person reads more, as far as costs go. */
#define DELAY_MAX_US 10000000
#define DELAY_RATE_MAX (UINT64_C(1) << 27)

/* The last seat costs as much as so many more lines for a person who reads as
 * much as the mean. From there to an empty server the price is halved
 * PRICE_HALVES times. */
#define PRICE_LINES 8
#define PRICE_HALVES 160

uint64_t
place_rate(unsigned class)
{
	if (class > PLACE_CLASS_MAX)
		class = PLACE_CLASS_MAX;
	return UINT64_C(1) << (2 * class);
}

unsigned
place_class(uint64_t rate)
{
	unsigned class = 0;

	/* halfway between 4^k and 4^(k+1), by ratio, is 4^(k+1) / 2 */
	while (class < PLACE_CLASS_MAX && rate >= place_rate(class + 1) / 2)
		class ++;
	return class;
}

int64_t
place_pull(uint64_t rate, uint32_t n)
{
	static const int64_t third[PLACE_MANY] = { PLACE_ONE, 4782969, 1594323,
		531441, 177147, 59049, 19683, 6561, 2187, 729, 243, 81, 27, 9,
		3, 1 };

	if (n >= PLACE_MANY)
		return 0;
	if (rate > PLACE_RATE_MAX)
		rate = PLACE_RATE_MAX;
	return (int64_t)rate * third[n];
}

int64_t
place_delay(uint64_t rate, uint32_t us)
{
	if (us > DELAY_MAX_US)
		us = DELAY_MAX_US;
	if (rate > DELAY_RATE_MAX)
		rate = DELAY_RATE_MAX;
	/* at most 2^27 * 4304 * 10^7, which is less than 2^63 */
	return (int64_t)rate * DELAY_OF_MS * us / 1000;
}

int64_t
place_price(uint64_t rate, uint64_t thousandths)
{
	uint64_t free = thousandths < 1000 ? 1000 - thousandths : 0;
	uint64_t halves = free * PRICE_HALVES / 1000;

	if (halves > 63)
		return 0;
	if (rate > DELAY_RATE_MAX)
		rate = DELAY_RATE_MAX;
	/* at most 2^27 * 2^3 * 2^24 */
	return (int64_t)((rate * PRICE_LINES * PLACE_ONE) >> halves);
}
