/*
 * auth.h - which connections become links: those with the key of a configured
 * peer (link-protocol.md, part 2), up to a number.
 */
#ifndef LINK_AUTH_H
#define LINK_AUTH_H

struct link_step;

/* Handle EV_LINK_OPEN: make a link in LINK_HELLO and, if this server dialled,
 * send HELLO; or refuse the link. */
void auth_open(const struct link_step *);

#endif
