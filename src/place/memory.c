/*
 * memory.c - see memory.h. A record is found by the hash of who it is about,
 * and stands in a queue, the oldest first. So what goes next is known without a
 * walk, and each call forgets a few records at the most.
 *
 * A hash is 16 bytes of keyed BLAKE2b. Addresses and nicks are few enough to be
 * tried one by one, so a hash without a key would hide nothing.
 */
#include "place/memory.h"

#include <bsd/sys/queue.h>
#include <stdlib.h>

#include "base/chains.h"
#include "base/keyed.h"
#include "base/mem.h"
#include "place/cost.h"
#include "wire/casemap.h"

#define HASH_BYTES 16
#define IPV6_BITS 64

/* Names of accounts and nicks are hashed up to this length. */
#define NAME_MAX_BYTES 256

/* A call forgets at most as many records to make room for one. The longest one
 * takes the place of a dozen. */
#define DROPS_MAX 64

struct record {
	TAILQ_ENTRY(record) age;
	void *chain;
	struct mono at;
	unsigned char hash[HASH_BYTES];
	uint16_t n;
	char channels[];
};

/* The bytes that a record takes beside its text: its memory, what malloc adds,
 * and its part of the table. */
#define RECORD_BYTES (sizeof(struct record) + 16 + 4)

TAILQ_HEAD(ages, record);

struct place_memory {
	struct chains by_hash;
	struct ages ages; /* oldest first */
	size_t bytes;
	struct place_memory_limits limits;
	unsigned char key[PLACE_MEMORY_KEY];
};

static struct span
key_of(const void *item, char buf[CHAINS_KEY_MAX])
{
	const struct record *r = item;

	(void)buf;
	return span_make(r->hash, HASH_BYTES);
}

static bool
key_is(const void *item, struct span key)
{
	const struct record *r = item;

	return span_eq(span_make(r->hash, HASH_BYTES), key);
}

static const struct chains_type by_hash = { key_of, key_is };

struct place_memory *
place_memory_new(struct place_memory_limits limits,
    const unsigned char key[PLACE_MEMORY_KEY])
{
	struct place_memory *m = mem_zalloc(sizeof(*m));
	unsigned char seed[KEYED_HASH];

	memcpy(m->key, key, PLACE_MEMORY_KEY);
	keyed_hash(seed, span_make(m->key, PLACE_MEMORY_KEY), SPAN("table"));
	chains_init(&m->by_hash, &by_hash, offsetof(struct record, chain),
	    seed);
	TAILQ_INIT(&m->ages);
	m->limits = limits;
	return m;
}

static size_t
bytes_of(const struct record *r)
{
	return RECORD_BYTES + r->n;
}

static void
drop(struct place_memory *m, struct record *r)
{
	(void)chains_del(&m->by_hash, span_make(r->hash, HASH_BYTES));
	TAILQ_REMOVE(&m->ages, r, age);
	m->bytes -= bytes_of(r);
	free(r);
}

void
place_memory_free(struct place_memory *m)
{
	struct record *r;

	if (m == NULL)
		return;
	while ((r = TAILQ_FIRST(&m->ages)) != NULL)
		drop(m, r);
	chains_fini(&m->by_hash);
	free(m);
}

void
place_memory_limit(struct place_memory *m, struct place_memory_limits limits)
{
	m->limits = limits;
}

static bool
is_old(const struct record *r, struct mono now)
{
	return mono_sub_ms(now, r->at) >= PLACE_MEMORY_MS;
}

static bool
is_too_much(const struct place_memory *m, size_t more, size_t bytes)
{
	return chains_count(&m->by_hash) + more > m->limits.people ||
	       m->bytes + bytes > m->limits.bytes;
}

size_t
place_memory_expire(struct place_memory *m, struct mono now, size_t max)
{
	struct record *r;
	size_t n = 0;

	for (; n < max && (r = TAILQ_FIRST(&m->ages)) != NULL &&
	       (is_old(r, now) || is_too_much(m, 0, 0));
	     n++)
		drop(m, r);
	return n;
}

static void
write_name(struct writer *w, struct span name)
{
	char *to;

	name = span_head(name, NAME_MAX_BYTES);
	to = writer_room(w, name.n);
	if (to != NULL)
		(void)casemap_fold(name, to);
}

