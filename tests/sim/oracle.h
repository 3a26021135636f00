/*
 * oracle.h - what must hold in a network of nodes, looked at from outside.
 *
 * After each step of a node (oracle_step):
 *	core_check and link_check pass if anything changed: they hold the
 *		numbered invariants of one server
 *	an entry is the same bytes everywhere
 *	invariant 4: no server has an entry without all that its maker had
 *	invariant 5: equal max(done, merged) means equal facts, whatever the
 *		path; with an equal overlay it means equal shown state, too
 *	a user removed by PART, KICK or QUIT is not among the facts
 *	every user that is shown may be shown (overlay.c)
 *	a home writes once per lost claim, and re-issues a membership once
 *	invariant 9: a command of a session is in one entry
 *
 * When a part of the network is quiet (oracle_rest): facts and shown state are
 * equal on all its servers, which show each other and nobody else. When all is
 * healed: they are what a second, naive merge makes of the set of all entries.
 *
 * What it finds wrong it says by net_fail.
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "core/core.h"
#include "lib/net.h"

enum reach {
#define REACH(ID, seeds, what) REACH_##ID,
#include "reach.def"
#undef REACH
	REACH_COUNT
};

struct oracle;

/* lossy: a mutation loses entries, so invariant 4 cannot hold. reached: counts
 * by enum reach, borrowed. */
struct oracle *oracle_new(struct net *, bool lossy, uint64_t *reached);
void oracle_free(struct oracle *);

/* A node has started, with nothing. */
void oracle_started(struct oracle *, unsigned node);
void oracle_step(struct oracle *, unsigned node, const struct event *);

/*
 * part: bits of running servers that are linked with each other and with
 * nobody else. Do they have the same, is nothing waiting?
 */
bool oracle_is_quiet(const struct net *, uint32_t part);
void oracle_rest(struct oracle *, uint32_t part);

/* Who is visible at a node, as a number that changes with it. */
uint64_t oracle_overlay(const struct core *);

/* Entries of all origins so far. */
size_t oracle_entries(const struct oracle *);

#endif
