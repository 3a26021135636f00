/*
 * forget.h - what FORGET means to links (doc/link-protocol.md, part 11;
 * decisions/0008).
 *
 * Of a run that is forgotten nothing comes any more: everybody counts as
 * having all of it. It is in no vector and no log of this server; what others
 * still say of it is passed over. Only so do vectors not grow with each start
 * of a server for ever.
 *
 * That is right as long as nobody had more of it than FORGET says there was.
 * Who has more, or who is alive and forgotten, is refused with `forgotten`: it
 * must be started anew. Nobody's users are made void while they are connected.
 *
 * When a FORGET is made is in retire.h.
 */
#ifndef LINK_FORGET_H
#define LINK_FORGET_H

#include "core/types/entry.h"
#include "core/types/vector.h"
#include "link/link.h"

struct link_net;

bool forget_is(const struct link_net *, struct origin);

/* Without the runs that are forgotten. */
void forget_strip(const struct link_net *, struct vector *);

/* Is x <= have, but for them? */
bool forget_covers(const struct link_net *, const struct vector *x);

/* Does the peer know less of one than there was, and not that it is
 * forgotten? The log cannot mend that: it needs a snapshot. */
bool forget_lacks(const struct link_net *, const struct link *);

/* The peer has more of one than there was: then refused, and true. Of an
 * entry (o, n), or of all words of its vector. */
bool forget_judge(const struct link_step *, struct link *, struct origin o,
    uint64_t n);
bool forget_judge_all(const struct link_step *, struct link *,
    const struct vector *);

/* NULL, or why this FORGET does not fit what is here. */
const char *forget_check(const struct link_net *, const struct part_forget *);
/* An entry that is not here yet: does one in it not fit, or come before entries
 * that it forgets? Then refused, and true. */
bool forget_judge_entry(const struct link_step *, struct link *,
    const struct entry *);
/* Refuses the link for that reason, and tells our operator. */
void forget_refuse(const struct link_step *, struct link *, const char *why);

/* After facts changed: takes out what is forgotten now. */
void forget_sweep(const struct link_step *);

#endif
