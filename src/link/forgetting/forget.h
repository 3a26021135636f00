/*
 * forget.h - what a FORGET means for links (link-protocol.md, 11.9 to 11.18;
 * decisions/0008). When a FORGET is made is in retire.h.
 *
 * A run that is forgotten counts as complete: nothing of it will come any more.
 * This server takes it out of its vectors and its log, and passes over what
 * others still say of it. Without that, vectors would grow with each start of
 * each server, for ever.
 *
 * This is right as long as no server has more of the run than the FORGET says.
 * A peer that has more, or whose own run is forgotten, is refused with
 * `forgotten`, and must be started again. So the users of a server are never
 * made void while it is linked.
 */
#ifndef LINK_FORGET_H
#define LINK_FORGET_H

#include "core/types/entry.h"
#include "core/types/vector.h"
#include "link/link.h"

struct link_net;

/* Return true if the run is forgotten. */
bool forget_is(const struct link_net *, struct origin);

/* Take the forgotten runs out of the vector. */
void forget_strip(const struct link_net *, struct vector *);

/* Return true if this server has all of x, forgotten runs left aside. */
bool forget_covers(const struct link_net *, const struct vector *x);

/* Return true if the facts of this server cover all of x, forgotten runs left
 * aside. */
bool forget_is_processed(const struct link_net *, const struct vector *x);

/* Return true if the peer lacks a FORGET and has less of its runs than the
 * FORGET says. The log cannot give it the rest, so it needs a snapshot (11.14
 * of link-protocol.md). */
bool forget_lacks(const struct link_net *, const struct link *);

/* Return true, and refuse the link, if the peer shows more of a forgotten run
 * than its FORGET says: by the entry (o, n), or by any word of a vector. */
bool forget_judge(const struct link_step *, struct link *, struct origin o,
    uint64_t n);
bool forget_judge_all(const struct link_step *, struct link *,
    const struct vector *);

/*
 * Return true if this server knows the sid of the FORGET, but no run of it that
 * is as new as the one that is forgotten. Such a FORGET would keep out runs
 * that are still to come (link-protocol.md, 11.23). A server that knows nothing
 * of the sid believes the FORGET.
 */
bool forget_is_of_the_future(const struct link_net *,
    const struct part_forget *);
#define FORGET_UNKNOWN_RUN "a FORGET names a run that is not known here"

/* Return NULL, or why this FORGET does not fit (link-protocol.md, 11.15). */
const char *forget_check(const struct link_net *, const struct part_forget *);
/* Return true, and refuse the link, if a FORGET in an entry that is not here
 * yet does not fit, or has come too early (link-protocol.md, 11.16). */
bool forget_judge_entry(const struct link_step *, struct link *,
    const struct entry *);
/* Refuse the link with `forgotten` for that reason, and tell our operator. */
void forget_refuse(const struct link_step *, struct link *, const char *why);

/* Take out the runs that are forgotten since the last call. */
void forget_sweep(const struct link_step *);

#endif
