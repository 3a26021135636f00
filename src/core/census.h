/*
 * census.h - the users and channels that there are, one after the other, for
 * the operator at the control socket (node/control.h).
 */
#ifndef CORE_CENSUS_H
#define CORE_CENSUS_H

#include "base/arena.h"
#include "core/core.h"

struct census_user {
	struct span nick; /* empty: the user is not shown, and nothing is set */
	struct uid uid;
	struct span ident, host, address, server;
	struct span oper;  /* the block of an operator, or empty */
	struct span modes; /* "+iw" */
	size_t channels;
	bool away;
	struct span realname;
};

struct census_chan {
	struct span name; /* empty: the channel is not shown, and nothing is
			   * set */
	size_t users;
	struct span modes;  /* "+nst"; without values */
	int64_t founded_ms; /* 0: unknown */
	struct span topic;
};

struct census_ban {
	struct span kind, mask, by, reason, private, lifts;
	struct cinc id;
	int64_t expiry_ms; /* 0: never */
	uint64_t hits;	   /* of this server */
	bool own;	   /* of this server alone */
	bool in_force;
};

/*
 * Get the next ban whose id is not before *at, and set *at to the id behind it.
 * Texts are borrowed from the core, or are in the arena. Return false at the
 * end.
 */
bool census_next_ban(const struct core *, struct arena *, struct wall now,
    struct cinc *at, struct census_ban *);

/*
 * Get the next user, or channel, from *at on, which is 0 at first. The texts
 * are borrowed from the core, or are in the arena. Return false at the end.
 */
bool census_next_user(const struct core *, struct arena *, size_t *at,
    struct census_user *);
bool census_next_chan(const struct core *, struct arena *, size_t *at,
    struct census_chan *);

#endif
