/*
 * linkstate.h - the link state of this server, made and sent
 * (doc/link-protocol.md, part 5).
 */
#ifndef LINK_LINKSTATE_H
#define LINK_LINKSTATE_H

#include <stdint.h>

#include "base/writer.h"
#include "core/types/ids.h"

struct link;
struct link_net;
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

/*
 * Make a new link state if the stamp of an entry that this run sends as its own
 * is ahead of what its peers have been told. Their clocks follow the link state
 * (link-protocol.md, 1.4), so none of them refuses the entry. The clock of this
 * server has seen the stamp.
 */
void linkstate_tell_hlc(const struct link_step *, struct stamp);

/* Write the last link state of this server, which is stopped, as a line with
 * its end (link-protocol.md, 5.13). */
void linkstate_farewell(const struct link_net *, struct writer *);

#endif
