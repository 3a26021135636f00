/*
 * junk.h - servers of the map that never did anything.
 *
 * A link state is believed before its server has made an entry. So a linked
 * server can fill the map with servers that do not exist. A server that cannot
 * be reached, and of which no entry and no READY is here, is left out of the
 * map after a while, or when another server needs its place (link-protocol.md,
 * 5.11).
 */
#ifndef LINK_JUNK_H
#define LINK_JUNK_H

struct link;
struct link_net;
struct link_step;
struct lsa;

/* If the map is full, and the link state, which came on this link, shows that
 * an unknown server is on the network, take a server that never did anything
 * out of the map. */
void junk_make_room(struct link_net *, const struct link *, const struct lsa *);

/* Take each server out of the map that never did anything and could not be
 * reached for JUNK_MS. */
void junk_expire(const struct link_step *);

#endif
