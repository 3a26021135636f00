/*
 * figures.h - answers REQUEST_FIGURES: letters of STATS about what the node
 * does not know, such as ports and DNS (core/answers/figures.h).
 */
#ifndef DAEMON_FIGURES_H
#define DAEMON_FIGURES_H

#include "daemon/banyand.h"

/* Answer the request in the next turn of the loop: steps do not nest. The bytes
 * are those of request.def. */
void figures_ask(struct banyand *, uint64_t token, struct span bytes);

/* Free what waits, at the end of the server. */
void figures_fini(struct banyand *);

#endif
