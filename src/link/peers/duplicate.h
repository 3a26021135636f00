/*
 * duplicate.h - which of two links between one pair of servers stays
 * (link-protocol.md, 4.8).
 */
#ifndef LINK_DUPLICATE_H
#define LINK_DUPLICATE_H

#include "core/types/ids.h"

struct link_step;

/* Refuse all links to the peer that are up, except the newest, if this server
 * has the lesser sid. Call this when a link to the peer has come up. */
void duplicate_resolve(const struct link_step *, struct sid peer);

#endif
