/*
 * fork.h - two different entries of one number (link-protocol.md, 6.22 and
 * 6.23).
 *
 * An entry is the same bytes on all servers, so a duplicate that differs is a
 * lie: a linked server has forged one of the two. Duplicates are compared line
 * by line with the entry in the log. None of their bytes are kept while they
 * are equal.
 *
 * A server that notices a fork sends the other entry on towards its origin.
 * The origin makes new entries, after which all servers have equal facts
 * (core/restate.h).
 */
#ifndef LINK_FORK_H
#define LINK_FORK_H

#include "base/mtime.h"
#include "base/span.h"

struct entry;
struct link;
struct link_net;
struct link_step;

/* Greatest number of forks that wait, of bytes of theirs, and of forks that are
 * remembered. */
#define FORKS_MAX 64
#define FORKS_BYTES ((size_t)8 * 1024 * 1024)
#define FORKS_KNOWN 256

/* A duplicate that is coming. */
struct fork_check {
	struct entry *same; /* owned; NULL: there is nothing to compare */
	size_t at;	    /* bytes that are equal so far */
	bool differs;
	bool large; /* it is too large to be sent on */
	char *text; /* once it differs: all of it so far */
	size_t n, cap;
};

/* Two entries of one number, both owned. */
struct fork {
	struct entry *own; /* NULL: it is in the log when it is needed */
	struct entry *other;
};

/* Hashes of entries, a ring. */
struct fork_ring {
	uint64_t v[FORKS_KNOWN]; /* 0: none */
	size_t n;		 /* put there so far */
};

/* The forks that this server knows of. Those of this run wait to be mended;
 * others wait until their origin is reachable. */
struct forks {
	struct fork v[FORKS_MAX]; /* the oldest first */
	size_t n, bytes;
	bool keyed;
	unsigned char key[16]; /* of the hashes */
	struct fork_ring own;  /* noticed ones of this run */
	struct fork_ring sent; /* of other runs, since a link came up */
	struct mono at;	       /* mend no fork before */
};

/* Begin to compare a duplicate whose ENTRY line has this head. */
void fork_begin(const struct link_step *, struct fork_check *,
    const struct entry *head);
/* Compare a line that came in two pieces, begin and end, without its CR LF. */
void fork_line(struct fork_check *, struct span begin, struct span end);
/* End when all lines were compared. If they differ, tell our operator, once for
 * each link, and send on what came. */
void fork_end(const struct link_step *, struct link *);
/* Do the same with a duplicate whose lines were kept as that text. */
void fork_judge(const struct link_step *, struct link *,
    const struct entry *head, struct span text);
void fork_fini(struct fork_check *);

/* Keep a fork that waited in the node before this one (link/handover.h). own
 * may be NULL, as in struct fork. Return false if there is no room. */
bool fork_keep(struct link_net *, struct entry *own, struct entry *other);

/* Note that the next entry of this run, which came on the link, is to become a
 * fork: this server is about to make an entry of that number. Return false if
 * too many wait. */
bool fork_await(const struct link_step *, struct link *, struct entry *other);

/* Send the last entries that both sides have when the link comes up: entries
 * that were made while there was no link are compared by that. */
void fork_probe(const struct link_step *, struct link *);

/* Send on what waits for its origin. Let the core mend a fork, if one of this
 * run waits. Return true if it has made entries. */
bool fork_update(const struct link_step *);
/* Return when fork_update() is to be called, or MONO_NEVER. */
struct mono fork_deadline(const struct link_net *);
void forks_fini(struct link_net *);

#endif
