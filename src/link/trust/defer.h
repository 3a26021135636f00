/*
 * defer.h - entries that are not accepted yet (link-protocol.md, 6.16 to 6.19,
 * 6.21).
 *
 * A linked server can forge entries of any run, and with any stamp. An entry of
 * a run that is not believed, or with a stamp far ahead of the clock, is not
 * accepted. But another server may be a moment ahead of this one. So the link
 * waits with the entry, unread, until the entry can be accepted, or for as long
 * as an honest peer could need.
 */
#ifndef LINK_DEFER_H
#define LINK_DEFER_H

#include "base/mtime.h"
#include "core/types/entry.h"

struct link;
struct link_net;
struct link_step;

/* Greatest time that the stamp of an entry is ahead of our wall clock. A
 * network that is not lied to is never so far ahead (doc/decisions/0009). */
#define DEFER_AHEAD_MS (INT64_C(29) * 24 * 3600 * MS_PER_S)
/* No clock that is only a little ahead of ours explains more than this. */
#define DEFER_REFUSE_MS (INT64_C(30) * 24 * 3600 * MS_PER_S)

/* Greatest number of runs of one server in have. The neighbours of that server
 * accept one run less, so that no neighbour is refused by others for such a
 * run. */
#define DEFER_RUNS_MAX 512

enum defer {
	DEFER_NOT,     /* accept it */
	DEFER_WAITS,   /* the link holds the entry, and nothing more is read */
	DEFER_REFUSED, /* the link is refused */
};

/* Return true if a link is refused at once for a stamp so far ahead. */
bool defer_refuses_stamp(const struct link_step *, struct stamp);

/* Return true if the stamp of the entry makes it wait, or has it refused. */
bool defer_waits(const struct link_step *, const struct entry *);

/* Judge the next entry of its origin, which came on the link. If the result is
 * DEFER_WAITS, the link holds the entry and the reference has moved. */
enum defer defer_judge(const struct link_step *, struct link *, struct entry *);

/* Accept the entries that need not wait any more. Return true if there were
 * any. */
bool defer_update(const struct link_step *);

/* Refuse a link that has waited for too long, or that brought more lines while
 * it waited. */
void defer_refuse(const struct link_step *, struct link *);
/* Return when an entry may be accepted, or MONO_NEVER. */
struct mono defer_deadline(const struct link_step *);

/* Return true if the map names the run, or a newer one of its server. Believe
 * the peer of the link what it says of its own runs. */
bool defer_knows_run(const struct link_net *, const struct link *,
    struct origin);

/* Free the entry that the link waits with, if there is one. */
void defer_free(struct link *);

#endif
