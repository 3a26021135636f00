/*
 * given_key.h - which keys of channels a client has given or set.
 *
 * A user whose channel loses to another incarnation after a split is not told
 * the key of that one (doc/link-protocol.md, 9.20). But a client that has given
 * this very key to join, or has set it, may read it: its user knows the key. A
 * client that guesses learns no more here than JOIN tells it.
 */
#ifndef CORE_GIVEN_KEY_H
#define CORE_GIVEN_KEY_H

#include "core/state.h"

#define GIVEN_KEYS_MAX 16 /* the youngest ones of a session */

struct given_keys;

/* Note that the client has given or set this key. Do nothing if the key is
 * empty. */
void given_key_note(const struct core *, struct session *,
    struct span chan_fold, struct span key);

/* Return true if a session of the user has given or set the key of the
 * channel. */
bool given_key_has(const struct core *, const struct user *,
    const struct chan *, struct span key);

/* For a hand-over (core/handover.h): get the hashes of the session, the oldest
 * last or in any order, *i from 0; return false after the last. Put one. They
 * mean the same keys only to a core with the same key of hashes. */
bool given_key_next(const struct session *, unsigned *i, uint64_t *hash);
void given_key_put(struct session *, uint64_t hash);

/* Free the keys of a session that ends. */
void given_key_free(struct session *);

#endif