static void
hash_text(const struct place_memory *m, const struct writer *w,
    unsigned char hash[HASH_BYTES])
{
	unsigned char whole[KEYED_HASH];

	keyed_hash(whole, span_make(m->key, PLACE_MEMORY_KEY), writer_done(w));
	memcpy(hash, whole, HASH_BYTES);
}

/* Return false if there is no account. */
static bool
hash_account(const struct place_memory *m, const struct place_who *who,
    unsigned char hash[HASH_BYTES])
{
	char buf[1 + NAME_MAX_BYTES];
	struct writer w;

	if (who->account.n == 0)
		return false;
	writer_init(&w, buf, sizeof(buf));
	writer_char(&w, 'a');
	write_name(&w, who->account);
	hash_text(m, &w, hash);
	return true;
}

/* Return false if there is no nick, or no address. */
static bool
hash_nick(const struct place_memory *m, const struct place_who *who,
    unsigned char hash[HASH_BYTES])
{
	char buf[1 + sizeof(struct addr) + NAME_MAX_BYTES];
	struct addr net = who->addr;
	struct writer w;

	if (who->nick.n == 0 || addr_is_none(&who->addr))
		return false;
	if (!addr_is_v4(&net))
		net = addr_head(&net, IPV6_BITS);
	writer_init(&w, buf, sizeof(buf));
	writer_char(&w, 'n');
	writer_span(&w, span_make(net.b, sizeof(net.b)));
	write_name(&w, who->nick);
	hash_text(m, &w, hash);
	return true;
}

/* Return the first names of a list, as many as are kept. */
static struct span
kept_of(struct span channels)
{
	struct span rest = channels, name;
	size_t end = 0;

	for (size_t n = 0; n < PLACE_CHANNELS_MAX; n++) {
		name = span_word(&rest);
		if (name.n == 0)
			break;
		if ((size_t)(name.p - channels.p) + name.n > PLACE_MEMORY_TEXT)
			break;
		end = (size_t)(name.p - channels.p) + name.n;
	}
	return span_head(channels, end);
}

/*
 * Make room for one more record. Return false if there is none: that is so for
 * a short time after the limits have become much smaller.
 */
static bool
make_room(struct place_memory *m, size_t bytes)
{
	for (int i = 0; i < DROPS_MAX && is_too_much(m, 1, bytes); i++) {
		struct record *r = TAILQ_FIRST(&m->ages);

		if (r == NULL)
			return false;
		drop(m, r);
	}
	return !is_too_much(m, 1, bytes);
}

static void
put(struct place_memory *m, const unsigned char hash[HASH_BYTES],
    struct span channels, struct mono now)
{
	struct record *r =
	    chains_find(&m->by_hash, span_make(hash, HASH_BYTES));

	if (r != NULL)
		drop(m, r);
	if (channels.n == 0 || !make_room(m, RECORD_BYTES + channels.n))
		return;
	r = mem_zalloc(sizeof(*r) + channels.n);
	r->at = now;
	memcpy(r->hash, hash, HASH_BYTES);
	r->n = (uint16_t)channels.n;
	memcpy(r->channels, channels.p, channels.n);
	chains_put(&m->by_hash, r);
	TAILQ_INSERT_TAIL(&m->ages, r, age);
	m->bytes += bytes_of(r);
}

void
place_memory_put(struct place_memory *m, const struct place_who *who,
    struct span channels, struct mono now)
{
	struct span kept = kept_of(channels);
	unsigned char hash[HASH_BYTES];

	if (hash_account(m, who, hash))
		put(m, hash, kept, now);
	if (hash_nick(m, who, hash))
		put(m, hash, kept, now);
}

static struct span
channels_of(const struct place_memory *m, const unsigned char hash[HASH_BYTES],
    struct mono now)
{
	const struct record *r =
	    chains_find(&m->by_hash, span_make(hash, HASH_BYTES));

	if (r == NULL || is_old(r, now))
		return SPAN_NONE;
	return span_make(r->channels, r->n);
}

struct span
place_memory_find(const struct place_memory *m, const struct place_who *who,
    struct mono now)
{
	unsigned char hash[HASH_BYTES];
	struct span found = SPAN_NONE;

	if (hash_account(m, who, hash))
		found = channels_of(m, hash, now);
	if (found.n == 0 && hash_nick(m, who, hash))
		found = channels_of(m, hash, now);
	return found;
}

size_t
place_memory_count(const struct place_memory *m)
{
	return chains_count(&m->by_hash);
}

size_t
place_memory_bytes(const struct place_memory *m)
{
	return m->bytes;
}
