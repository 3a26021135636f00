/*
 * source.h - who a line is from: the source before its verb, and a writer that
 * begins a line with it.
 */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include "core/sessions/line.h"

/* Return nick!user@host as shown, in the step's arena. */
struct span user_source(struct step *, const struct user *);
/* Return the tags of these modes of a user, of those with a mark. */
struct span mark_tags(struct step *, uint64_t modes);
/* Return the tags that mark a user, such as that of a bot, in the step's arena;
 * mostly none. They are on all lines that are from the user. NULL has none. */
struct span user_tags(struct step *, const struct user *);
/* Return the address of a user as a word, in the step's arena: "::1" is "0::1",
 * as in a host. */
struct span user_address(struct step *, const struct user *);
/* Return the name of a server, borrowed until the end of the step, or "*" if it
 * is not known. */
struct span server_name(const struct core *, struct sid);
/* Return the description of a server, or the name of the network if it is NULL
 * or has no description. */
struct span server_about(const struct core *, const struct server *);
/* Return the user whose act it is, or NULL if a server did it or the user has
 * gone. */
const struct user *by_find(const struct step *, const struct by *);
/* Return the tags of a line with by_source(). */
struct span by_tags(struct step *, const struct by *);
/* Return the source of an act: the user if shown, else the user's server. */
struct span by_source(struct step *, const struct by *);

/* Begin a body, in the step's arena. */
void body_begin(struct step *, struct writer *, struct span source);

#endif
