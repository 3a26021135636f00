/*
 * names.h - what who joins is told of a channel: topic and members. Used by
 * JOIN (core/show/show_member.c), NAMES and TOPIC.
 */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H

#include "core/state.h"

/* 353 as often as needed, then 366; of a large channel in pieces. */
void reply_names(struct step *, struct session *, const struct chan *);
/* 332 and 333; the channel has a topic. */
void reply_topic(struct step *, struct session *, const struct chan *);

/*
 * The names of a large channel, kept as text per form (multi-prefix,
 * userhost-in-names) once somebody has asked, because many ask for the same.
 * Who changes what is shown of a member says so: names_add for one more at
 * the end, names_forget for anything else.
 */
struct names_cache;

void names_add(const struct member *);
void names_forget(struct chan *);

/* The register holds `setter SP text`: the text; empty of NULL. */
struct span topic_text(const struct rcbuf *);

/* Prefixes of a status set: all, or the highest. In the step's arena. */
struct span status_prefixes(struct step *, uint32_t status, bool all);

#endif
