/*
 * inbox.h - the bytes of one link that have come, put in their order, and cut
 * into lines.
 *
 *	taken ........ next ...... pieces that came too early
 *	      in order
 *
 * For each run of bytes the inbox knows which other members were sent them in
 * the same datagram. An inbox owns its memory: no more than INBOX_MAX bytes
 * behind what was taken, and INBOX_PIECES pieces.
 */
#ifndef BROKER_INBOX_H
#define BROKER_INBOX_H

#include "base/span.h"
#include "broker/bus.h"
#include "wire/frame.h"

#define INBOX_MAX ((size_t)256 * 1024)
#define INBOX_PIECES 256
#define INBOX_RUNS 256

/* A set of members, by their slots. */
struct slots {
	uint64_t bits[(BUS_MEMBERS + 63) / 64];
};

void slots_add(struct slots *, unsigned slot);
bool slots_has(const struct slots *, unsigned slot);
bool slots_eq(const struct slots *, const struct slots *);

struct inbox_piece {
	uint64_t at;
	size_t n;
	char *p;
	struct slots also;
};

struct inbox_run {
	uint64_t end; /* the place behind it; it begins where the last ends */
	struct slots also;
};

struct inbox {
	uint64_t taken, next;
	char *p; /* from begin on */
	size_t begin, n, cap;
	struct inbox_piece *piece; /* by their places */
	size_t npiece, cappiece;
	struct inbox_run *run;
	size_t nrun, caprun;
	struct frame frame;
};

void inbox_init(struct inbox *);
void inbox_fini(struct inbox *);

/* Take bytes that belong to a place. Bytes that are here are passed over, and
 * bytes for which there is no room are dropped: they will come again. */
void inbox_add(struct inbox *, uint64_t at, struct span bytes,
    const struct slots *also);

/* Return the next line, in *line, as frame_next() does. *also becomes the
 * members that all of its bytes were sent to. */
enum frame_result inbox_line(struct inbox *, struct span *line,
    struct slots *also);

/* Return how many bytes are missing before the first piece that came too
 * early, or 0 if there is no such piece. */
uint64_t inbox_missing(const struct inbox *);
/* Return how many more bytes may come. */
uint64_t inbox_room(const struct inbox *);

#endif
