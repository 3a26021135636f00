/*
 * source.h - who a line is from: the source before its verb, and a writer that
 * begins a line with it.
 */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include "core/sessions/line.h"

/* nick!user@host of what is shown, in the step's arena. */
struct span user_source(struct step *, const struct user *);
/* Borrowed until the end of the step; "*" of one that is not known. */
struct span server_name(const struct core *, struct sid);
/* Its description; of NULL, or without one, the name of the network. */
struct span server_about(const struct core *, const struct server *);
/* The user whose act it is; NULL if it is a server's, or he is gone. */
const struct user *by_find(const struct step *, const struct by *);
/* Source of an act: the user if shown, else the server it is at. */
struct span by_source(struct step *, const struct by *);

/* A writer in the step's arena for one body. */
void body_begin(struct step *, struct writer *, struct span source);

#endif
