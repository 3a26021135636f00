/*
 * forged.h - entries of this run that another server has made
 * (link-protocol.md, 6.20).
 */
#ifndef LINK_FORGED_H
#define LINK_FORGED_H

#include "core/types/ids.h"
#include "core/types/vector.h"

struct entry;
struct link;
struct link_net;
struct link_step;

/* Return true if o is this run, and this server has not made its entry n. */
bool forged_is(const struct link_net *, struct origin o, uint64_t n);
/* Return true if the vector has more of this run than this server. */
bool forged_in_vector(const struct link_net *, const struct vector *);
/*
 * Judge the next entry of this run, which came on the link and was made by
 * another server. Return true if this server can make the entry its own. If its
 * stamp is too early, make another entry of that number, and mend the fork. If
 * that is not possible either, refuse the link.
 */
bool forged_adopts(const struct link_step *, struct link *, struct entry *);
/*
 * Refuse the link, because entries of this run that others have cannot be made
 * our own. Then do as forged_renew().
 */
void forged_give_up(const struct link_step *, struct link *);
/* Ask for a new run if no link stands and this run is at least 10 minutes old.
 */
void forged_renew(const struct link_step *);

#endif
