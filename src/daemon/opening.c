/*
 * An item lives as long as its count is not 0. The key of the map is random:
 * addresses are chosen by others.
 */
#include "daemon/opening.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "base/mem.h"

#define PREFIX_V6 64

struct count {
	struct addr net;
	uint32_t n;
};

static struct span
key_of(const void *p)
{
	return span_make(&((const struct count *)p)->net, sizeof(struct addr));
}

static struct addr
net_of(const struct addr *a)
{
	return addr_is_v4(a) ? *a : addr_head(a, PREFIX_V6);
}

void
opening_init(struct opening *o)
{
	unsigned char key[16];

	randombytes_buf(key, sizeof(key));
	map_init(&o->counts, key_of, key);
}

void
opening_fini(struct opening *o)
{
	struct count *c;

	for (size_t i = 0; (c = map_next(&o->counts, &i)) != NULL;)
		free(c);
	map_fini(&o->counts);
}

bool
opening_add(struct opening *o, const struct addr *a, uint32_t max)
{
	struct addr net = net_of(a);
	struct count *c;

	if (addr_is_loopback(a))
		return true;
	c = map_find(&o->counts, span_make(&net, sizeof(net)));
	if (c == NULL) {
		c = mem_zalloc(sizeof(*c));
		c->net = net;
		map_put(&o->counts, c);
	}
	if (max != 0 && c->n >= max)
		return false;
	c->n++;
	return true;
}

void
opening_del(struct opening *o, const struct addr *a)
{
	struct addr net = net_of(a);
	struct span key = span_make(&net, sizeof(net));
	struct count *c;

	if (addr_is_loopback(a))
		return;
	c = map_find(&o->counts, key);
	invariant(c != NULL && c->n > 0);
	if (--c->n == 0) {
		map_del(&o->counts, key);
		free(c);
	}
}
