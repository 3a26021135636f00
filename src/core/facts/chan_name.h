/*
 * chan_name.h - the names of a channel (doc/decisions/0055).
 *
 * Parts of entries name a channel by its fact name, under which it was founded:
 * facts_find_chan() finds it by that, and chan_name_fact() is what a command
 * writes into a part. Clients know a channel by the name that they are shown,
 * chan->name: chan_name_find() finds it by what a client types, and all lines
 * to clients have that name.
 */
#ifndef CORE_CHAN_NAME_H
#define CORE_CHAN_NAME_H

#include "core/facts/cname.h"

/* Return the channel that clients mean by the name, or NULL. It may be one that
 * is not shown. */
struct chan *chan_name_find(const struct facts *, struct span name);

/* Return that channel, or else the one that has that fact name and is shown
 * under another name, or NULL. So a name that was written down before the
 * channel got another one still leads to it. */
struct chan *chan_name_lead(const struct facts *, struct span name);

/* The channel that a name leads to if somebody is to join it. */
struct chan_goal {
	struct span name;      /* as it was typed */
	const struct chan *ch; /* NULL: there is nothing of that name yet */
	bool is_other;	       /* ch is shown under another name */
	/* hidden members of ch know it by that name; or NULL */
	const struct cname *given;
};

struct chan_goal chan_name_goal(const struct facts *, struct span name);
/* Return the fact name under which an incarnation is founded there. */
struct span chan_goal_fact(const struct chan_goal *);

/* Return true if another channel than this one has the name, or may be shown
 * under it after a heal. */
bool chan_name_is_taken(const struct facts *, const struct chan *,
    struct span name);

/* Return the name for parts of entries, as spelled by the founding that is
 * shown. It is borrowed until the end of the step. */
struct span chan_name_fact(const struct chan *);

#endif
