/*
 * traffic.h - the answer to STATS l, which only the links of a server have
 * (link-protocol.md, 10.13).
 */
#ifndef LINK_TRAFFIC_H
#define LINK_TRAFFIC_H

#include <stdbool.h>

struct link_step;
struct question;

/* Answer the question if it is STATS l or L. Return false if it is another. */
bool traffic_asked(const struct link_step *, const struct question *);

#endif
