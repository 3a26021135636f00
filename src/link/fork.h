/*
 * fork.h - two different entries of one number (link-protocol.md, 6.22).
 *
 * An entry is the same bytes on all servers, so a duplicate that differs is a
 * lie: a linked server has forged one of the two. Duplicates are compared line
 * by line with the entry in the log, and none of their bytes is kept.
 */
#ifndef LINK_FORK_H
#define LINK_FORK_H

#include "base/span.h"

struct entry;
struct link;
struct link_step;

/* A duplicate that is coming. */
struct fork_check {
	struct entry *same; /* owned; NULL: there is nothing to compare */
	size_t at;	    /* bytes that are equal so far */
	bool differs;
};

/* Begin to compare a duplicate whose ENTRY line has this head. */
void fork_begin(const struct link_step *, struct fork_check *,
    const struct entry *head);
/* Compare a line that came in two pieces, begin and end, without its CR LF. */
void fork_line(struct fork_check *, struct span begin, struct span end);
/* End when all lines were compared: if they differ, tell our operator, once for
 * each link. */
void fork_end(const struct link_step *, struct link *);
void fork_fini(struct fork_check *);

#endif
