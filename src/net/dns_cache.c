/*
 * An entry takes as many bytes as its key and its data need: most answers are
 * one name or one address, and struct dns_answer has room for sixteen.
 */
#include "net/dns_cache.h"

#include <bsd/sys/queue.h>

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

struct entry {
	TAILQ_ENTRY(entry) link;
	struct mono until;
	unsigned char status, nkey;
	unsigned short ndata;
	char bytes[]; /* the key, then a name, addresses, or servers */
};

struct dns_cache {
	struct map map;
	TAILQ_HEAD(entries, entry)
	used; /* first the entry that was used last */
	size_t most;
};

static struct span
key_of(const void *item)
{
	const struct entry *e = item;

	return span_make(e->bytes, e->nkey);
}

struct dns_cache *
dns_cache_new(size_t most, const unsigned char key[SIPHASH_KEY])
{
	struct dns_cache *c = mem_zalloc(sizeof(*c));

	c->most = most;
	TAILQ_INIT(&c->used);
	map_init(&c->map, key_of, key);
	return c;
}

static void
drop(struct dns_cache *c, struct entry *e)
{
	map_del(&c->map, key_of(e));
	TAILQ_REMOVE(&c->used, e, link);
	free(e);
}

void
dns_cache_clear(struct dns_cache *c)
{
	struct entry *e;

	while ((e = TAILQ_FIRST(&c->used)) != NULL)
		drop(c, e);
}

void
dns_cache_free(struct dns_cache *c)
{
	if (c == NULL)
		return;
	dns_cache_clear(c);
	map_fini(&c->map);
	free(c);
}

static int64_t
keep_ms(enum dns_status status, const struct dns_answer *a)
{
	int64_t max = status == DNS_FOUND ? DNS_KEEP_MAX : DNS_KEEP_ABSENT_MAX;
	int64_t s = status == DNS_FAILED ? DNS_KEEP_MIN : a->ttl;

	s = s > max ? max : s;
	return (s < DNS_KEEP_MIN ? DNS_KEEP_MIN : s) * 1000;
}

/* Return the part of an answer that is kept; borrowed. */
static struct span
data_of(const struct dns_answer *a)
{
	if (a->naddr > 0)
		return span_make(a->addr, a->naddr * sizeof(a->addr[0]));
	if (a->nsrv > 0)
		return span_make(a->srv, a->nsrv * sizeof(a->srv[0]));
	return span_of(a->name);
}

void
dns_cache_put(struct dns_cache *c, const struct dns_question *q,
    enum dns_status status, const struct dns_answer *a, struct mono now)
{
	char buf[DNS_KEY_MAX];
	struct span key = dns_question_key(q, buf), data = SPAN_NONE;
	struct entry *e = map_find(&c->map, key);

	if (e != NULL)
		drop(c, e);
	if (map_count(&c->map) == c->most)
		drop(c, TAILQ_LAST(&c->used, entries));
	if (status == DNS_FOUND)
		data = data_of(a);
	e = mem_alloc(sizeof(*e) + key.n + data.n);
	e->until = mono_add_ms(now, keep_ms(status, a));
	e->status = (unsigned char)status;
	e->nkey = (unsigned char)key.n;
	e->ndata = (unsigned short)data.n;
	memcpy(e->bytes, key.p, key.n);
	if (data.n > 0)
		memcpy(e->bytes + key.n, data.p, data.n);
	map_put(&c->map, e);
	TAILQ_INSERT_HEAD(&c->used, e, link);
}

static void
read_data(const struct entry *e, enum dns_type type, struct dns_answer *a)
{
	const char *data = e->bytes + e->nkey;

	memset(a, 0, sizeof(*a));
	if (type == DNS_PTR) {
		memcpy(a->name, data, e->ndata);
	} else if (type == DNS_SRV) {
		a->nsrv = e->ndata / sizeof(a->srv[0]);
		memcpy(a->srv, data, e->ndata);
	} else {
		a->naddr = e->ndata / DNS_ADDR_LEN;
		memcpy(a->addr, data, e->ndata);
	}
}

bool
dns_cache_get(struct dns_cache *c, const struct dns_question *q,
    struct mono now, enum dns_status *status, struct dns_answer *a)
{
	char buf[DNS_KEY_MAX];
	struct entry *e = map_find(&c->map, dns_question_key(q, buf));

	if (e == NULL)
		return false;
	if (mono_cmp(e->until, now) <= 0) {
		drop(c, e);
		return false;
	}
	TAILQ_REMOVE(&c->used, e, link);
	TAILQ_INSERT_HEAD(&c->used, e, link);
	*status = (enum dns_status)e->status;
	read_data(e, q->type, a);
	return true;
}

size_t
dns_cache_count(const struct dns_cache *c)
{
	return map_count(&c->map);
}
