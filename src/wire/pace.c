/*
 * Each charge looks at the two buckets that were charged longest ago, and frees
 * them if they are paid for. So as many go as come, and no step frees many. A
 * bucket that is charged anew is the last of the order.
 */
#include "wire/pace.h"

#define LOOKS 2

struct bucket {
	struct addr net;
	struct mono paid; /* when all is paid for */
	TAILQ_ENTRY(bucket) link;
};

static struct span
key_of(const void *p)
{
	return span_make(&((const struct bucket *)p)->net, sizeof(struct addr));
}

void
pace_init(struct pace *p, struct tally_net of,
    const unsigned char key[SIPHASH_KEY])
{
	p->of = of;
	map_init(&p->map, key_of, key);
	pool_init(&p->pool, sizeof(struct bucket), "bucket");
	TAILQ_INIT(&p->order);
}

static void
forget(struct pace *p, struct bucket *b)
{
	map_del(&p->map, key_of(b));
	TAILQ_REMOVE(&p->order, b, link);
	pool_give(&p->pool, b);
}

void
pace_fini(struct pace *p)
{
	struct bucket *b;

	while ((b = TAILQ_FIRST(&p->order)) != NULL)
		forget(p, b);
	map_fini(&p->map);
	(void)pool_fini(&p->pool);
}

static struct bucket *
find(const struct pace *p, const struct addr *a)
{
	struct addr net = tally_net(p->of, a);

	return map_find(&p->map, span_make(&net, sizeof(net)));
}

bool
pace_may(const struct pace *p, const struct addr *a, uint32_t rate,
    struct mono now)
{
	const struct bucket *b = rate == 0 ? NULL : find(p, a);

	return b == NULL ||
	       mono_sub_ms(b->paid, now) <= PACE_MS - PACE_MS / (int64_t)rate;
}

static void
forget_paid(struct pace *p, struct mono now)
{
	struct bucket *b;

	for (unsigned int i = 0; i < LOOKS; i++) {
		b = TAILQ_FIRST(&p->order);
		if (b == NULL || mono_cmp(b->paid, now) > 0)
			return;
		forget(p, b);
	}
}

void
pace_charge(struct pace *p, const struct addr *a, uint32_t rate,
    struct mono now)
{
	struct bucket *b;

	forget_paid(p, now);
	if (rate == 0)
		return;
	b = find(p, a);
	if (b == NULL) {
		b = pool_take(&p->pool);
		b->net = tally_net(p->of, a);
		b->paid = now;
		map_put(&p->map, b);
	} else
		TAILQ_REMOVE(&p->order, b, link);
	TAILQ_INSERT_TAIL(&p->order, b, link);
	if (mono_cmp(b->paid, now) < 0)
		b->paid = now;
	b->paid = mono_add_ms(b->paid, PACE_MS / (int64_t)rate);
}

size_t
pace_count(const struct pace *p)
{
	return pool_live(&p->pool);
}
