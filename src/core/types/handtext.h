/*
 * handtext.h - the lines by which a server says all that it knows to the
 * program that goes on with it (doc/decisions/0063): written and read.
 *
 *	VERB word word … [:text]
 *
 * Words have one space between them. A word that is empty is written as `*`,
 * and a word that could be taken for that, or for a text, has a backslash
 * before it.
 * Times of the monotonic and the awake clock are written as the nanoseconds
 * since then, and bytes in hex. A text may be anything without a line feed.
 */
#ifndef CORE_HANDTEXT_H
#define CORE_HANDTEXT_H

#include "base/arena.h"
#include "base/mtime.h"
#include "base/span.h"
#include "base/writer.h"
#include "core/types/ids.h"

#define HANDTEXT_LINE_MAX ((size_t)32 * 1024) /* bytes of a line, no LF */

/* Where the lines go. */
struct handtext {
	void (*line)(void *ctx, struct span line); /* without LF */
	void *ctx;
	struct writer w; /* of the line that is being written */
	char buf[HANDTEXT_LINE_MAX];
};

/* Begin a line, append words and at most one text, and give it away. */
void handtext_begin(struct handtext *, const char *verb);
void handtext_word(struct handtext *, struct span);
void handtext_u64(struct handtext *, uint64_t);
void handtext_i64(struct handtext *, int64_t);
void handtext_ago(struct handtext *, struct mono then, struct mono now);
void handtext_hex(struct handtext *, struct span bytes);
void handtext_origin(struct handtext *, struct origin);
void handtext_text(struct handtext *, struct span);
/* Invariant: the line is not too long. */
void handtext_end(struct handtext *);

/* How many lines there are, and a hash of them; all zero at first. It finds a
 * text that was damaged, and is no proof of who wrote it. */
struct handsum {
	uint64_t lines, hash;
};
void handsum_add(struct handsum *, struct span line);

/*
 * Take the next word off *rest. Return false if there is none, or if it has
 * another form; *rest is of no use then.
 */
bool hand_word(struct span *rest, struct span *word);
bool hand_u64(struct span *rest, uint64_t *n);
bool hand_u32(struct span *rest, uint32_t *n);
bool hand_i64(struct span *rest, int64_t *n);
bool hand_ago(struct span *rest, struct mono now, struct mono *then);
bool hand_stamp(struct span *rest, struct stamp *);
bool hand_sid(struct span *rest, struct sid *);
bool hand_sid_or_none(struct span *rest, struct sid *);
bool hand_origin(struct span *rest, struct origin *);
/* Take a word of exactly n bytes in hex. */
bool hand_bytes(struct span *rest, void *to, size_t n);
/* Take the text, which is the rest of the line. */
bool hand_text(struct span *rest, struct span *text);
/* Return true if nothing is left. */
bool hand_done(struct span rest);

#endif
