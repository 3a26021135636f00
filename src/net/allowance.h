/*
 * allowance.h - how many control messages a peer may send: ALLOWANCE_MAX at
 * once, and one more for each ALLOWANCE_MS that pass. The owner of a stream
 * never sees the messages that a layer takes or answers by itself, so it cannot
 * bound them.
 */
#ifndef NET_ALLOWANCE_H
#define NET_ALLOWANCE_H

#include <stdbool.h>
#include <stdint.h>

#define ALLOWANCE_MAX 32
#define ALLOWANCE_MS 1000

/* It is all zero bytes at the beginning. */
struct allowance {
	unsigned int spent;
	int64_t since_ms; /* it recovers from here on */
};

/* Count n more messages. Return true if they are more than the peer may send.
 */
bool allowance_is_spent(struct allowance *, unsigned int n);

#endif
