/*
 * jupe.h - keeps juped servers off the network (doc/decisions/0048,
 * link-protocol.md, 11.43).
 *
 *	             a jupe comes            2 s later, if no other
 *	free, linked ------------> juped, linked ------------> juped, down
 *	     ^                          |  server is lost            |
 *	     '--------------------------+----------------------------'
 *	             the jupe is over or removed
 *
 * A juped peer is neither dialled nor accepted, unless it was the only way to
 * others when its last link broke. Each server does this for its own links, and
 * nobody ends links of others.
 */
#ifndef LINK_JUPE_H
#define LINK_JUPE_H

#include <stdbool.h>

struct link_net;
struct link_step;
struct peer;

/* Look at all peers, once a second: note which ones are juped, and close the
 * links of those that can go. */
void jupe_update(const struct link_step *);

/* Return true if any peer is juped: then jupe_update() must be called again,
 * also without links. */
bool jupe_is_any(const struct link_net *);

/* Return true if a link with the peer may be made: it is not juped, or it waits
 * and no other way leads to it. */
bool jupe_may_link(const struct link_net *, const struct peer *);

/* Return why no link with the peer may be made, as text in the arena; or NULL
 * if one may be made. */
const char *jupe_forbids(const struct link_step *, struct peer *);

/* Return the same for a link that the peer has begun, and count it as a hit of
 * the jupe. */
const char *jupe_refuses(const struct link_step *, struct peer *);

#endif
