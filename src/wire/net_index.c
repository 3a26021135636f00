#include "wire/net_index.h"

#include "base/invariant.h"

#define V4_BITS 96 /* before an IPv4 address */

/* The length of a prefix, and its bits; those behind it are zero. */
struct key {
	char p[1 + sizeof(struct addr)];
};

static struct key
key_of(const struct addr *a, unsigned int prefix)
{
	struct addr net = addr_head(a, prefix);
	struct key k;

	k.p[0] = (char)prefix;
	memcpy(k.p + 1, net.b, sizeof(net.b));
	return k;
}

void
net_index_init(struct net_index *x, const unsigned char seed[SIPHASH_KEY])
{
	*x = (struct net_index){ 0 };
	shelves_init(&x->shelves, seed);
}

void
net_index_fini(struct net_index *x)
{
	shelves_fini(&x->shelves);
}

void
net_index_add(struct net_index *x, struct shelf_item *item,
    const struct addr *net, unsigned int prefix)
{
	struct key k = key_of(net, prefix);

	invariant(prefix <= ADDR_BITS);
	x->lengths[prefix]++;
	shelves_put(&x->shelves, item, span_make(k.p, sizeof(k.p)));
}

void
net_index_del(struct net_index *x, struct shelf_item *item)
{
	x->lengths[(unsigned char)item->shelf->key[0]]--;
	(void)shelves_take(&x->shelves, item);
}

void
net_index_find(const struct net_index *x, const struct addr *a,
    void (*fn)(void *ctx, struct shelf_item *), void *ctx, size_t *steps)
{
	unsigned int least = addr_is_v4(a) ? V4_BITS : 0;
	struct shelf_item *item;
	struct shelf *s;
	struct key k;

	for (unsigned int i = least; i <= ADDR_BITS; i++) {
		if (x->lengths[i] == 0)
			continue;
		k = key_of(a, i);
		s = shelves_find(&x->shelves, span_make(k.p, sizeof(k.p)));
		*steps += NET_STEPS;
		if (s == NULL)
			continue;
		for (item = s->first; item != NULL; item = item->next) {
			++*steps;
			fn(ctx, item);
		}
	}
}
