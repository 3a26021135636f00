/*
 * linkstate.h - the link state of this server, made and sent
 * (doc/link-protocol.md, part 5).
 */
#ifndef LINK_LINKSTATE_H
#define LINK_LINKSTATE_H

#include <stdint.h>

struct link;
struct link_step;

/*
 * Make our link state anew and send it on all links that are edges. A link
 * whose HELLO was just accepted may be given as `with`, else NULL. It counts as
 * an edge, and nothing is sent on it: it gets all link states behind its HELLO.
 */
void linkstate_announce(const struct link_step *, const struct link *with);

/* Make a later link state than that one, which came on this link in our name,
 * and tell our operator once. */
void linkstate_outdo(const struct link_step *, struct link *, uint64_t lseq);

#endif
