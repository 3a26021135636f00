/* An item lives while its count is not 0. */
#include "wire/tally.h"

#include "base/invariant.h"

#define V4_BEFORE 96 /* bits before an IPv4 address in its mapped form */

struct count {
	struct addr net;
	uint32_t n; /* > 0 */
};

static struct span
key_of(const void *p)
{
	return span_make(&((const struct count *)p)->net, sizeof(struct addr));
}

struct addr
tally_net(struct tally_net of, const struct addr *a)
{
	return addr_head(a, addr_is_v4(a) ? V4_BEFORE + of.v4 : of.v6);
}

static struct count *
find(const struct tally *t, struct addr net)
{
	return map_find(&t->map, span_make(&net, sizeof(net)));
}

void
tally_init(struct tally *t, struct tally_net of,
    const unsigned char key[SIPHASH_KEY])
{
	t->of = of;
	map_init(&t->map, key_of, key);
	pool_init(&t->pool, sizeof(struct count), "count");
}

size_t
tally_fini(struct tally *t)
{
	map_fini(&t->map);
	return pool_fini(&t->pool);
}

uint32_t
tally_count(const struct tally *t, const struct addr *a)
{
	const struct count *c = find(t, tally_net(t->of, a));

	return c == NULL ? 0 : c->n;
}

uint32_t
tally_add(struct tally *t, const struct addr *a)
{
	struct addr net = tally_net(t->of, a);
	struct count *c = find(t, net);

	if (c == NULL) {
		c = pool_take(&t->pool);
		c->net = net;
		map_put(&t->map, c);
	}
	return ++c->n;
}

void
tally_del(struct tally *t, const struct addr *a)
{
	struct addr net = tally_net(t->of, a);
	struct count *c = find(t, net);

	invariant(c != NULL);
	if (--c->n > 0)
		return;
	map_del(&t->map, span_make(&net, sizeof(net)));
	pool_give(&t->pool, c);
}
