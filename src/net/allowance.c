#include "net/allowance.h"

#include <time.h>

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool
allowance_is_spent(struct allowance *a, unsigned int n)
{
	int64_t now = now_ms(), back = (now - a->since_ms) / ALLOWANCE_MS;

	if (back >= (int64_t)a->spent) {
		a->spent = 0;
		a->since_ms = now;
	} else {
		a->spent -= (unsigned int)back;
		a->since_ms += back * ALLOWANCE_MS;
	}
	a->spent += n;
	return a->spent > ALLOWANCE_MAX;
}
