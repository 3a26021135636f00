/*
 * doubt.h - link states that are not believed yet (link-protocol.md, 5.8).
 *
 * A linked server can say anything of any other server. So a link state that
 * contradicts what is seen of a server is held on the link that brought it,
 * until nothing contradicts it any more. It goes with that link.
 */
#ifndef LINK_DOUBT_H
#define LINK_DOUBT_H

#include "link/state.h"

#define DOUBT_MAX 16 /* of one link, of servers that the map has */

/* Return true if no run with a right clock has that inc, which is a time in
 * seconds (5.9). A greater one than that would leave few for later runs. */
bool doubt_inc_is_ahead(const struct link_step *, uint64_t inc);
/* Return true if no honest run can have made that many link states (5.9). */
bool doubt_lseq_is_ahead(const struct link_step *, uint64_t lseq);

/* Return true if the link state came on this link and is not believed yet. */
bool doubt_is(const struct link_step *, const struct link *,
    const struct lsa *);

/* Hold the link state, whose contents move, and tell its server of it if that
 * run is linked here (5.10). Return false if the link holds too many; then it
 * stays the caller's. */
bool doubt_put(const struct link_step *, struct link *, struct lsa *);

/* Take the link states that nothing contradicts any more, and drop those that
 * are not the newest any more. Return true if the map has changed. */
bool doubt_update(const struct link_step *);

void doubt_free(struct link *);

#endif
