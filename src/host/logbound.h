/*
 * logbound.h - how many events of each kind are told in a minute, where
 * strangers can cause as many as they like (LOGROW_OF_STRANGERS of
 * core/types/log.def). Further ones are counted, and told at the end of the
 * minute as one event (`log-more`). Other kinds are always told.
 *
 * A minute begins with the first event of its kind. Nothing here has a clock.
 */
#ifndef HOST_LOGBOUND_H
#define HOST_LOGBOUND_H

#include <stdint.h>

#include "base/mtime.h"
#include "core/types/log.h"

#define LOGBOUND_MS 60000

struct logbound {
	uint32_t most; /* in a minute; 0: all are told */
	struct {
		struct mono until; /* its minute; MONO_NEVER: none has begun */
		uint64_t n;	   /* events in it */
		uint64_t more;	   /* those that were not told */
	} of[LOG_COUNT];
};

void logbound_init(struct logbound *, uint32_t most);

/* Count an event. Return true if it is to be told. */
bool logbound_admit(struct logbound *, enum log_row, struct mono now);

/* Find a kind whose minute is over by `now`, and of which events were not told.
 * Its count begins anew. Return false if there is none. */
bool logbound_take(struct logbound *, struct mono now, enum log_row *,
    uint64_t *more);

/* Return when logbound_take() has something, or MONO_NEVER. */
struct mono logbound_due(const struct logbound *);

#endif
