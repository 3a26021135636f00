/*
 * admit.h - which connections become links: whose key it is, how many there
 * may be, and which of two between one pair of servers stays.
 */
#ifndef LINK_ADMIT_H
#define LINK_ADMIT_H

#include "core/types/ids.h"

struct link_step;

/* EV_LINK_OPEN: a link in LINK_HELLO, with our HELLO sent if we dialled; or
 * refused, and DEAD. */
void admit_open(const struct link_step *);

/* A link to peer came up: are there two? All but one are refused. */
void admit_duplicates(const struct link_step *, struct sid peer);

#endif
