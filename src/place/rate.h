/*
 * rate.h - how much is said, and what it costs to send that to one more place.
 *
 * A *rate* is in quarters of a line an hour. A *class* is a rate in one small
 * number: a power of 4. A *cost* is a rate times PLACE_ONE, so that a third of
 * a line, a ninth of it and so on are whole numbers. So two servers that know
 * the same compute the same costs.
 */
#ifndef PLACE_RATE_H
#define PLACE_RATE_H

#include <stdint.h>

/* A line an hour, as a rate. */
#define PLACE_LINE 4

/* Class 0 is less than half a line an hour, or unknown; class k is about
 * 4^(k-1) lines an hour. */
#define PLACE_CLASS_MAX 12

/* No rate of one channel, and of one pair of users, counts for more. */
#define PLACE_RATE_MAX (UINT64_C(1) << (2 * PLACE_CLASS_MAX))

/* The cost of a quarter of a line an hour: 3^15. */
#define PLACE_ONE INT64_C(14348907)

/* A place where as many members of a channel are pulls nobody any more. */
#define PLACE_MANY 16

/* How much more a line costs between two regions than within one. */
#define PLACE_WAN 3

/* Return the rate that a class stands for; a greater class than
 * PLACE_CLASS_MAX counts as that one. */
uint64_t place_rate(unsigned class);
/* Return the class of a rate: the nearest one, by ratio. */
unsigned place_class(uint64_t rate);

/*
 * Return the cost of being the next one who needs the lines of a channel at a
 * place, where n members of it are already: the rate times 3^-n. It is 0 from
 * PLACE_MANY members on.
 */
int64_t place_pull(uint64_t rate, uint32_t n);

/* Return the cost of lines at that rate that come this much later to a client
 * than they could: 0.0003 of a line for each millisecond. */
int64_t place_delay(uint64_t rate, uint32_t us);

/*
 * Return the price of a seat on a server that has so many thousandths of its
 * bound of people, if people read that much in the mean: 8 times that (what
 * somebody costs who is the first of the channels everywhere) for the last
 * seat, and half as much for each 1/160 of the bound that is free.
 */
int64_t place_price(uint64_t rate, uint64_t thousandths);

#endif
