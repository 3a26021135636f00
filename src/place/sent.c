/* sent.c - see sent.h. */
#include "place/sent.h"

#include <string.h>

#include "base/invariant.h"

/*
 * A batch begins at least this part of the time after the one before. So when
 * all batches are in use, the time of the oldest one is over, and it goes.
 */
#define PARTS (PLACE_SENT_BATCHES - 1)

void
place_sent_init(struct place_sent *s, int64_t ms)
{
	memset(s, 0, sizeof(*s));
	s->ms = ms;
}

static void
drop_oldest(struct place_sent *s)
{
	s->n--;
	memmove(s->batch, s->batch + 1, s->n * sizeof(s->batch[0]));
}

void
place_sent_expire(struct place_sent *s, struct mono now)
{
	while (s->n > 0 && mono_sub_ms(now, s->batch[0].at) >= s->ms)
		drop_oldest(s);
}

static struct place_batch *
batch_at(struct place_sent *s, struct mono now)
{
	place_sent_expire(s, now);
	if (s->n > 0 &&
	    mono_sub_ms(now, s->batch[s->n - 1].at) * PARTS <= s->ms)
		return &s->batch[s->n - 1];
	invariant(s->n < PLACE_SENT_BATCHES);
	s->batch[s->n] = (struct place_batch){ .at = now };
	return &s->batch[s->n++];
}

uint64_t
place_sent_add(struct place_sent *s, uint64_t rate, struct mono now)
{
	struct place_batch *b = batch_at(s, now);

	b->last = ++s->last;
	b->users++;
	b->rate += rate;
	return s->last;
}

/* The figures hold those of the first batch up to a number, and not all. */
static void
shrink_first(struct place_batch *b, uint64_t number)
{
	uint64_t left = b->last - number;

	if (left >= b->users)
		return;
	b->rate = b->rate / b->users * left;
	b->users = (uint32_t)left;
}

void
place_sent_seen(struct place_sent *s, uint64_t number)
{
	while (s->n > 0 && s->batch[0].last <= number)
		drop_oldest(s);
	if (s->n > 0)
		shrink_first(&s->batch[0], number);
}

uint32_t
place_sent_users(const struct place_sent *s)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < s->n; i++)
		n += s->batch[i].users;
	return n;
}

uint64_t
place_sent_rate(const struct place_sent *s)
{
	uint64_t rate = 0;

	for (unsigned i = 0; i < s->n; i++)
		rate += s->batch[i].rate;
	return rate;
}
