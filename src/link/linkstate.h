/*
 * linkstate.h - the link state of this server, made and sent
 * (doc/link-protocol.md, part 5).
 */
#ifndef LINK_LINKSTATE_H
#define LINK_LINKSTATE_H

struct link;
struct link_step;

/* Our link state anew, with the edges there are and `with`, whose HELLO was
 * just accepted (NULL: none); sent to all edges but that one, which gets all
 * there is behind its HELLO. */
void linkstate_announce(const struct link_step *, const struct link *with);

#endif
