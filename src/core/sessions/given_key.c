/*
 * A session keeps hashes of channel and key, not the keys: these are compared
 * and never shown. Most sessions never give a key, and have no memory for it.
 */
#include "core/sessions/given_key.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/siphash.h"

struct given_keys {
	uint64_t hash[GIVEN_KEYS_MAX];
	unsigned n; /* all that were noted; the place of the next one follows */
};

static uint64_t
hash_of(const struct core *c, struct span chan_fold, struct span key)
{
	const uint64_t both[2] = { siphash(c->key, chan_fold),
		siphash(c->key, key) };

	return siphash(c->key, span_make(both, sizeof(both)));
}

void
given_key_note(const struct core *c, struct session *s, struct span chan_fold,
    struct span key)
{
	struct session_more *more;
	struct given_keys *given;

	if (key.n == 0)
		return;
	more = session_get_more(s);
	given = more->given_keys;
	if (given == NULL)
		given = more->given_keys = mem_zalloc(sizeof(*given));
	given->hash[given->n++ % GIVEN_KEYS_MAX] = hash_of(c, chan_fold, key);
}

static bool
has(const struct given_keys *given, uint64_t hash)
{
	if (given == NULL)
		return false;
	for (unsigned i = 0; i < given->n && i < GIVEN_KEYS_MAX; i++)
		if (given->hash[i] == hash)
			return true;
	return false;
}

bool
given_key_has(const struct core *c, const struct user *u, const struct chan *ch,
    struct span key)
{
	const struct session *s;
	uint64_t hash;

	if (LIST_EMPTY(&u->sessions))
		return false;
	hash = hash_of(c, rcbuf_span(ch->fold), key);
	LIST_FOREACH(s, &u->sessions, user_link)
		if (has(session_more(s)->given_keys, hash))
			return true;
	return false;
}

bool
given_key_next(const struct session *s, unsigned *i, uint64_t *hash)
{
	const struct given_keys *given = session_more(s)->given_keys;

	if (given == NULL || *i >= given->n || *i >= GIVEN_KEYS_MAX)
		return false;
	*hash = given->hash[(*i)++];
	return true;
}

void
given_key_put(struct session *s, uint64_t hash)
{
	struct session_more *more = session_get_more(s);

	if (more->given_keys == NULL)
		more->given_keys = mem_zalloc(sizeof(*more->given_keys));
	more->given_keys->hash[more->given_keys->n++ % GIVEN_KEYS_MAX] = hash;
}

void
given_key_free(struct session *s)
{
	if (s->more == NULL)
		return;
	free(s->more->given_keys);
	s->more->given_keys = NULL;
}
