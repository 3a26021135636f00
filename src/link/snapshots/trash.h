/*
 * trash.h - memory of snapshots that is given back in pieces.
 *
 * A snapshot that was sent, or lost, has as many buffers and entries as the
 * network is large. Each step frees some of them.
 */
#ifndef LINK_TRASH_H
#define LINK_TRASH_H

#include <stdbool.h>
#include <stddef.h>

#define TRASH_STEP 1024 /* objects that a step frees */

struct entry;
struct link_net;
struct rcbuf;
struct trash; /* an array that was dropped */

/* Free the array, and give up its references, in the steps to come. The array
 * moves to the trash. */
void trash_entries(struct link_net *, struct entry **, size_t n);
void trash_bufs(struct link_net *, struct rcbuf **, size_t n);

/* Free some objects. */
void trash_run(struct link_net *);
/* Return true if there is more to free: ask for the next step at once. */
bool trash_is_left(const struct link_net *);
void trash_fini(struct link_net *);

#endif
