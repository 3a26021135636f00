#include "host/logbound.h"

void
logbound_init(struct logbound *b, uint32_t most)
{
	*b = (struct logbound){ .most = most };
	for (unsigned i = 0; i < LOG_COUNT; i++)
		b->of[i].until = MONO_NEVER;
}

static void
begin(struct logbound *b, enum log_row row, struct mono now)
{
	b->of[row].until = mono_add_ms(now, LOGBOUND_MS);
	b->of[row].n = 0;
}

/* A minute that has ended with events that were not told goes on until
 * logbound_take() has told their number. */
bool
logbound_admit(struct logbound *b, enum log_row row, struct mono now)
{
	if (!log_row_of_strangers(row) || b->most == 0)
		return true;
	if (mono_is_never(b->of[row].until) ||
	    (b->of[row].more == 0 && mono_cmp(b->of[row].until, now) <= 0))
		begin(b, row, now);
	if (b->of[row].n < b->most) {
		b->of[row].n++;
		return true;
	}
	b->of[row].more++;
	return false;
}

bool
logbound_take(struct logbound *b, struct mono now, enum log_row *row,
    uint64_t *more)
{
	for (unsigned i = 0; i < LOG_COUNT; i++) {
		if (b->of[i].more == 0 || mono_cmp(b->of[i].until, now) > 0)
			continue;
		*row = (enum log_row)i;
		*more = b->of[i].more;
		b->of[i].more = 0;
		b->of[i].until = MONO_NEVER;
		return true;
	}
	return false;
}

struct mono
logbound_due(const struct logbound *b)
{
	struct mono due = MONO_NEVER;

	for (unsigned i = 0; i < LOG_COUNT; i++)
		if (b->of[i].more > 0)
			due = mono_min(due, b->of[i].until);
	return due;
}
