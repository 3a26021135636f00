/*
 * ban_order.h - what an operator says to set a ban, or to remove bans: read,
 * checked and made into a part. The commands of clients (core/cmd/ban.c) and
 * the control socket (node/control.h) use it.
 *
 *	[duration] mask [kinds] [ON server] reason
 *	mask [duration] [kinds] [ON server] :reason
 *	mask [ON server]
 *
 * A mask may be a nick, which stands for the host or address of that user; but
 * to remove a ban of an address takes the address. A
 * `!` before it says that the mask may hit many. The mask of a jupe is the name
 * or the sid of a server; a `!` before it says that servers may be cut off that
 * have no other way to this one. The kinds are those that an exception lifts.
 * ON with the name of this server means this server alone.
 */
#ifndef CORE_BAN_ORDER_H
#define CORE_BAN_ORDER_H

#include "core/banned.h"

struct ban_order {
	enum ban_kind kind;
	uint64_t seconds; /* 0: for good */
	bool own;	  /* of this server alone */
	bool sure; /* the mask may hit many; a jupe may cut servers off */
	struct span mask, lifts;
	/* the user whose nick stood in the place of the mask; NULL: nobody's */
	const struct user *named;
	size_t reason; /* the number of the word with which the reason begins */
};

#define BANS_FULL "there are as many bans as bans.max allows"

struct ban_refusal {
	const char *code; /* of FAIL; NULL: words are missing */
	const char *text;
};

/*
 * Read the words that set a ban, or remove bans. RESV_NICK stands for
 * RESV_CHANNEL, too. If the reason is the last word (is_split is false), two
 * words behind the mask of an exception are kinds and a reason. Return false
 * and set the refusal if the words are wrong. The mask lives to the end of the
 * step.
 */
bool ban_order_read(struct step *, const struct words *, enum ban_kind,
    bool is_split, struct ban_order *, struct ban_refusal *);
bool ban_order_read_removal(struct step *, const struct words *, enum ban_kind,
    struct ban_order *, struct ban_refusal *);

/* Return true if a ban of that kind and mask exists already: a ban of this
 * server alone or of the network, as the order says. */
bool ban_order_exists(const struct step *, const struct ban_order *);

/* Return true if the mask is the hidden address of the user whose nick stood in
 * its place. */
bool ban_order_hides(const struct ban_order *);

/* Return how many other servers a jupe would cut off from this one although the
 * order does not say that it may; or 0. */
unsigned ban_order_cuts(const struct step *, const struct ban_order *);

/* Return true if there are as many bans as the option bans.max allows. */
bool ban_order_is_full(const struct step *);

/*
 * Set the ban. A ban of this server alone is set at once. A ban of the network
 * becomes a part of an entry with that stamp; return true then. by is who sets
 * it; the reason has a `|` before what only operators may read.
 */
bool ban_order_set(struct step *, const struct ban_order *, struct span by,
    struct span reason, struct stamp, struct part *);

/*
 * Remove the bans of that mask: those of this server alone at once, and without
 * ON those of the network by a part of an entry. Return how many elements go.
 * If the part is made, its id is PART_UNKNOWN, else PART_USER.
 */
size_t ban_order_remove(struct step *, const struct ban_order *, struct span by,
    struct part *);

/* Do what the operator at the control socket says: set a ban, or remove bans.
 * Write the lines of the log. Return NULL, or why it was not done. */
const char *ban_order_do(struct step *, struct span kind, struct span text);
const char *ban_order_undo(struct step *, struct span kind, struct span text);

#endif
