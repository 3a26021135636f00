/*
 * traffic.h - the answers to STATS l and v, which only the links of a server
 * have (link-protocol.md, 10.13).
 */
#ifndef LINK_TRAFFIC_H
#define LINK_TRAFFIC_H

#include <stdbool.h>

struct link_step;
struct question;

/* Answer the question if it is STATS l, L or v. Return false if it is another
 * one. */
bool traffic_asked(const struct link_step *, const struct question *);

#endif
