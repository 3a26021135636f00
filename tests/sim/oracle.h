/*
 * oracle.h - checks of what must hold in a network of nodes, seen from outside.
 *
 * After each step of a node (oracle_step):
 *	core_check and link_check pass if anything changed: they hold the
 *		numbered invariants of one server
 *	the changes of the shown state that the node gave to its sinks say
 *		what it shows (lib/recorder.h)
 *	an entry is the same bytes everywhere
 *	invariant 4: no server has an entry without all that its maker had
 *	invariant 5: equal max(done, merged) means equal facts, whatever the
 *		path; with an equal overlay it means equal shown state, too
 *	a user removed by PART, KICK or QUIT is not among the facts
 *	every user that is shown may be shown (overlay.c)
 *	the clock of a server rises by 1 for each entry it makes, or to a stamp
 *		that came, and for no other reason (clock.c)
 *	a home writes once per lost claim, and re-issues a membership once
 *	clients cannot make a server found one name more often than runs and
 *	splits of the network account for (foundings.c)
 *	invariant 9: a command of a session is in one entry
 *	a turn processes no more entries than it has units for
 *	what a step costs is bounded by the size of the network (cost.c)
 *
 * When a part of the network is quiet (oracle_rest), facts and shown state are
 * equal on all its servers, these show each other and no other server, and each
 * kind of fact is bounded by its owners (cost.c). When the whole network is
 * healed, they are the result of a second, naive merge of all entries.
 *
 * The oracle reports an error by net_fail.
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "core/core.h"
#include "lib/net.h"

enum reach {
#define REACH(ID, seeds, what, plan, acts) REACH_##ID,
#include "reach.def"
#undef REACH
	REACH_COUNT
};

struct oracle;

/*
 * Make the oracle of a net. lossy means that a mutation loses entries, so that
 * invariant 4 cannot hold. reached, which still belongs to the caller, has a
 * count for each enum reach. The caller frees the oracle with oracle_free.
 */
struct oracle *oracle_new(struct net *, bool lossy, uint64_t *reached);
void oracle_free(struct oracle *);
/* Compare states only seldom, as the network is large. */
void oracle_seldom(struct oracle *);

/* Note that a node has started, with nothing. */
void oracle_started(struct oracle *, unsigned node);
/* Note that a new node is about to go on with what the node knew, as the same
 * run; and that it has taken it over. */
void oracle_goes_on(struct oracle *, unsigned node);
void oracle_went_on(struct oracle *, unsigned node);
void oracle_step(struct oracle *, unsigned node, const struct event *);

/*
 * Return true if nothing waits and all have the same. part has a bit for each
 * of the running servers, which are linked with each other and with no other
 * server.
 */
bool oracle_is_quiet(const struct net *, uint32_t part);
/* Return true if the server will soon remove a permanent founding of its own
 * (link-protocol.md, 9.21). */
bool oracle_cleans(const struct net *, unsigned node);
void oracle_rest(struct oracle *, uint32_t part);

/*
 * Return a number that changes if another set of origins is visible at a node.
 */
uint64_t oracle_overlay(const struct core *);

/* Return the number of the last command of a user whose entry came before what
 * the node does next. */
uint64_t oracle_last_command(const struct oracle *, unsigned node, struct uid);

/* Note that a node has ended a link, or seen it end, because people want a
 * server off the network. */
void oracle_cut_off(struct oracle *, unsigned node);
/* Note that people stop a node. */
void oracle_stopped(struct oracle *, unsigned node);

/* Return how many entries all origins made so far. */
size_t oracle_entries(const struct oracle *);

/* Begin a network. If on, each entry has the same facts again by verbs that no
 * server knows (later.c). */
void later_begin(bool on);
bool later_is_on(void);

/* Let the older servers of the network name no runs of users. */
void later_older(const struct net *);

#endif
