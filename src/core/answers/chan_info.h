/*
 * chan_info.h - what a user who joins is told of a channel: topic and members.
 * JOIN (core/show/show_member.c), NAMES and TOPIC use it.
 */
#ifndef CORE_CHAN_INFO_H
#define CORE_CHAN_INFO_H

#include "core/state.h"

/* Send 353 as often as needed, then 366; for a large channel in pieces. */
void reply_names(struct step *, struct session *, const struct chan *);
/* Tell a user who has joined the topic, if there is one, and all names; give
 * both in pieces, if they are long or if the user has joined many channels. */
void reply_joined(struct step *, struct session *, const struct chan *);
/* Do the same for a channel that the client sees itself leave, and join by
 * another name. An answer to an earlier JOIN that has not begun will do. */
void reply_renamed(struct step *, struct session *, const struct chan *);
/* Send 332 and 333; the channel must have a topic. */
void reply_topic(struct step *, struct session *, const struct chan *);

/*
 * The names of a large channel are kept as text, one for each form
 * (multi-prefix, userhost-in-names), once somebody has asked, because many ask
 * for the same. Code that changes what is shown of a member calls
 * names_cache_add for a new member at the end, and names_cache_drop for any
 * other change.
 */
struct names_cache;

void names_cache_add(const struct step *, const struct member *);
void names_cache_drop(struct chan *);

/* Return the text of a topic register, which holds `setter SP text`; empty for
 * NULL. */
struct span topic_text(const struct rcbuf *);

/* Return the prefixes of a set of statuses, all or only the highest, in the
 * step's arena. */
struct span status_prefixes(struct step *, uint32_t status, bool all);

#endif
