/*
 * duplicate.h - which of two links between one pair of servers stays
 * (doc/link-protocol.md, part 4).
 */
#ifndef LINK_DUPLICATE_H
#define LINK_DUPLICATE_H

#include "core/types/ids.h"

struct link_step;

/* A link to peer came up: refuse all links to it but the newest, if ours is the
 * lesser sid. */
void duplicate_resolve(const struct link_step *, struct sid peer);

#endif
