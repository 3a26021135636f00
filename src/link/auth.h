/*
 * auth.h - which connections become links: whose key it is, and how many there
 * may be.
 */
#ifndef LINK_AUTH_H
#define LINK_AUTH_H

struct link_step;

/* EV_LINK_OPEN: a link in LINK_HELLO, with our HELLO sent if we dialled; or
 * refused, and DEAD. */
void auth_open(const struct link_step *);

#endif
